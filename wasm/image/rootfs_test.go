package image

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubergarten/wasm/guest/busybox/applet"
)

// TestApplets holds the links against the program that they lead to.
func TestApplets(t *testing.T) {
	var have, want []string
	for _, a := range applet.Applets() {
		want = append(want, a.Name)
	}
	for _, names := range applets() {
		have = append(have, strings.Fields(names)...)
	}
	slices.Sort(have)
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Compact(have)); diff != "" {
		t.Error(diff)
	}
}

// TestFiles holds every image to what the runtime expects of one.
func TestFiles(t *testing.T) {
	for _, e := range catalog() {
		t.Run(e.names[0], func(t *testing.T) {
			at := map[string]File{}
			for _, f := range e.files() {
				if f.Path != path.Clean(f.Path) || !path.IsAbs(f.Path) {
					t.Errorf("path %q", f.Path)
				}
				if _, twice := at[f.Path]; twice {
					t.Errorf("%s is there twice", f.Path)
				}
				at[f.Path] = f
			}
			cfg := e.config("latest")
			run := append(slices.Clone(cfg.Entrypoint), cfg.Cmd...)
			found := false
			for _, dir := range []string{"", "/usr/sbin/", "/bin/"} {
				_, ok := at[dir+run[0]]
				found = found || ok
			}
			if !found {
				t.Errorf("%v is not in the image", run)
			}
			for _, f := range at {
				if _, ok := at[f.Link]; f.Link != "" && !ok && !strings.HasPrefix(f.Link, "/dev/") {
					t.Errorf("%s leads to %s, which is not there", f.Path, f.Link)
				}
			}
		})
	}
}
