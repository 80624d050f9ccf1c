package arch

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// statement recognises a string that is SQL by how it begins. Words that also
// begin English sentences must go on as SQL does.
var statement = regexp.MustCompile(`^\s*(?:--[^\n]*\n\s*)*(?:` + strings.Join([]string{
	`SELECT\s`,
	`select\s(?s:.*)\sfrom\s`,
	`(?i:with\s+(?:recursive\s+)?\w+\s*(?:\([^)]*\)\s*)?as\s*(?:(?:not\s+)?materialized\s*)?\()`,
	`(?i:insert\s+(?:or\s+\w+\s+)?into\s+\S)`,
	`(?i:update\s+\S+\s+(?:as\s+\w+\s+)?set\s)`,
	`(?i:delete\s+from\s+\S)`,
	`(?i:(?:create|drop|alter)\s+(?:unique\s+|temp\s+|temporary\s+)*(?:table|index|view|trigger)\s)`,
}, "|") + `)`)

var (
	databaseTime = regexp.MustCompile(`\b(?:now|NOW)\s*\(|(?i)\b(?:clock_timestamp|statement_timestamp|transaction_timestamp|unixepoch)\s*\(|` +
		`\b(?:current_timestamp|current_date|current_time|localtimestamp|localtime)\b|'now'`)
	everyColumn = regexp.MustCompile(`(?i)\bselect\s+(?:distinct\s+)?(?:\w+\.)?\*|,\s*\w+\.\*`)
	namesTable  = regexp.MustCompile(`(?i)\b(?:(?:from|join|into)\s+[a-z_]|update\s+[a-z_]\w*\s+(?:as\s+\w+\s+)?set\b|update\s+\?)`)
	firstWorld  = regexp.MustCompile(`\$1(?:\D|$)`)
	sqlComment  = regexp.MustCompile(`--[^\n]*|(?s:/\*.*?\*/)`)
	undoing     = regexp.MustCompile(`(?i)\bdrop\s+(?:table|column|view|trigger)\b|\brename\b|\bdelete\s+from\b|\btruncate\b`)
	numbered    = regexp.MustCompile(`^(\d{4,5})_[a-z0-9_]+\.sql$`)
)

// storesSQL says whether the strings of a package are SQL even when they are
// only parts of a statement.
func storesSQL(f *file) bool {
	return strings.HasSuffix(f.dir, "sql") || isKernel(f.dir)
}

// sql lists the strings of the file that are statements, or, for a file whose
// strings are all taken for SQL, every one. This package is left out: in it the
// forbidden words are the subject.
func (f *file) sql(parts bool) []literal {
	if f.within("internal/arch") {
		return nil
	}
	return slices.DeleteFunc(f.literals(), func(l literal) bool { return !parts && !statement.MatchString(l.text) })
}

// worldTime: SQL is told the time ($n = tx.Now), it does not ask for it.
func worldTime(h house) []finding {
	var list []finding
	for _, f := range h {
		if f.syntax == nil {
			list = append(list, inMigration(f, databaseTime, "the database's clock is not the world's: store the moment that the code gives")...)
			continue
		}
		for _, l := range f.sql(storesSQL(f)) {
			if m := databaseTime.FindString(sqlComment.ReplaceAllString(l.text, "")); m != "" {
				list = append(list, f.at(l.pos, "%q in SQL: the database's clock is not the world's; pass tx.Now as an argument", m))
			}
		}
	}
	return list
}

// inMigration finds what a pattern matches in a migration, comments aside.
func inMigration(f *file, pattern *regexp.Regexp, why string) []finding {
	var list []finding
	for i, line := range strings.Split(f.text, "\n") {
		if m := pattern.FindString(sqlComment.ReplaceAllString(line, "")); m != "" {
			list = append(list, f.line(i+1, "%q: %s", m, why))
		}
	}
	return list
}

// boundToWorld: in a world's unit of work $1 is the world; a statement of a
// product that does not mention it reads or writes other worlds' rows.
func boundToWorld(h house) []finding {
	var list []finding
	for _, f := range h.goFiles() {
		if !strings.HasSuffix(f.dir, "sql") || f.isTest() {
			continue
		}
		for _, l := range f.sql(false) {
			if namesTable.MatchString(l.text) && !firstWorld.MatchString(l.text) {
				list = append(list, f.at(l.pos, "a statement without $1, the world: %s", abridged(l.text)))
			}
		}
	}
	return list
}

// namedColumns: a statement says what it reads, so that a migration may add.
func namedColumns(h house) []finding {
	var list []finding
	for _, f := range h {
		if f.syntax == nil {
			list = append(list, inMigration(f, everyColumn, "name the columns")...)
			continue
		}
		for _, l := range f.sql(false) {
			if everyColumn.MatchString(l.text) {
				list = append(list, f.at(l.pos, "name the columns: %s", abridged(l.text)))
			}
		}
	}
	return list
}

// sqlInItsRoom: a product's SQL is where boundToWorld looks.
func sqlInItsRoom(h house) []finding {
	var list []finding
	for _, f := range h.goFiles() {
		if f.product() == "" || f.room() == "sql" || f.isTest() {
			continue
		}
		for _, l := range f.sql(false) {
			list = append(list, f.at(l.pos, "SQL outside %ssql: %s", f.product(), abridged(l.text)))
		}
	}
	return list
}

// forwardMigrations: numbered without a gap, forward-only, additive, so that old
// and new nodes can run side by side while an upgrade rolls through.
func forwardMigrations(h house) []finding {
	var list []finding
	next := 1
	for _, f := range h {
		if f.dir != migrations || f.syntax != nil {
			continue
		}
		m := numbered.FindStringSubmatch(path.Base(f.path))
		if m == nil {
			list = append(list, f.line(1, "a migration is called 0001_what_it_does.sql"))
			continue
		}
		if n, err := strconv.Atoi(m[1]); err != nil || n != next {
			list = append(list, f.line(1, "migrations are numbered without a gap and in order: %04d is next", next))
		}
		next++
		if !strings.Contains(f.text, "-- +goose Up") {
			list = append(list, f.line(1, "goose needs its line: -- +goose Up"))
		}
		if strings.Contains(f.text, "-- +goose Down") {
			list = append(list, f.line(1, "migrations go forward only: no -- +goose Down"))
		}
		list = append(list, inMigration(f, undoing, "migrations add; a node of the version before still reads what this takes away")...)
	}
	return list
}

// abridged is enough of a statement to know it by.
func abridged(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 90 {
		s = s[:90] + "…"
	}
	return s
}
