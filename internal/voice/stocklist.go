package voice

import (
	"strings"

	"demarc/internal/db"
	"demarc/internal/nanp"
)

// StockFilter says which rate centers the carrier's staff looks for; what is empty does
// not matter.
type StockFilter struct {
	State  string
	Text   string // in the name, in any case
	Served string // "yes", "no": whether the carrier serves it; "": no matter
}

// Stock lists rate centers as the carrier's staff sees them, by their keys, also those
// that were consolidated into others. In production only the carrier's own are there.
func (d *Desk) Stock(tx *db.Tx, f StockFilter, page Paging) (list []Center, total int, err error) {
	changed, err := d.Store.Centers(tx, f.State)
	if err != nil {
		return nil, 0, err
	}
	own := make(map[string]Center, len(changed))
	for _, c := range changed {
		own[c.Key()] = c
	}
	text := strings.ToUpper(f.Text)
	for _, c := range allCenters(tx.Clock().Sandbox, f.State, own) {
		if !strings.Contains(c.Name, text) || f.Served == "yes" && !c.Covered || f.Served == "no" && c.Covered {
			continue
		}
		if total++; int64(total) > page.Offset && len(list) < page.Limit {
			list = append(list, c)
		}
	}
	return list, total, nil
}

// Backorders reports whether a region takes backorders, and whether somebody has said so.
func (d *Desk) Backorders(tx *db.Tx, state string) (takes, said bool, err error) {
	regions, err := d.Store.Regions(tx)
	if err != nil {
		return false, false, err
	}
	if takes, said = regions[state]; !said {
		takes = takesBackorders(tx.Clock().Sandbox, state)
	}
	return takes, said, nil
}

// BlockLine is a thousands-block in stock, with how many of its numbers are free.
type BlockLine struct {
	Block nanp.Block
	Free  int
}
