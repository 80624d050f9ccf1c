package nanp

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the tables of data/
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // machines without zones have ours
)

//go:embed data/codes.txt.gz
var codeFile []byte

//go:embed data/npas.txt
var npaFile string

//go:embed data/latas.txt
var lataFile string

// How much there is in data/, so that what is read into need not grow.
const (
	manyCodes   = 152_064
	manyCenters = 18_508
	manyRows    = 20_100 // of a rate center and an area code
)

// area is an area code of the United States.
type area struct {
	state     string
	inService bool
	zone      *time.Location
	lata      string // where most of it is thought to be; "" when nobody knows
	share     int    // of a hundred of its exchanges, how many are there
}

// areas are the area codes of the United States.
var areas = sync.OnceValue(func() map[int]*area {
	list, zones := make(map[int]*area, 400), map[string]*time.Location{}
	for line := range strings.Lines(npaFile) { // 970 CO Y America/Denver 656 76
		f := strings.Fields(line)
		npa, _ := strconv.Atoi(f[0]) // the file is ours
		a := &area{state: f[1], inService: f[2] == "Y"}
		if zones[f[3]] == nil {
			if zone, err := time.LoadLocation(f[3]); err == nil {
				zones[f[3]] = zone
			} else {
				zones[f[3]] = time.UTC // the tests ask for every one
			}
		}
		a.zone = zones[f[3]]
		if len(f) == 6 {
			a.lata = f[4]
			a.share, _ = strconv.Atoi(f[5])
		}
		list[npa] = a
	}
	return list
})

// lata is a local access and transport area.
type lata struct{ id, name string }

// latas are the LATAs by their ids, and by state and the town that they are named
// for: TX/DALLAS.
var latas = sync.OnceValue(func() map[string]lata {
	all := make(map[string]lata, 500)
	for line := range strings.Lines(lataFile) { // 552;TX;DALLAS TX
		f := strings.Split(strings.TrimSuffix(line, "\n"), ";")
		l := lata{f[0], f[2]}
		all[l.id] = l
		if state := f[1]; state != "" {
			all[state+"/"+squeeze(strings.TrimSuffix(l.name, " "+state))] = l
		}
	}
	return all
})

// plan is the codes and whose they are.
type plan struct {
	centers []*RateCenter
	states  map[string][]*RateCenter // of centers
	// For every area code the row of owners it has, counted from 1, and in each row
	// for every NXX from 200 the center that has it, counted from 1. ByCode is asked
	// for every number of a list, so it must not search.
	row    [1000]uint16
	owners [][800]uint16
}

var codes = sync.OnceValue(readPlan)

func readPlan() *plan {
	p := &plan{centers: make([]*RateCenter, 0, manyCenters), states: map[string][]*RateCenter{}}
	text := unpack(codeFile)
	all := make([]RateCenter, 0, manyCenters)
	npas, list := make([]int, 0, manyRows), make([]Code, 0, manyCodes)
	state := ""
	for line := range strings.Lines(text) { // CODENVER;303 200 202-209;720 203
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ";")
		if !strings.HasPrefix(name, state) || state == "" {
			state = strings.Clone(name[:2])
		}
		// The name is cloned lest it hold on to the whole text.
		all = append(all, RateCenter{State: state, Name: strings.Clone(name[2:])})
		rc, id := &all[len(all)-1], uint16(len(all))
		firstNPA, firstCode := len(npas), len(list)
		for part := range strings.SplitSeq(rest, ";") {
			npa, _ := strconv.Atoi(part[:3]) // the file is ours
			npas = append(npas, npa)
			list = p.read(list, npa, part[4:], id)
		}
		rc.NPAs = npas[firstNPA:len(npas):len(npas)]
		rc.codes = list[firstCode:len(list):len(list)]
		rc.LATA, rc.LATAName = lataOf(rc)
		p.centers = append(p.centers, rc)
		p.states[state] = append(p.states[state], rc)
	}
	return p
}

// read reads the NXXs that a center has in one area code: 200 202-209.
func (p *plan) read(list []Code, npa int, ranges string, id uint16) []Code {
	if p.row[npa] == 0 {
		p.owners = append(p.owners, [800]uint16{})
		p.row[npa] = uint16(len(p.owners))
	}
	owners := &p.owners[p.row[npa]-1]
	for s := range strings.SplitSeq(ranges, " ") {
		first, last, run := strings.Cut(s, "-")
		from, _ := strconv.Atoi(first)
		to := from
		if run {
			to, _ = strconv.Atoi(last)
		}
		for nxx := from; nxx <= to; nxx++ {
			if owners[nxx-200] != 0 {
				continue // who was first has it
			}
			owners[nxx-200] = id
			list = append(list, CodeOf(npa, nxx))
		}
	}
	return list
}

// lataOf is the LATA that is named for the rate center's own town, or else the one
// in which most of its area code is thought to be.
func lataOf(rc *RateCenter) (id, name string) {
	if l, ok := latas()[rc.State+"/"+squeeze(rc.Name)]; ok {
		return l.id, l.name
	}
	best := 0
	for _, npa := range rc.NPAs {
		if a := areas()[npa]; a != nil && a.share > best {
			best = a.share
			id, name = a.lata, latas()[a.lata].name
		}
	}
	return id, name
}

// unpack is the text of a packed file, and nothing when it is broken; the tests read
// every file.
func unpack(file []byte) string {
	r, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return ""
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return ""
	}
	return string(text)
}
