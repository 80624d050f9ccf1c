package voicesql

import (
	"demarc/internal/db"
	"demarc/internal/nanp"
	"demarc/internal/voice"
)

const blockColumns = `block, taken, state, center`

type blockRow struct {
	voice.OpenBlock
	at voice.BlockAt
}

func scanBlock(scan scanner) (b blockRow, err error) {
	var block int64
	var taken []byte
	if err = scan(&block, &taken, &b.at.State, &b.at.Center); err != nil {
		return b, err
	}
	b.Block = nanp.Block(block)
	b.Taken, err = voice.ParseBits(taken)
	b.Was = b.Taken.Free()
	return b, err
}

const openBlocks = `SELECT ` + blockColumns + ` FROM vn_block WHERE world = $1 AND state = $2 AND center = $3 AND free > 0
	AND (free, block) > ($4, $5) AND longest >= $6 ORDER BY free, block LIMIT $7`

// OpenBlocks are blocks with room, the most used first.
func (Store) OpenBlocks(tx *db.Tx, c voice.Center, run int, after *voice.OpenBlock, limit int) ([]*voice.OpenBlock, error) {
	free, block := int64(0), int64(0)
	if after != nil {
		free, block = int64(after.Was), int64(after.Block)
	}
	rows, err := db.Every(tx, scanBlock, openBlocks, c.State, c.Name, free, block, int64(run), int64(limit))
	list := make([]*voice.OpenBlock, len(rows))
	for i := range rows {
		list[i] = &rows[i].OpenBlock
	}
	return list, err
}

// AskOpenBlocks queues the first of them.
func (Store) AskOpenBlocks(tx *db.Tx, c voice.Center, run, limit int, list *[]*voice.OpenBlock) {
	tx.Ask(func(scan scanner) error {
		row, err := scanBlock(scan)
		*list = append(*list, &row.OpenBlock)
		return err
	}, openBlocks, c.State, c.Name, int64(0), int64(0), int64(run), int64(limit))
}

// Block reads one open block.
func (Store) Block(tx *db.Tx, b nanp.Block) (*voice.OpenBlock, *voice.BlockAt, error) {
	row, err := db.First(tx, scanBlock, `SELECT `+blockColumns+` FROM vn_block WHERE world = $1 AND block = $2`, int64(b))
	if err != nil || row == nil {
		return nil, nil, err
	}
	return &row.OpenBlock, &row.at, nil
}

// AddBlock opens a block.
func (Store) AddBlock(tx *db.Tx, c voice.Center, o voice.OpenBlock, taken error) {
	tx.One(taken, `INSERT INTO vn_block (world, block, state, center, free, longest, taken) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		int64(o.Block), c.State, c.Name, int64(o.Taken.Free()), int64(o.Taken.Longest()), o.Taken.Bytes())
}

// SaveBlock writes a block that had as many free numbers as when it was read.
func (Store) SaveBlock(tx *db.Tx, _ voice.Center, o *voice.OpenBlock) {
	free := o.Taken.Free()
	tx.One(errChanged, `UPDATE vn_block SET free = $3, longest = $4, taken = $5 WHERE world = $1 AND block = $2 AND free = $6`,
		int64(o.Block), int64(free), int64(o.Taken.Longest()), o.Taken.Bytes(), int64(o.Was))
	o.Was = free
}

// MoveBlocks makes a rate center's blocks, and who has their numbers, another one's.
func (s Store) MoveBlocks(tx *db.Tx, from, to voice.Center) {
	tx.Do(`UPDATE vn_block SET state = $4, center = $5 WHERE world = $1 AND state = $2 AND center = $3`, from.State, from.Name, to.State, to.Name)
	tx.Do(`UPDATE vn_range SET state = $4, center = $5 WHERE world = $1 AND state = $2 AND center = $3`, from.State, from.Name, to.State, to.Name)
	tx.Do(`INSERT INTO vn_holding (world, customer, product, state, center, reserved, active)
		SELECT world, customer, product, CAST($4 AS TEXT), CAST($5 AS TEXT), reserved, active FROM vn_holding WHERE world = $1 AND state = $2 AND center = $3
		ON CONFLICT (world, customer, product, state, center) DO UPDATE SET reserved = vn_holding.reserved + excluded.reserved,
		active = vn_holding.active + excluded.active`, from.State, from.Name, to.State, to.Name)
	tx.Do(`DELETE FROM vn_holding WHERE world = $1 AND state = $2 AND center = $3`, from.State, from.Name)
	tx.Do(`UPDATE vn_part SET state = $4, center = $5 WHERE world = $1 AND state = $2 AND center = $3 AND ended_at = 0
		AND order_id IN (SELECT id FROM vn_order WHERE world = $1 AND type <> 'RESERVE')`, from.State, from.Name, to.State, to.Name)
	tx.Do(`UPDATE vn_active SET state = $4, center = $5 WHERE world = $1 AND state = $2 AND center = $3`, from.State, from.Name, to.State, to.Name)
}

// Free is how many numbers are free in the open blocks of a rate center.
func (Store) Free(tx *db.Tx, c voice.Center) (blocks, free int, err error) {
	err = tx.Row(`SELECT count(*), COALESCE(SUM(free), 0) FROM vn_block WHERE world = $1 AND state = $2 AND center = $3`, c.State, c.Name).Scan(&blocks, &free)
	return blocks, free, err
}

// StockCount counts the stock of a rate center, or of the world.
func (Store) StockCount(tx *db.Tx, state, center string) (voice.StockCount, error) {
	n := voice.StockCount{Taken: map[string]int{}}
	var args []any
	at := func(string) string { return "" }
	if state != "" || center != "" {
		args = []any{state, center}
		at = func(name string) string { return ` AND state = $2 AND ` + name + ` = $3` }
	}
	tx.AskOne(nil, []any{&n.Centers}, `SELECT count(*) FROM vn_center WHERE world = $1 AND covered = 1 AND into_key = ''`+at("name"), args...)
	tx.AskOne(nil, []any{&n.Blocks, &n.Free}, `SELECT count(*), CAST(COALESCE(SUM(free), 0) AS BIGINT) FROM vn_block WHERE world = $1`+at("center"), args...)
	tx.Ask(func(scan func(...any) error) error {
		var status string
		var numbers int
		err := scan(&status, &numbers)
		n.Taken[status] = numbers
		return err
	}, `SELECT status, CAST(SUM(end_tn - start_tn + 1) AS BIGINT) FROM vn_range WHERE world = $1`+at("center")+` GROUP BY status`, args...)
	return n, tx.Flush()
}

// askBlockAt queues where a block belongs, if it is open.
func (Store) askBlockAt(tx *db.Tx, b nanp.Block, at map[nanp.Block]voice.BlockAt) {
	tx.Ask(func(scan func(...any) error) error {
		var where voice.BlockAt
		err := scan(&where.State, &where.Center)
		at[b] = where
		return err
	}, `SELECT state, center FROM vn_block WHERE world = $1 AND block = $2`, int64(b))
}

// PutBlock adds a block that is wholly free, unless there is one.
func (Store) PutBlock(tx *db.Tx, c voice.Center, b nanp.Block, n *int) {
	var whole voice.Bits
	tx.Ask(func(scan func(...any) error) error {
		var block int64
		*n++
		return scan(&block)
	}, `INSERT INTO vn_block (world, block, state, center, free, longest, taken) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT DO NOTHING RETURNING block`, int64(b), c.State, c.Name, int64(voice.PerBlock), int64(voice.PerBlock), whole.Bytes())
}
