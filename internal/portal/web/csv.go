package web

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
)

// MediaCSV is the media type of CSV.
const MediaCSV = "text/csv; charset=utf-8"

// MostRows bounds a download of rows.
const MostRows = 100_000

// CSV is a table as a file, with its header.
func CSV(header []string, rows [][]string) []byte {
	var b bytes.Buffer
	if err := writeRows(&b, append([][]string{header}, rows...)); err != nil {
		panic("web: " + err.Error()) // memory takes everything
	}
	return b.Bytes()
}

// writeRows writes rows. What a spreadsheet would take for a formula gets an apostrophe in
// front.
func writeRows(to io.Writer, rows [][]string) error {
	w := csv.NewWriter(to)
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				cell = "'" + cell
			}
			safe[i] = cell
		}
		if err := w.Write(safe); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// Rows sends a table as a file while it is read: next answers the rows behind so many,
// none at the end. MostRows are sent at most.
func (v *Visit) Rows(name string, header []string, next func(after int) ([][]string, error)) error {
	return v.File(name, MediaCSV, func(to io.Writer) error {
		rows, err := next(0)
		if err != nil {
			return err
		}
		if err := writeRows(to, [][]string{header}); err != nil {
			return err
		}
		for sent := 0; len(rows) > 0; {
			rows = rows[:min(len(rows), MostRows-sent)]
			if err := writeRows(to, rows); err != nil {
				return err
			}
			if sent += len(rows); sent == MostRows {
				return nil
			}
			if rows, err = next(sent); err != nil {
				return err
			}
		}
		return nil
	})
}
