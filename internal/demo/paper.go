package demo

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// paper is where the demo is written: plain lines, and on a terminal a little
// colour and one line that changes while time passes.
type paper struct {
	w     io.Writer
	fancy bool
	draft bool // the last line is one that changes
}

const (
	bold  = "1"
	faint = "2"
	green = "32"
)

func (p *paper) in(colour, text string) string {
	if !p.fancy {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (p *paper) line(text string) {
	p.clear()
	p.write(text + "\n")
}

// write writes as it is. A reader that has gone ends the program by itself.
func (p *paper) write(text string) { _, _ = io.WriteString(p.w, text) }

func (p *paper) title(text string) {
	p.line("")
	p.line(p.in(bold, text))
	p.line(strings.Repeat("=", len(text)))
}

func (p *paper) step(n int, text string) {
	p.line("")
	p.line(fmt.Sprintf("%2d  %s", n, p.in(bold, text)))
}

const margin = "    "

func (p *paper) say(text string) { p.line(margin + text) }

func (p *paper) faintly(text string) { p.line(margin + p.in(faint, text)) }

// change rewrites the last line; on paper that is not a terminal nothing can be
// rewritten, and the lines that stay tell enough.
func (p *paper) change(text string) {
	if !p.fancy {
		return
	}
	p.clear()
	p.draft = true
	p.write(margin + p.in(faint, text))
}

func (p *paper) clear() {
	if p.draft {
		p.draft = false
		p.write("\r\x1b[K")
	}
}

// table writes rows in columns.
func (p *paper) table(rows [][]string) {
	p.clear()
	w := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		_, _ = io.WriteString(w, margin+strings.Join(r, "\t")+"\n")
	}
	_ = w.Flush()
}
