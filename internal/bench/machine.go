package bench

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Machine is where the figures were taken.
type Machine struct {
	System     string  `json:"system"`
	CPU        string  `json:"cpu"`
	CPUs       int     `json:"cpus"`
	Go         string  `json:"go"`
	LoadBefore string  `json:"loadBefore"` // one, five and fifteen minutes
	LoadAfter  string  `json:"loadAfter"`
	Elsewhere  float64 `json:"elsewhere"` // part of the processors that other programs took during the run
}

func thisMachine() Machine {
	return Machine{System: runtime.GOOS + "/" + runtime.GOARCH + " " + firstLine("/proc/sys/kernel/osrelease"), CPU: cpuName(),
		CPUs: runtime.NumCPU(), Go: runtime.Version(), LoadBefore: loadAverage()}
}

func firstLine(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return line
}

func loadAverage() string {
	f := strings.Fields(firstLine("/proc/loadavg"))
	if len(f) < 3 {
		return "unknown"
	}
	return strings.Join(f[:3], " ")
}

func cpuName() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// busy is how long the processors have worked since the machine started, in all
// and for this process and those it started, in the kernel's ticks. Where there is
// no /proc both are zero.
type busy struct{ all, ours, idle int64 }

func readBusy() (b busy) {
	for i, text := range strings.Fields(firstLine("/proc/stat")) {
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case i == 0 || i > 8 || err != nil: // its name; what virtual machines used is in their hosts' time already
		case i == 4 || i == 5: // idle, and waiting for a disk
			b.idle += n
		default:
			b.all += n
		}
	}
	parent, ticks := map[int]int{}, map[int]int64{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return b
	}
	for _, path := range stats {
		if pid, ppid, used, ok := readStat(firstLine(path)); ok {
			parent[pid], ticks[pid] = ppid, used
		}
	}
	self := os.Getpid()
	for pid, used := range ticks {
		at := pid
		for at > 1 && at != self {
			at = parent[at]
		}
		if at == self {
			b.ours += used
		}
	}
	return b
}

// readStat reads a process's number, its parent's, and the ticks that it and its
// ended children used.
func readStat(line string) (pid, ppid int, used int64, ok bool) {
	end := strings.LastIndexByte(line, ')') // its name may hold anything
	number, _, found := strings.Cut(line, " ")
	if end < 0 || !found {
		return 0, 0, 0, false
	}
	f := strings.Fields(line[end+1:])
	if len(f) < 15 {
		return 0, 0, 0, false
	}
	pid, err := strconv.Atoi(number)
	if err != nil {
		return 0, 0, 0, false
	}
	if ppid, err = strconv.Atoi(f[1]); err != nil {
		return 0, 0, 0, false
	}
	for _, text := range f[11:15] {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, 0, 0, false
		}
		used += n
	}
	return pid, ppid, used, true
}

// elsewhere is the part of the processors' time since then that other programs
// took.
func elsewhere(then, now busy) float64 {
	all := now.all - then.all
	total := all + now.idle - then.idle
	if total <= 0 {
		return 0
	}
	return float64(max(0, all-(now.ours-then.ours))) / float64(total)
}
