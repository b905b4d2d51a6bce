package guesttest

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ocispec "github.com/google/go-containerregistry/pkg/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// TestOverlay runs an ordinary Go program, with net/http, os/exec and
// os/signal, that knows nothing of where it runs.
func TestOverlay(t *testing.T) {
	l := getLab(t)
	module, err := os.ReadFile("../goroot/.patched/selftest.module")
	if os.IsNotExist(err) {
		t.Skip("selftest is not built: run `make guests`")
	}
	must(t, err)
	_, err = l.store.Import("selftest", module, ocispec.Config{})
	must(t, err)
	id := l.run(t, l.pod(t), "selftest")
	eventually(t, func() string {
		s, err := l.ContainerStatus(context.Background(), id)
		must(t, err)
		return s.State.String()
	}, v1.ContainerState_CONTAINER_EXITED.String())
	want := strings.TrimLeft(`
http: 200 OK POST 127.0.0.1 hi
refused: dial tcp 127.0.0.1:1: connect: Connection refused true
timeout: true
resolve: [10.96.0.1] true
udp: PING
pipe: 300000
exec: b /tmp/d through
exec fails: exit status 3 bad exec: "nosuch": executable file not found in $PATH
kill: signal: killed
wait blocks no one: signal: terminated
signal: user defined signal 1
half close: got 1048576
files: -rwxr-xr-- text <nil>
identity: true true 0
interfaces: lo eth0 
in use: true
deadline: true
`, "\n")
	if d := cmp.Diff(want, l.logs(t, id)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
