package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// warm compiles what is to be warm, and what no earlier run of this binary has
// compiled: those lie on disk, and are read when first needed, for a program's
// machine code takes four times the room of its module.
func (s *Store) warm(ctx context.Context) {
	made := false
	for _, name := range s.cfg.Warm {
		mark := s.kept.mark(name)
		if ctx.Err() != nil || exists(mark) {
			continue
		}
		made = true
		if _, err := s.Program(ctx, name); err != nil {
			s.cfg.Log.WarnContext(ctx, "program is not ready", "program", name, "err", err)
		} else if mark != "" {
			_ = write(mark, nil)
		}
	}
	if made {
		debug.FreeOSMemory() // the compiler needs much, and seldom
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return name != "" && err == nil
}

// mark is the file that says that a program of this binary has been compiled;
// "" if there can be none.
func (k kept) mark(program string) string {
	id := thisBinary()
	if k.dir == "" || id == "" || strings.ContainsAny(program, "/:") {
		return ""
	}
	return filepath.Join(k.dir, "warm-"+id+"-"+program)
}

// thisBinary tells one build of the server from another.
func thisBinary() string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	st, err := os.Stat(exe)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d", exe, st.Size(), st.ModTime().UnixNano()))
	return hex.EncodeToString(sum[:8])
}
