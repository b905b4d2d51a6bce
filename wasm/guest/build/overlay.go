package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// An edit makes a file of GOROOT/src fit for the host's ABI without a copy of
// it lying here.
type edit struct {
	File  string
	Drop  bool     // leave the file out
	Build string   // replaces its //go:build line
	Cut   []string // top-level declarations that files of goroot bring instead
}

// edits are all changes to Go's own files. The files of wasm/guest/goroot come
// on top: each replaces the file of its name in GOROOT/src, or adds one.
func edits() []edit {
	return []edit{
		// Sockets: what Unix has, instead of the fake network.
		{File: "net/net_fake.go", Drop: true},
		{File: "net/fd_fake.go", Drop: true},
		{File: "net/fd_wasip1.go", Drop: true},
		{File: "net/file_wasip1.go", Drop: true},
		{File: "net/sockopt_fake.go", Drop: true},
		{File: "net/fd_posix.go", Build: "wasip1"},
		{File: "net/fd_unix.go", Build: "wasip1"},
		{File: "net/sock_posix.go", Build: "wasip1"},
		{File: "net/file_posix.go", Build: "wasip1", Cut: []string{"newFileFD"}},
		{File: "net/ipsock_posix.go", Build: "wasip1", Cut: []string{"ipStackCapabilities.probe"}},
		// Processes, signals, pipes, identity.
		{File: "syscall/syscall_wasip1.go", Cut: []string{
			"WaitStatus", "WaitStatus.*", "Sysctl", "Getuid", "Getgid", "Geteuid", "Getegid", "Getgroups",
			"Getpid", "Getppid", "Kill", "StartProcess", "SysProcAttr", "Wait4", "Umask",
		}},
		{File: "syscall/fs_wasip1.go", Cut: []string{
			"Stat", "Lstat", "Fstat", "setDefaultMode", "Chmod", "Chown", "Lchown", "Dup2", "Pipe",
		}},
		{File: "os/stat_wasip1.go", Cut: []string{"fillFileStatFromSys"}},
		{File: "os/wait_unimp.go", Drop: true},
		{File: "os/exec/lp_wasm.go", Drop: true},
		{File: "os/exec/lp_unix.go", Build: "wasip1"},
		{File: "os/signal/signal_unix.go", Drop: true},
		{File: "os/signal/signal.go", Cut: []string{"signalWaitUntilIdle"}},
		{File: "runtime/sigqueue.go", Cut: []string{"signalWaitUntilIdle"}},
		{File: "internal/syscall/unix/at_wasip1.go", Cut: []string{"Fstatat", "path_filestat_get"}},
	}
}

// writeOverlay writes the edited files and the overlay's JSON into dir, and
// returns the latter's path.
func (b *builder) writeOverlay(dir string) (string, error) {
	replace := map[string]string{}
	for _, e := range edits() {
		target := filepath.Join(b.goroot, "src", filepath.FromSlash(e.File))
		if e.Drop {
			if _, err := os.Stat(target); err != nil {
				return "", fmt.Errorf("overlay: %w", err)
			}
			replace[target] = ""
			continue
		}
		source, err := os.ReadFile(target)
		if err != nil {
			return "", fmt.Errorf("overlay: %w", err)
		}
		if source, err = e.apply(source); err != nil {
			return "", fmt.Errorf("overlay: %s: %w", e.File, err)
		}
		replace[target] = filepath.Join(dir, strings.ReplaceAll(e.File, "/", "_"))
		if err := writeIfChanged(replace[target], source); err != nil {
			return "", fmt.Errorf("overlay: %w", err)
		}
	}
	if err := b.addOwn(replace); err != nil {
		return "", fmt.Errorf("overlay: %w", err)
	}
	text, err := json.MarshalIndent(map[string]any{"Replace": replace}, "", "\t")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, writeIfChanged(name, text)
}

// addOwn lays the files of wasm/guest/goroot over GOROOT/src.
func (b *builder) addOwn(replace map[string]string) error {
	own := filepath.Join(b.root, room, "goroot")
	return filepath.WalkDir(own, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			if err == nil && d.IsDir() && d.Name() == ".patched" {
				return filepath.SkipDir
			}
			return err
		}
		rel, err := filepath.Rel(own, path)
		replace[filepath.Join(b.goroot, "src", rel)] = path
		return err
	})
}
