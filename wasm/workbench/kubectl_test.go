package workbench

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"kubergarten/engine/clock"
	"kubergarten/wasm/host"
	"kubergarten/wasm/host/vfs"
)

// TestKubectlFillsTheHome holds that a kubectl that goes on and fills the
// learner's files is ended, that no other is started then, and that one is again
// when there is room.
func TestKubectlFillsTheHome(t *testing.T) {
	home, err := os.OpenRoot(t.TempDir())
	must(t, err)
	defer home.Close()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{home: home, w: &Workbench{cfg: Config{Clock: clock.New(), Quota: vfs.Quota{Bytes: 1000, Inodes: 10}}}}
		run := func(k Kubectl) (int, string) {
			var said bytes.Buffer
			b.kubectl.Store(&k)
			return b.runKubectl(t.Context(), host.Command{Stderr: &said}), said.String()
		}
		for _, tt := range []struct {
			name string
			fill func()
		}{
			{"bytes", func() { must(t, home.WriteFile("big", make([]byte, 2000), 0o600)) }},
			{"files", func() { must(t, home.MkdirAll("big/"+strings.Repeat("d/", 15), 0o700)) }},
		} {
			code, said := run(func(ctx context.Context, _ host.Command) int {
				tt.fill()
				<-ctx.Done()
				return 130
			})
			if code != 1 || !strings.Contains(said, "remove some of them first") {
				t.Errorf("%s: what fills the home ends with %d, %q", tt.name, code, said)
			}
			if code, said := run(func(context.Context, host.Command) int { return 0 }); code != 1 || said == "" {
				t.Errorf("%s: the next one ends with %d, %q", tt.name, code, said)
			}
			must(t, home.RemoveAll("big"))
			if code, said := run(func(context.Context, host.Command) int { return 7 }); code != 7 || said != "" {
				t.Errorf("%s: with room again: %d, %q", tt.name, code, said)
			}
		}
	})
}
