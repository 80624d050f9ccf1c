package marketplacetest

import (
	"net/http"
	"strconv"
	"strings"

	"demarc/internal/marketplace"
)

// Act is what a provider does with one call: what it opens, and what it answers. The
// zero Act is what a provider should do.
type Act struct {
	opens  opens
	answer func(*exchange) // nil: 201 with the account's id
}

type opens int

const (
	opensNone opens = iota
	opensOne        // unless the key has one
	opensAnother
)

func (a Act) do(x *exchange) {
	if a.answer == nil && a.opens == opensNone {
		a.opens = opensOne
	}
	if a.opens != opensNone {
		x.open(a.opens == opensAnother)
	}
	if a.answer == nil {
		x.say(http.StatusCreated, "coid", x.coid)
		return
	}
	a.answer(x)
}

// AfterOpening makes an act that opens nothing open the account before it goes wrong.
func (a Act) AfterOpening() Act {
	a.opens = max(a.opens, opensOne)
	return a
}

// Opens opens an account, unless the key has one, and answers 201 with its coid.
func Opens() Act { return Act{opens: opensOne} }

// Lies opens another account although the key has one, and answers 201 with the
// other coid.
func Lies() Act { return Act{opens: opensAnother} }

// Gives opens nothing, and answers 201 with a coid that may be another account's.
func Gives(coid string) Act {
	return Act{answer: func(x *exchange) { x.say(http.StatusCreated, "coid", coid) }}
}

// Keeps opens an account and answers 201 without its coid.
func Keeps() Act { return Answers(http.StatusCreated, "{}").AfterOpening() }

// Answers opens nothing, and answers this.
func Answers(status int, body string) Act {
	return Act{answer: func(x *exchange) { x.write(status, body) }}
}

// Refuses answers 400 with a message.
func Refuses(message string) Act {
	return Act{answer: func(x *exchange) { x.say(http.StatusBadRequest, "message", message) }}
}

// Repeats answers 400 with a message that repeats all that it was sent.
func Repeats() Act {
	return Act{answer: func(x *exchange) {
		said := make([]string, 0, len(x.fields))
		for name, text := range x.fields {
			said = append(said, name+" "+text)
		}
		x.say(http.StatusBadRequest, "message", "Cannot use "+strings.Join(said, ", ")+" of "+x.call.Key)
	}}
}

// Fails answers a status with a message that says nothing.
func Fails(status int) Act {
	return Act{answer: func(x *exchange) { x.say(status, "message", http.StatusText(status)) }}
}

// Throttles answers 429 with a Retry-After of so many seconds.
func Throttles(seconds int) Act {
	return Act{answer: func(x *exchange) {
		x.w.Header().Set("Retry-After", strconv.Itoa(seconds))
		x.say(http.StatusTooManyRequests, "message", "Too many.")
	}}
}

// Redirects answers 307.
func Redirects(to string) Act {
	return Act{answer: func(x *exchange) { http.Redirect(x.w, x.r, to, http.StatusTemporaryRedirect) }}
}

// Hangs answers nothing until its caller has gone, or the provider is told to Release
// its calls: then it opens the account and answers, late.
func Hangs() Act {
	return Act{answer: func(x *exchange) {
		select {
		case <-x.release:
			Opens().do(x)
		case <-x.r.Context().Done():
			panic(http.ErrAbortHandler)
		case <-x.p.ended:
			panic(http.ErrAbortHandler)
		}
	}}
}

// Cuts ends the connection without an answer. On a connection that has carried a call
// before, net/http then asks again by itself, which the Idempotency-Key allows it.
func Cuts() Act { return Act{answer: func(*exchange) { panic(http.ErrAbortHandler) }} }

// Halves opens an account and answers 201, and the connection ends in the middle of
// the coid.
func Halves() Act {
	return Act{opens: opensOne, answer: func(x *exchange) {
		x.w.Header().Set("Content-Length", "1000")
		x.write(http.StatusCreated, `{"coid":"`+x.coid[:len(x.coid)-1])
	}}
}

// Breaks opens an account and answers 201 with JSON that is none.
func Breaks() Act {
	return Act{opens: opensOne, answer: func(x *exchange) { x.write(http.StatusCreated, `{"coid":"`+x.coid+`"`) }}
}

// Floods opens an account and answers 201 with its coid behind four megabytes.
func Floods() Act {
	return Act{opens: opensOne, answer: func(x *exchange) {
		x.write(http.StatusCreated, `{"filler":"`+strings.Repeat("x", 4<<20)+`","coid":"`+x.coid+`"}`)
	}}
}

// Word makes a provider do what a magic word makes the embedded one do; for Choose.
func Word(word string) func(Call) Act {
	return func(c Call) Act {
		switch word {
		case marketplace.WordRefuses:
			return Refuses("There is no account for you.")
		case marketplace.WordNoCOID:
			return Keeps()
		case marketplace.WordFails:
			return Fails(http.StatusInternalServerError)
		case marketplace.WordFailsOnce:
			if c.Attempt == 1 {
				return Fails(http.StatusInternalServerError)
			}
		case marketplace.WordSilent:
			return Hangs()
		}
		return Opens()
	}
}
