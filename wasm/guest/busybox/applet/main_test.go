package applet

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// asBusybox makes the test binary busybox, so that a shell's children are real
// processes, each under its own name.
const asBusybox = "KUBERGARTEN_TEST_BUSYBOX"

var binDir string

func TestMain(m *testing.M) {
	if os.Getenv(asBusybox) != "" {
		os.Unsetenv("GOCOVERDIR")
		os.Exit(Main(os.Args))
	}
	os.Exit(withLinks(m))
}

func withLinks(m *testing.M) int {
	dir, err := os.MkdirTemp("", "busybox")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for _, a := range Applets() {
		if err := os.Symlink(self, filepath.Join(dir, a.Name)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	binDir = dir
	return m.Run()
}

// sh runs a script in a directory of its own.
func sh(t *testing.T, script, stdin string) (stdout, stderr string, status int) {
	t.Helper()
	return shIn(t, t.TempDir(), script, stdin)
}

func shIn(t *testing.T, dir, script, stdin string) (stdout, stderr string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(binDir, "sh"), "-c", script)
	cmd.Args[0] = "sh"
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + binDir, asBusybox + "=1", "HOME=/root", "TZ=UTC", "KEEP=" + asBusybox + "=1", "TMPDIR=" + dir}
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
