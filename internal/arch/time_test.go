package arch

import "slices"

// timeSources are the functions of package time that look at the machine's clock
// or wait for it.
var timeSources = []string{
	"Now", "Since", "Until", "After", "Tick", "NewTicker", "NewTimer", "AfterFunc", "Sleep",
}

// oneTime: the time of a unit of work is its world's, tx.Now; machine time is
// asked for in clock, and waited for in timer. In tests too: they wait for
// signals.
func oneTime(h house) []finding {
	var list []finding
	for _, f := range h.goFiles() {
		if f.imports["."] == "time" {
			list = append(list, f.at(f.syntax.Package, "imports time without its name, which hides who asks for the time"))
		}
		for _, r := range f.references() {
			switch {
			case r.pkg == "time" && slices.Contains(timeSources, r.name) && !f.within("internal/clock") && !f.within("internal/timer"):
				list = append(list, f.at(r.pos, "time.%s: ask tx.Now for the world's time; machine time and waiting are in package clock", r.name))
			case r.pkg == module+"/internal/clock" && r.name == "Machine" && f.product() != "" && f.room() == "" && !f.isTest():
				list = append(list, f.at(r.pos, "clock.Machine in a product: a product lives on its world's time, tx.Now"))
			}
		}
	}
	return list
}
