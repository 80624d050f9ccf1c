package desk

import (
	"errors"
	"strings"

	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/voice"
)

// load is the form that loads many blocks at once.
func (s *screens) load(v *web.Visit) error { return s.loadPage(v, only(v, nil, "load")) }

func (s *screens) loadPage(v *web.Visit, f *ui.Form) error {
	v.Under("/desk/stock")
	return v.Show("Load blocks", ui.Head("Load blocks", "Thousands-blocks of this carrier's own, from a file.", ui.Quiet("/desk/stock", "The stock")),
		ui.Split(f.Node("Load them", ui.Hidden(f, actField),
			ui.File{Name: "file", Label: "CSV file", Accept: ".csv,text/csv", Hint: "Up to 1 MB. What is larger: demarc stock load FILE."}.In(f),
			ui.Textarea{Name: "csv", Label: "Or its lines", Hint: "They begin with the header.", Rows: 10}.In(f)),
			ui.All(ui.CodeBlock("The form of the file", strings.Join(voice.StockHeader, ",")+"\nCO,DENVER,303,970,4,Y\nCO,PUEBLO,719,970,0,N\n"),
				ui.Small("static911 is Y or N. Blocks that are in stock already stay as they are, so a file can be loaded again."),
				ui.Small("A file with a line that is wrong is not loaded at all."))))
}

// shownProblems is how many wrong lines a page names.
const shownProblems = 20

func (s *screens) loadAct(v *web.Visit) error {
	return perform(v, "/desk/stock", map[string]act{
		"load": {fields: true, do: func(f *ui.Form) (string, error) {
			field, lines := "csv", f.Values.Get("csv")
			file, err := v.Upload("file")
			if err != nil {
				return "", err
			}
			if file != "" {
				field, lines = "file", file
			}
			if strings.TrimSpace(lines) == "" {
				f.Add("file", "must be chosen, or its lines be given below")
				return "", nil
			}
			problems := voice.CheckStock(strings.NewReader(lines), shownProblems)
			for _, p := range problems {
				f.Add(field, p)
			}
			if len(problems) > 0 {
				return "", nil
			}
			n, err := s.Voice.LoadStock(v.Context(), v.World.ID, v.Actor(), strings.NewReader(lines))
			if problem, ok := errors.AsType[voice.StockProblem](err); ok {
				f.Add(field, problem.Error())
				return "", nil
			}
			return counted(n, "thousands-block") + " loaded; those that were there already stay as they are.", err
		}},
	}, s.loadPage)
}
