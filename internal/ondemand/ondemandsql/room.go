package ondemandsql

import (
	"demarc/internal/db"
	"demarc/internal/ondemand"
)

const portColumns = `site, id, customer, capacity, used, vlans, vlans_used`

// vlansPerPort is how many VLANs a port has: 2 to 4094.
const vlansPerPort = 4093

func scanPort(scan scanner) (p ondemand.Port, id string, err error) {
	err = scan(&p.Site, &p.ID, &p.Customer, &p.Capacity, &p.Used, &p.VLANs, &p.VLANsUsed)
	return p, p.ID, err
}

func scanBlock(scan scanner) (b ondemand.AddressBlock, id string, err error) {
	var taken int64
	err = scan(&b.N, &taken)
	b.Taken = ondemand.Block(taken) // its bits, whatever the sign
	return b, "", err
}

// Port reads one port.
func (s *Store) Port(tx *db.Tx, site, id string) (*ondemand.Port, error) {
	return first(tx, scanPort, `SELECT `+portColumns+` FROM od_port WHERE world = $1 AND site = $2 AND id = $3`, site, id)
}

// PortOfCustomer reads a port of the customer's own.
func (s *Store) PortOfCustomer(tx *db.Tx, customer, id string) (*ondemand.Port, error) {
	return first(tx, scanPort, `SELECT `+portColumns+` FROM od_port WHERE world = $1 AND customer = $2 AND id = $3`, customer, id)
}

// PortsOfCustomer reads ports of the customer's own.
func (s *Store) PortsOfCustomer(tx *db.Tx, customer string, limit int) ([]ondemand.Port, error) {
	return db.Every(tx, func(scan func(...any) error) (ondemand.Port, error) {
		p, _, err := scanPort(scan)
		return p, err
	}, `SELECT `+portColumns+` FROM od_port WHERE world = $1 AND customer = $2 ORDER BY site, id LIMIT $3`, customer, int64(limit))
}

// LockPort reads one port for change.
func (s *Store) LockPort(tx *db.Tx, site, id string) (*ondemand.Port, error) {
	return first(tx, scanPort, `SELECT `+portColumns+` FROM od_port WHERE world = $1 AND site = $2 AND id = $3`+tx.ForUpdate(), site, id)
}

// LockBlock reads one block for change.
func (s *Store) LockBlock(tx *db.Tx, n int64) (*ondemand.AddressBlock, error) {
	return first(tx, scanBlock, `SELECT n, taken FROM od_block WHERE world = $1 AND n = $2`+tx.ForUpdate(), n)
}

const (
	sharedRoom = `SELECT ` + portColumns + ` FROM od_port WHERE world = $1 AND site = $2 AND customer = ''
		AND capacity - used >= $3 AND vlans_used < $4 ORDER BY id LIMIT 1`
	ownRoom = `SELECT ` + portColumns + ` FROM od_port WHERE world = $1 AND site = $2 AND id = $3
		AND capacity - used >= $4 AND vlans_used < $5`
	blockRoom = `SELECT n, taken FROM od_block WHERE world = $1 AND largest >= $2 ORDER BY largest, n LIMIT 1`
)

// AskRoom queues the reads that find room. Orders that run at the same time pass
// over each other's ports and blocks instead of waiting for them; on the
// customer's own port they wait, for there is no other.
func (s *Store) AskRoom(tx *db.Tx, site, uni string, mbps, units int) *ondemand.Room {
	room := &ondemand.Room{}
	port := func(scan func(...any) error) error {
		p, _, err := scanPort(scan)
		room.Port = &p
		return err
	}
	if uni == "" {
		tx.Ask(port, sharedRoom+tx.SkipLocked(), site, int64(mbps), int64(vlansPerPort))
	} else {
		tx.Ask(port, ownRoom+tx.ForUpdate(), site, uni, int64(mbps), int64(vlansPerPort))
	}
	tx.Ask(func(scan func(...any) error) error {
		b, _, err := scanBlock(scan)
		room.Block = &b
		return err
	}, blockRoom+tx.SkipLocked(), int64(units))
	return room
}

// OpenPort lights another shared port at the site, or, when the site has all it
// can have, waits for one that has room.
func (s *Store) OpenPort(tx *db.Tx, site string, mbps int) (*ondemand.Port, error) {
	for {
		var n int
		if err := tx.Row(`SELECT count(*) FROM od_port WHERE world = $1 AND site = $2 AND customer = ''`, site).Scan(&n); err != nil {
			return nil, err
		}
		if n >= ondemand.NNIPorts {
			return first(tx, scanPort, sharedRoom+tx.ForUpdate(), site, int64(mbps), int64(vlansPerPort))
		}
		p := ondemand.Port{Site: site, ID: ondemand.PortName(n + 1), Capacity: ondemand.NNICapacity}
		made, err := tx.Exec(insertPort+` ON CONFLICT DO NOTHING`, portValues(p)...)
		if err != nil || made == 1 {
			return &p, err
		}
	}
}

const insertPort = `INSERT INTO od_port (world, ` + portColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

func portValues(p ondemand.Port) []any {
	vlans := p.VLANs
	if vlans == nil {
		vlans = []byte{}
	}
	return []any{p.Site, p.ID, p.Customer, int64(p.Capacity), int64(p.Used), vlans, int64(p.VLANsUsed)}
}

// AddPort writes a new port.
func (s *Store) AddPort(tx *db.Tx, p ondemand.Port) { tx.Do(insertPort, portValues(p)...) }

// SavePort writes what may change of a port that is locked.
func (s *Store) SavePort(tx *db.Tx, p ondemand.Port) {
	tx.One(errGone, `UPDATE od_port SET used = $4, vlans = $5, vlans_used = $6 WHERE world = $1 AND site = $2 AND id = $3`,
		p.Site, p.ID, int64(p.Used), p.VLANs, int64(p.VLANsUsed))
}

// OpenBlock opens the next /24 of the pools, or, when all are open, waits for one
// that has room.
func (s *Store) OpenBlock(tx *db.Tx, units int, limit int64) (*ondemand.AddressBlock, error) {
	for {
		var n int64
		if err := tx.Row(`SELECT COALESCE(MAX(n) + 1, 0) FROM od_block WHERE world = $1`).Scan(&n); err != nil {
			return nil, err
		}
		if n >= limit {
			return first(tx, scanBlock, blockRoom+tx.ForUpdate(), int64(units))
		}
		made, err := tx.Exec(`INSERT INTO od_block (world, n, taken, largest) VALUES ($1, $2, 0, 4) ON CONFLICT DO NOTHING`, n)
		if err != nil || made == 1 {
			return &ondemand.AddressBlock{N: n}, err
		}
	}
}

// SaveBlock writes a block.
func (s *Store) SaveBlock(tx *db.Tx, b ondemand.AddressBlock) {
	tx.Do(`INSERT INTO od_block (world, n, taken, largest) VALUES ($1, $2, $3, $4)
		ON CONFLICT (world, n) DO UPDATE SET taken = excluded.taken, largest = excluded.largest`,
		b.N, int64(b.Taken), int64(b.Largest())) // its bits, whatever the sign
}
