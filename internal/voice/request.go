package voice

import (
	"bytes"
	"encoding/json"
	"strconv"

	"demarc/internal/fault"
	"demarc/internal/lenient"
	"demarc/internal/nanp"
)

// ReserveRequest orders numbers into the customer's pool (source, POST
// /Numbers/orderInventory).
type ReserveRequest struct {
	ProductID        lenient.Text  `json:"productID"`
	ExternalID       lenient.Text  `json:"externalOrderId"`
	Exception        lenient.Text  `json:"tnExceptionId"`
	RateCenterOrders []LineRequest `json:"rateCenterOrders"`
}

// LineRequest is one rate center's part of it.
type LineRequest struct {
	RateCenter lenient.Text     `json:"rateCenter"`
	State      lenient.Text     `json:"state"`
	Quantity   lenient.Text     `json:"quantity"`
	Sequential *json.RawMessage `json:"sequentialIndicator"`
	Misspelt   *json.RawMessage `json:"sequentialIndictor"` // as the source's own example has it
	PBXIndex   lenient.Text     `json:"pbxIndex"`
	PBXValue   lenient.Text     `json:"pbxValue"`
}

// ApproveRequest answers a short supply (source, POST /Numbers/customerApproval).
type ApproveRequest struct {
	VoiceOrderID lenient.Text `json:"voiceOrderId"`
	RateCenter   lenient.Text `json:"rateCenter"`
	State        lenient.Text `json:"state"`
	Action       lenient.Text `json:"action"`
}

// UtilizationRequest asks how much is in service (source, POST
// /Numbers/rateCenters/utilization).
type UtilizationRequest struct {
	ProductID   lenient.Text        `json:"productID"`
	RateCenters []RateCenterRequest `json:"rateCenters"`
}

// RateCenterRequest names a rate center.
type RateCenterRequest struct {
	RateCenter lenient.Text `json:"rateCenter"`
	State      lenient.Text `json:"state"`
}

// CoverageRequest asks about numbers or about a place, not both (source, /Numbers/
// coverage).
type CoverageRequest struct {
	ProductID lenient.Text `json:"productID"`
	TNList    *[]TNRequest `json:"tnList"`
	NPA       lenient.Text `json:"tnLocNpa"`
	NXX       lenient.Text `json:"tnLocNxx"`
	City      lenient.Text `json:"tnLocCity"`
	State     lenient.Text `json:"tnLocState"`
	ZIP       lenient.Text `json:"tnLocZip"`
}

// TNRequest is numbers in a row, or one: {startTN,endTN} in E.164 digits, {npa,nxx,line}
// with an optional endLine, or just the digits of one number.
type TNRequest struct {
	Start, End         lenient.Text
	NPA, NXX           lenient.Text
	Line, EndLine      lenient.Text
	startSent, npaSent bool
}

// UnmarshalJSON reads any of its forms.
func (t *TNRequest) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] != '{' {
		t.startSent = true
		return t.Start.UnmarshalJSON(b)
	}
	var o struct {
		Start   lenient.Text `json:"startTN"`
		End     lenient.Text `json:"endTN"`
		NPA     lenient.Text `json:"npa"`
		NXX     lenient.Text `json:"nxx"`
		Line    lenient.Text `json:"line"`
		EndLine lenient.Text `json:"endLine"`
	}
	if err := json.Unmarshal(b, &o); err != nil {
		return err
	}
	*t = TNRequest{o.Start, o.End, o.NPA, o.NXX, o.Line, o.EndLine, o.Start != "" || o.End != "", o.NPA != "" || o.NXX != "" || o.Line != ""}
	return nil
}

// Range reads the numbers that are meant. Those of one range are of one
// thousands-block's length at most.
func (t TNRequest) Range() (r Range, ok bool) {
	if t.startSent == t.npaSent {
		return r, false
	}
	var first, last bool
	if t.startSent {
		r.Start, first = nanp.ParseTN(t.Start.Trim())
		r.End, last = r.Start, true
		if t.End.Trim() != "" {
			r.End, last = nanp.ParseTN(t.End.Trim())
		}
	} else {
		r.Start, first = nanp.FromParts(t.NPA.Trim(), t.NXX.Trim(), t.Line.Trim())
		r.End, last = r.Start, true
		if t.EndLine.Trim() != "" {
			r.End, last = nanp.FromParts(t.NPA.Trim(), t.NXX.Trim(), t.EndLine.Trim())
		}
	}
	return r, first && last && r.End >= r.Start && r.Len() <= PerBlock
}

// broken gathers what is wrong with a request, in document order.
type broken struct {
	code *fault.Code // the first one's, which is repeated on top
	list fault.List
}

func (b *broken) add(code *fault.Code, field string) {
	if b.code == nil {
		b.code = code
	}
	b.list.Add(rules[code], field, code.Text)
}

// err is nil when nothing was added.
func (b *broken) err() error {
	if b.code == nil {
		return nil
	}
	return b.list.As(b.code)
}

// whole reads a whole number, as a number or a text.
func whole(t lenient.Text) (int, bool) {
	n, err := strconv.Atoi(t.Trim())
	return n, err == nil
}
