package marketplacesql

import (
	"encoding/json"
	"errors"
	"time"

	"demarc/internal/clock"
	"demarc/internal/db"
	"demarc/internal/marketplace"
)

// errChanged: a row was changed by another unit since it was read without a lock.
var errChanged = errors.New("marketplacesql: a row was changed meanwhile")

const providerColumns = `id, org, name, title, base_url, state, reseller, created_at`

func scanProvider(scan scanner) (p marketplace.Provider, err error) {
	var created int64
	err = scan(&p.ID, &p.Org, &p.Name, &p.Title, &p.BaseURL, &p.State, &p.Reseller, &created)
	p.CreatedAt = clock.FromMicros(created)
	if len(p.Reseller) == 0 {
		p.Reseller = nil
	}
	return p, err
}

// Provider reads one provider with its live keys.
func (s *Store) Provider(tx *db.Tx, id string) (*marketplace.Provider, error) {
	return s.provider(tx, id, "")
}

// LockProvider reads one provider for change.
func (s *Store) LockProvider(tx *db.Tx, id string) (*marketplace.Provider, error) {
	return s.provider(tx, id, tx.ForUpdate())
}

func (s *Store) provider(tx *db.Tx, id, lock string) (*marketplace.Provider, error) {
	p, err := db.First(tx, scanProvider, `SELECT `+providerColumns+` FROM mk_provider WHERE world = $1 AND id = $2`+lock, id)
	if err != nil || p == nil {
		return p, err
	}
	p.Keys, err = providerKeys(tx, id)
	return p, err
}

func providerKeys(tx *db.Tx, provider string) ([]marketplace.Key, error) {
	return db.Every(tx, func(scan scanner) (k marketplace.Key, err error) {
		var created, ends int64
		err = scan(&k.ID, &created, &ends)
		k.CreatedAt, k.ExpiresAt = clock.FromMicros(created), clock.FromMicrosOrZero(ends)
		return k, err
	}, `SELECT id, created_at, ends_at FROM mk_key WHERE world = $1 AND provider = $2 AND (ends_at = 0 OR ends_at > $3) ORDER BY created_at, id`,
		provider, clock.Micros(tx.Now()))
}

// Providers lists providers by id, with their live keys. What belongs to no
// organisation belongs to whoever asks.
func (s *Store) Providers(tx *db.Tx, f marketplace.ProviderFilter, page marketplace.Paging) ([]marketplace.Provider, int, error) {
	w := inWorld().and("name = ", f.Name).and("state = ", f.State)
	if f.Org != "" {
		w.and("(org = '' OR org = ", f.Org)
		w.parts[len(w.parts)-1] += ")"
	}
	list, total, err := listed(tx, scanProvider, providerColumns, "mk_provider", w, page)
	for i := range list {
		if err != nil {
			break
		}
		list[i].Keys, err = providerKeys(tx, list[i].ID)
	}
	return list, total, err
}

