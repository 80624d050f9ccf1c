package db

// First keeps the single row of a query; nil when there is none.
func First[T any](tx *Tx, scan func(scan func(...any) error) (T, error), sql string, args ...any) (*T, error) {
	var found *T
	err := tx.Each(func(s func(...any) error) error {
		v, err := scan(s)
		found = &v
		return err
	}, sql, args...)
	return found, err
}

// Every keeps all rows of a query; the list is never nil.
func Every[T any](tx *Tx, scan func(scan func(...any) error) (T, error), sql string, args ...any) ([]T, error) {
	list := []T{}
	err := tx.Each(func(s func(...any) error) error {
		v, err := scan(s)
		list = append(list, v)
		return err
	}, sql, args...)
	return list, err
}
