package identity

import (
	"strings"
	"unicode/utf8"

	"demarc/internal/fault"
)

// The rules about a password are few and can be told; there is no list of passwords
// that were found elsewhere, since none is asked and none is kept.
const (
	ruleLength = "IDN-PWD-01"
	ruleVaried = "IDN-PWD-02"
	ruleRun    = "IDN-PWD-03"
	ruleNames  = "IDN-PWD-04"
	ruleChange = "IDN-PWD-05"
)

const (
	passwordLeast  = 12
	passwordMost   = 128
	passwordVaried = 6
	nameLeast      = 4 // a shorter name is in many passwords by chance
)

// checkPassword answers every rule that a new password of this person would break. What
// it says never holds the password.
func checkPassword(wrong *fault.List, field, password, email, org string) {
	length := utf8.RuneCountInString(password)
	if length < passwordLeast || length > passwordMost {
		wrong.Addf(ruleLength, field, "must have %d to %d characters; four or five words of your own make a good one", passwordLeast, passwordMost)
		if length == 0 || length > passwordMost {
			return
		}
	}
	letters := []rune(strings.ToLower(password))
	seen := map[rune]bool{}
	for _, r := range letters {
		seen[r] = true
	}
	if len(seen) < passwordVaried {
		wrong.Addf(ruleVaried, field, "must have at least %d different characters", passwordVaried)
	}
	if isRun(letters) {
		wrong.Add(ruleRun, field, "must not be a run of the keyboard, the alphabet or the digits; put something between that nobody can guess")
	}
	local, _, _ := strings.Cut(email, "@")
	for _, name := range [][2]string{{local, "your e-mail address"}, {org, "your organisation's name"}, {"demarc", "the word demarc"}} {
		if holds(string(letters), name[0]) {
			wrong.Addf(ruleNames, field, "must not contain %s", name[1])
		}
	}
}

// holds says whether a lower-case password contains a name, with or without its spaces.
func holds(password, name string) bool {
	name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	if utf8.RuneCountInString(name) < nameLeast {
		return false
	}
	return strings.Contains(password, name) || strings.Contains(password, strings.ReplaceAll(name, " ", ""))
}

// rows are what fingers run along, there and back.
var rows = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890",
	"`1234567890-=", "~!@#$%^&*()_+",
	`qwertyuiop[]\`, "asdfghjkl;'", "zxcvbnm,./",
	"qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
}

// runLeast is the shortest piece of a row that is taken for a run.
const runLeast = 3

// isRun says whether a text is nothing but pieces of rows, forwards, backwards or of
// one character, whatever their order.
func isRun(text []rune) bool {
	ends := make([]bool, len(text)+1) // the text up to here is runs
	ends[0] = true
	for from := range text {
		if !ends[from] {
			continue
		}
		for to := from + runLeast; to <= len(text) && isPiece(text[from:to]); to++ {
			ends[to] = true
		}
	}
	return ends[len(text)]
}

func isPiece(text []rune) bool {
	piece := string(text)
	backwards := make([]rune, len(text))
	same := true
	for i, r := range text {
		backwards[len(text)-1-i] = r
		same = same && r == text[0]
	}
	if same {
		return true
	}
	for _, row := range rows {
		if strings.Contains(row, piece) || strings.Contains(row, string(backwards)) {
			return true
		}
	}
	return false
}
