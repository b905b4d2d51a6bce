package lessons

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
)

// A shelf is where books are kept: a file for each learner. A nil root keeps
// nothing.
type shelf struct {
	root *os.Root
}

// fileOf is the file of a learner; long names are shortened to their hash.
func fileOf(learner string) string {
	name := strings.ReplaceAll(url.QueryEscape(learner), "*", "%2A")
	if len(name) > 100 {
		name = fmt.Sprintf("%x", sha256.Sum256([]byte(learner)))
	}
	return "progress-" + name + ".json"
}

// take reads a learner's book. What is no book is laid aside, and the learner
// gets a new one with the error. A file that cannot be read now may be whole:
// there is no book then, or the next put would write over it.
func (s shelf) take(learner string) (book, error) {
	if s.root == nil {
		return book{}, nil
	}
	name := fileOf(learner)
	data, err := s.root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return book{}, nil
	} else if err != nil {
		return nil, fmt.Errorf("read progress: %w", err)
	}
	b, err := parseBook(data)
	if err == nil {
		return b, nil
	}
	if failed := s.root.Rename(name, name+".bad"); failed != nil {
		return nil, errors.Join(err, failed)
	}
	return book{}, err
}

// put writes a learner's book so that a crash leaves either the old or the new.
func (s shelf) put(learner string, b book) error {
	if s.root == nil {
		return nil
	}
	data, err := encode(learner, b)
	if err != nil {
		return err
	}
	name := fileOf(learner)
	if err := s.write(name+".new", data); err != nil {
		return fmt.Errorf("write progress: %w", err)
	}
	if err := s.root.Rename(name+".new", name); err != nil {
		return fmt.Errorf("write progress: %w", err)
	}
	return nil
}

func (s shelf) write(name string, data []byte) error {
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