// AddProvider writes a new provider. The unique index on its name guarantees what the
// rule has seen to.
func (s *Store) AddProvider(tx *db.Tx, p marketplace.Provider) {
	tx.One(marketplace.ProviderTaken.With(), `INSERT INTO mk_provider (world, `+providerColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (world, name) DO NOTHING`,
		p.ID, p.Org, p.Name, p.Title, p.BaseURL, p.State, p.Reseller, clock.Micros(p.CreatedAt))
}

// SaveProvider writes what may change of a provider.
func (s *Store) SaveProvider(tx *db.Tx, from string, p marketplace.Provider) {
	tx.One(errChanged, `UPDATE mk_provider SET title = $3, base_url = $4, state = $5, reseller = $6 WHERE world = $1 AND id = $2 AND state = $7`,
		p.ID, p.Title, p.BaseURL, p.State, p.Reseller, from)
}

// AddKey writes a new key by its hash.
func (s *Store) AddKey(tx *db.Tx, provider string, k marketplace.Key, hash string) {
	tx.Do(`INSERT INTO mk_key (world, hash, provider, id, created_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		hash, provider, k.ID, clock.Micros(k.CreatedAt), clock.MicrosOrZero(k.ExpiresAt))
}

// EndKey makes a live key end at a moment, or earlier if it is to end earlier anyway;
// the one that is unknown or has ended is the error's.
func (s *Store) EndKey(tx *db.Tx, provider, id string, at time.Time, unknown error) {
	tx.One(unknown, `UPDATE mk_key SET ends_at = CASE WHEN ends_at = 0 OR ends_at > $4 THEN $4 ELSE ends_at END
		WHERE world = $1 AND provider = $2 AND id = $3 AND (ends_at = 0 OR ends_at > $5)`,
		provider, id, clock.Micros(at), clock.Micros(tx.Now()))
}

const offerColumns = `id, provider, name, description, state, form, created_at`

func scanOffer(scan scanner) (o marketplace.Offer, err error) {
	var form string
	var created int64
	if err = scan(&o.ID, &o.Provider, &o.Name, &o.Description, &o.State, &form, &created); err != nil {
		return o, err
	}
	o.CreatedAt = clock.FromMicros(created)
	return o, json.Unmarshal([]byte(form), &o.Form)
}

// Offer reads one product with its SKUs.
func (s *Store) Offer(tx *db.Tx, id string) (*marketplace.Offer, error) { return s.offer(tx, id, "") }

// LockOffer reads one product for change.
func (s *Store) LockOffer(tx *db.Tx, id string) (*marketplace.Offer, error) {
	return s.offer(tx, id, tx.ForUpdate())
}

func (s *Store) offer(tx *db.Tx, id, lock string) (*marketplace.Offer, error) {
	o, err := db.First(tx, scanOffer, `SELECT `+offerColumns+` FROM mk_product WHERE world = $1 AND id = $2`+lock, id)
	if err != nil || o == nil {
		return o, err
	}
	o.SKUs, err = skusOf(tx, id)
	return o, err
}

func skusOf(tx *db.Tx, offer string) ([]marketplace.SKU, error) {
	return db.Every(tx, func(scan scanner) (k marketplace.SKU, err error) {
		err = scan(&k.ID, &k.Name, &k.Unit)
		return k, err
	}, `SELECT sku, name, unit FROM mk_sku WHERE world = $1 AND product = $2 ORDER BY sku`, offer)
}

// Offers lists products by id, with their SKUs.
func (s *Store) Offers(tx *db.Tx, f marketplace.OfferFilter, page marketplace.Paging) ([]marketplace.Offer, int, error) {
	w := inWorld().and("provider = ", f.Provider)
	if f.Sold {
		w.and("state = ", marketplace.OfferListed)
		w.and("provider IN (SELECT p.id FROM mk_provider p WHERE p.world = $1 AND p.state = ", marketplace.ProviderActive)
		w.parts[len(w.parts)-1] += ")"
	}
	w.contains(f.Text, "name", "description")
	list, total, err := listed(tx, scanOffer, offerColumns, "mk_product", w, page)
	for i := range list {
		if err != nil {
			break
		}
		list[i].SKUs, err = skusOf(tx, list[i].ID)
	}
	return list, total, err
}

// AddOffer writes a new product.
func (s *Store) AddOffer(tx *db.Tx, o marketplace.Offer) {
	tx.Do(`INSERT INTO mk_product (world, `+offerColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		o.ID, o.Provider, o.Name, o.Description, o.State, asJSON(o.Form), clock.Micros(o.CreatedAt))
}

// SaveOffer writes what may change of a product.
func (s *Store) SaveOffer(tx *db.Tx, from string, o marketplace.Offer) {
	tx.One(errChanged, `UPDATE mk_product SET name = $3, description = $4, state = $5, form = $6 WHERE world = $1 AND id = $2 AND state = $7`,
		o.ID, o.Name, o.Description, o.State, asJSON(o.Form), from)
}

// AddSKU writes a new SKU; a SKU is one product's in the whole world.
func (s *Store) AddSKU(tx *db.Tx, offer, provider string, k marketplace.SKU) {
	tx.One(marketplace.SKUTaken.With(), `INSERT INTO mk_sku (world, sku, product, provider, name, unit) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (world, sku) DO NOTHING`, k.ID, offer, provider, k.Name, k.Unit)
}
