package voicesql

import (
	"errors"

	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

// All is every row of the world.
func (s Store) All(tx *db.Tx) (*voice.Everything, error) {
	all := &voice.Everything{Blocks: map[nanp.Block]voice.OpenBlock{}, At: map[nanp.Block]voice.BlockAt{}, Due: map[string]bool{}, Became: map[string]string{}}
	holding := func(scan scanner) (h voice.Holding, err error) {
		err = scan(&h.Customer, &h.Product, &h.State, &h.Center, &h.Reserved, &h.Active)
		return h, err
	}
	var errs [8]error
	all.Services, all.Active = map[string]voice.Service{}, map[voice.ActiveKey]int{}
	all.Centers, errs[0] = s.Centers(tx, "")
	all.Entries, errs[1] = db.Every(tx, scanEntry, entriesOf+` ORDER BY start_tn`)
	all.Holdings, errs[2] = db.Every(tx, holding, `SELECT customer, product, state, center, reserved, active FROM vn_holding WHERE world = $1`)
	all.Orders, errs[3] = db.Every(tx, scanOrder, `SELECT `+orderColumns+` FROM vn_order WHERE world = $1 ORDER BY id`)
	all.Parts, errs[4] = db.Every(tx, scanPart, `SELECT `+partColumns+` FROM vn_part WHERE world = $1 ORDER BY order_id, n`)
	all.Told, errs[5] = db.Every(tx, scanTold, `SELECT `+toldColumns+` FROM vn_told WHERE world = $1 ORDER BY order_id, id`)
	all.Exceptions, errs[6] = db.Every(tx, scanException, `SELECT `+exceptionColumns+` FROM vn_exception WHERE world = $1 ORDER BY id`)
	blocks, err := db.Every(tx, scanBlock, `SELECT `+blockColumns+` FROM vn_block WHERE world = $1 ORDER BY block`)
	errs[7] = err
	for _, b := range blocks {
		all.Blocks[b.Block], all.At[b.Block] = b.OpenBlock, b.at
	}
	tx.Ask(func(scan func(...any) error) error {
		var kind, key string
		err := scan(&kind, &key)
		all.Due[kind+" "+key] = true
		return err
	}, `SELECT kind, key FROM timer WHERE world = $1 AND kind LIKE 'voice.%'`)
	tx.Ask(func(scan func(...any) error) error {
		var s voice.Service
		err := scan(&s.ID, &s.Customer)
		all.Services[s.ID] = s
		return err
	}, `SELECT id, customer FROM vn_service WHERE world = $1`)
	tx.Ask(func(scan func(...any) error) error {
		var k voice.ActiveKey
		var block int64
		var n int
		err := scan(&k.Customer, &k.Product, &block, &k.RouteName, &k.State, &k.Center, &n)
		if k.Block = nanp.Block(block); n != 0 {
			all.Active[k] = n
		}
		return err
	}, `SELECT customer, product, block, route_name, state, center, n FROM vn_active WHERE world = $1`)
	tx.Ask(func(scan func(...any) error) error {
		var subject, became string
		err := scan(&subject, &became)
		all.Became[subject] = became
		return err
	}, `SELECT subject, became FROM audit WHERE world = $1 AND subject LIKE 'voice/%' AND became <> '' ORDER BY subject, id`)
	return all, errors.Join(errors.Join(errs[:]...), tx.Flush())
}
