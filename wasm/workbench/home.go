package workbench

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// homeDir is where a learner's files are in their shell.
const homeDir = "/root"

// Home returns the learner's directory, which their shells have as /root, and
// its path. It is made when it is first asked for, and stays open until the
// workbench ends. What is reached by the path alone may be a symbolic link of
// the learner's to anywhere.
func (w *Workbench) Home(id string) (*os.Root, string, error) {
	b, err := w.bench(id)
	if err != nil {
		return nil, "", err
	}
	return b.home, filepath.Join(w.cfg.Root.Name(), filepath.FromSlash(b.dir)), nil
}

// InHome is a directory of the shell as a path relative to the learner's
// files; false if it is not one of theirs.
func InHome(dir string) (string, bool) {
	dir = path.Clean(dir)
	if dir == homeDir {
		return ".", true
	}
	return strings.CutPrefix(dir, homeDir+"/")
}

// bench finds a learner's bench, or makes it with their files.
func (w *Workbench) bench(id string) (*bench, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx.Err() != nil {
		return nil, ErrClosed
	}
	name := fileName(id)
	if b, ok := w.benches[name]; ok {
		return b, w.open(b.dir)
	}
	b := &bench{w: w, name: name, dir: path.Join("learners", name, "home"), turn: make(chan struct{}, 1)}
	if err := w.cfg.Root.MkdirAll(b.dir, 0o700); err != nil {
		return nil, fmt.Errorf("home of %q: %w", id, err)
	}
	if err := w.open(b.dir); err != nil {
		return nil, fmt.Errorf("home of %q: %w", id, err)
	}
	var err error
	if b.home, err = w.cfg.Root.OpenRoot(b.dir); err != nil {
		return nil, fmt.Errorf("home of %q: %w", id, err)
	}
	w.benches[name] = b
	return b, nil
}

// open lets us into a learner's directory again if they have shut it to all, and
// so to themselves.
func (w *Workbench) open(dir string) error {
	st, err := w.cfg.Root.Stat(dir)
	if err != nil || st.Mode().Perm()&0o700 == 0o700 {
		return err
	}
	return w.cfg.Root.Chmod(dir, 0o700)
}

// fileName is the name of a learner's directory: what is no plain name is
// hashed, so that no two learners share one.
func fileName(id string) string {
	if regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`).MatchString(id) {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return "0" + hex.EncodeToString(sum[:16])
}
