package etcd

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
)

// repair makes the file in dir one that buntdb can open: every byte of it is
// part of a record with the right checksum. What was there before is kept.
func repair(dir string, log *slog.Logger) error {
	data, err := os.ReadFile(filepath.Join(dir, dbFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(data) == 0 {
		return vanished(dir)
	}
	s := scanFile(data)
	if s.hopeless(data) {
		return fmt.Errorf("%s is not a store, or is damaged from end to end: put %s in its place, or move it away", dbFile, oldFile)
	}
	if len(s.bad) == 0 {
		return nil
	}
	m := s.repaired(len(data))
	log.Error("store repaired: "+s.String(), "torn", s.torn(len(data)), "kept", damagedFile, "next_revision", m.floor+1, "compacted", m.compacted)
	if err := writeFile(filepath.Join(dir, newFile), s.salvage(data, m)); err != nil {
		return err
	}
	return replaceFile(dir, newFile, dbFile, damagedFile)
}

// vanished fails if there is no file in dir, but once was.
func vanished(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, oldFile)); err == nil {
		return fmt.Errorf("%s is missing or empty, but %s is there: copy it to %s to go back to it", dbFile, oldFile, dbFile)
	}
	return nil
}

// salvage are the good entries in data, with m in the place of the old meta.
func (s *scan) salvage(data []byte, m meta) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for _, g := range s.good {
			key, value, _, _ := parseFrame(data[g.from:g.to]) // it could be parsed before
			if string(key) != "m" && !yield(entry{string(key), string(value)}) {
				return
			}
		}
		yield(m.entry())
	}
}
