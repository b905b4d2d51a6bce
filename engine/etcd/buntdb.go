package etcd

import (
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/tidwall/buntdb"
)

// The files in the data directory.
const (
	dbFile      = "kv.db"
	oldFile     = "kv.db.old"     // as it was before the last compaction
	newFile     = "kv.db.new"     // being written; worthless after a crash
	damagedFile = "kv.db.damaged" // as it was before the last repair
	lockFile    = "LOCK"
)

// bunt keeps entries in a buntdb file. buntdb writes to the file but does not
// make sure of it: we do, on a handle of our own, for buntdb hides a failure.
type bunt struct {
	dir  string
	lock *os.File
	db   *buntdb.DB
	sync *os.File // a second handle on the file of db
}

var _ backend = (*bunt)(nil)

// openBunt takes possession of dir, and repairs and opens the file in it.
func openBunt(dir string, log *slog.Logger) (*bunt, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, sentence(dir, err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, sentence(dir, err)
	}
	b := &bunt{dir: dir, lock: lock}
	if err = repair(dir, log); err == nil {
		err = b.open()
	}
	if err != nil {
		_ = b.close() // the first error says more
		return nil, sentence(dir, err)
	}
	return b, nil
}

// sentence says what is wrong with dir in one sentence, without the system call.
func sentence(dir string, err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("etcd: data directory %s: %s: %w", dir, filepath.Base(p.Path), p.Err)
	}
	return fmt.Errorf("etcd: data directory %s: %w", dir, err)
}

func (b *bunt) path(file string) string { return filepath.Join(b.dir, file) }

func (b *bunt) open() (err error) {
	if b.sync, err = os.OpenFile(b.path(dbFile), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return err
	}
	if err = syncDir(b.dir); err != nil {
		return err
	}
	if b.db, err = buntdb.Open(b.path(dbFile)); err != nil {
		return fmt.Errorf("%s: %w", dbFile, err)
	}
	var cfg buntdb.Config
	if err = b.db.ReadConfig(&cfg); err != nil {
		return err
	}
	cfg.SyncPolicy, cfg.AutoShrinkDisabled = buntdb.Never, true // both are ours
	return b.db.SetConfig(cfg)
}

func (b *bunt) load(visit func(entry) error) error {
	return b.db.View(func(tx *buntdb.Tx) (err error) {
		scan := tx.Ascend("", func(key, value string) bool {
			err = visit(entry{key, value})
			return err == nil
		})
		return errors.Join(err, scan)
	})
}

func (b *bunt) commit(entries []entry) (err error) {
	defer func() {
		if r := recover(); r != nil { // buntdb panics when it can not undo half a write
			b.db = nil // and keeps its lock, so it can not even be closed
			err = fmt.Errorf("%w: %v", errFatal, r)
		}
	}()
	err = b.db.Update(func(tx *buntdb.Tx) error {
		for _, e := range entries {
			if _, _, err := tx.Set(e.key, e.value, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return sentence(b.dir, err)
	}
	if err = b.sync.Sync(); err != nil {
		return fmt.Errorf("%w: %w", errFatal, sentence(b.dir, err))
	}
	return nil
}

// rewrite writes a new file, makes it durable, and puts it in the place of the
// old one, which it keeps until the next time.
func (b *bunt) rewrite(entries iter.Seq[entry]) error {
	if err := writeFile(b.path(newFile), entries); err != nil {
		return sentence(b.dir, err)
	}
	if err := b.swap(); err != nil {
		return fmt.Errorf("%w: %w", errFatal, sentence(b.dir, err))
	}
	return nil
}

func (b *bunt) swap() error {
	if err := errors.Join(b.db.Close(), b.sync.Close()); err != nil {
		return err
	}
	if err := replaceFile(b.dir, newFile, dbFile, oldFile); err != nil {
		return err
	}
	return b.open()
}

func (b *bunt) close() error {
	var errs []error
	if b.db != nil {
		errs = append(errs, b.db.Close())
	}
	if b.sync != nil {
		errs = append(errs, b.sync.Close())
	}
	return errors.Join(append(errs, b.lock.Close())...)
}
