package etcd

import (
	"iter"
	"maps"
	"slices"
)

// The backends by name.
const (
	BuntDB = "buntdb" // a file in Config.Dir; the default
	Memory = "memory" // nothing outlives Run
)

// A backend keeps entries. Only the goroutine of Run calls it.
type backend interface {
	// load calls visit for each entry in the order of their keys.
	load(visit func(entry) error) error
	// commit adds entries, replacing those of the same key. They are durable when
	// it returns nil. After an error that wraps errFatal nothing is known any
	// more; after any other, nothing has changed.
	commit([]entry) error
	// rewrite replaces everything. Its errors are as those of commit.
	rewrite(iter.Seq[entry]) error
	close() error
}

// memory is the backend that forgets.
type memory map[string]string

var _ backend = memory{}

func (m memory) load(visit func(entry) error) error {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if err := visit(entry{key, m[key]}); err != nil {
			return err
		}
	}
	return nil
}

func (m memory) commit(entries []entry) error {
	for _, e := range entries {
		m[e.key] = e.value
	}
	return nil
}

func (m memory) rewrite(entries iter.Seq[entry]) error {
	keep := slices.Collect(entries)
	clear(m)
	return m.commit(keep)
}

func (m memory) close() error { return nil }
