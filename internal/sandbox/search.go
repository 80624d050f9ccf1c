package sandbox

import (
	"context"
	"strings"

	"demarc/internal/clock"
	"demarc/internal/db"
)

// Row is a world with whose it is.
type Row struct {
	World
	OrgName string
}

// Search is a page of the worlds, production first and then the newest, whose id or name,
// or whose organisation's, has the text in it; and how many there are.
func (s *Service) Search(ctx context.Context, text string, offset, limit int) (list []Row, total int, err error) {
	like := ""
	if text != "" {
		like = db.Containing(text)
	}
	const where = ` FROM world w LEFT JOIN organisation o ON o.id = w.org WHERE w.kind <> 'snapshot' AND (w.expires_at = 0 OR w.expires_at > $1)
		AND ($2 = '' OR lower(w.id) LIKE $2 ESCAPE '\' OR lower(w.name) LIKE $2 ESCAPE '\' OR lower(COALESCE(o.name, '')) LIKE $2 ESCAPE '\' OR lower(w.org) LIKE $2 ESCAPE '\')`
	now := clock.Micros(clock.Machine())
	err = s.o.DB.SystemView(ctx, func(tx *db.Tx) error {
		tx.AskOne(nil, []any{&total}, `SELECT count(*)`+where, now, like)
		list, err = db.Every(tx, func(scan func(...any) error) (r Row, err error) {
			r.World, err = scanWorld(func(into ...any) error { return scan(append(into, &r.OrgName)...) })
			return r, err
		}, `SELECT w.`+strings.ReplaceAll(worldColumns, ", ", ", w.")+`, COALESCE(o.name, '')`+where+`
			ORDER BY CASE WHEN w.kind = 'production' THEN 0 ELSE 1 END, w.created_at DESC, w.id LIMIT $3 OFFSET $4`, now, like, int64(limit), int64(offset))
		return err
	})
	return list, total, err
}
