package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSupported(t *testing.T) {
	for version, want := range map[string]bool{"go1.26": true, "go1.26.8": true, "go1.26rc1": true, "go1.27": false, "go1.260": false, "go1.2": false, "devel": false} {
		if supported(version) != want {
			t.Errorf("%s: %v", version, !want)
		}
	}
}

func TestEdit(t *testing.T) {
	const source = `//go:build unix

package x

import (
	"fmt"
	"os"
)

// A is cut with its words.
func A() { fmt.Println() }

// T stays.
type T int

func (t *T) M() {}

func B() { os.Exit(1) }
`
	got, err := edit{Build: "wasip1", Cut: []string{"A", "T.M"}}.apply([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	want := "//go:build wasip1\npackage x\nimport (\n\t\"os\"\n)\n// T stays.\ntype T int\nfunc B() { os.Exit(1) }"
	var lines []string
	for _, l := range strings.Split(string(got), "\n") {
		if strings.TrimSpace(l) != "" {
			lines = append(lines, l)
		}
	}
	if d := cmp.Diff(want, strings.Join(lines, "\n")); d != "" {
		t.Error(d)
	}
	if _, err := (edit{Cut: []string{"Gone"}}).apply([]byte(source)); err == nil || err.Error() != "no declaration Gone" {
		t.Errorf("got %v", err)
	}
}

// TestOverlay writes the overlay for the Go at hand: every edit must still fit.
func TestOverlay(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	goroot, version, err := toolchain()
	if err != nil {
		t.Fatal(err)
	}
	b := &builder{root: root, goroot: goroot, version: version}
	dir := t.TempDir()
	name, err := b.writeOverlay(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"net/net_fake.go", "syscall/proc_wasip1.go", "os/signal/signal_wasip1.go"} {
		if !strings.Contains(string(text), filepath.Join(goroot, "src", file)) {
			t.Errorf("the overlay lacks %s", file)
		}
	}
}

func TestPackIsReproducible(t *testing.T) {
	a, err := pack([]byte("module"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := pack([]byte("module"))
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Error("two packings differ")
	}
}
