package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/remotecommand"
	utilexec "k8s.io/utils/exec"
)

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		name    string
		err     error
		status  string
		message string
		causes  string
	}{
		{"well", nil, "Success", "", ""},
		{"exit code", utilexec.CodeExitError{Err: errors.New("command terminated with exit code 137"), Code: 137}, "Failure", "command terminated with non-zero exit code: command terminated with exit code 137", "[{ExitCode 137 }]"},
		{"wrapped exit code", fmt.Errorf("exec: %w", utilexec.CodeExitError{Err: errors.New("exit"), Code: 1}), "Failure", "command terminated with non-zero exit code: exit", "[{ExitCode 1 }]"},
		{"the kubelet's word", fmt.Errorf("exec: %w", apierrors.NewBadRequest("no")), "Failure", "no", ""},
		{"error", errors.New("gone"), "Failure", "Internal error occurred: error executing command in container: gone", "[{ error executing command in container: gone }]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s metav1.Status
			if err := json.Unmarshal(statusOf(c.err, Executing), &s); err != nil {
				t.Fatal(err)
			}
			causes := ""
			if s.Details != nil && len(s.Details.Causes) > 0 {
				causes = fmt.Sprint(s.Details.Causes)
			}
			if s.Status != c.status || s.Message != c.message || causes != c.causes {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestTunneled(t *testing.T) {
	for _, c := range []struct {
		protocols []string
		want      string
	}{
		{nil, "[]"},
		{[]string{"SPDY/3.1+portforward.k8s.io"}, "[portforward.k8s.io]"},
		{[]string{"v5.channel.k8s.io, SPDY/3.1+portforward.k8s.io", "SPDY/3.1+v2.k8s.io"}, "[portforward.k8s.io v2.k8s.io]"},
		{[]string{"SPDY/3.1+frog"}, "[]"},
	} {
		if got := fmt.Sprint(tunneled(&http.Request{Header: http.Header{"Sec-Websocket-Protocol": c.protocols}})); got != c.want {
			t.Errorf("%q: %s, want %s", c.protocols, got, c.want)
		}
	}
}

func FuzzTunneled(f *testing.F) {
	f.Add("SPDY/3.1+portforward.k8s.io")
	f.Add(",, SPDY/3.1+")
	f.Fuzz(func(t *testing.T, protocols string) {
		for _, p := range tunneled(&http.Request{Header: http.Header{"Sec-Websocket-Protocol": {protocols}}}) {
			if !strings.Contains(protocols, tunnelPrefix+p) {
				t.Errorf("%q is not in %q", p, protocols)
			}
		}
	})
}

func FuzzSizes(f *testing.F) {
	f.Add([]byte(`{"Width":80,"Height":24}` + "\n" + `{"Width":1}`))
	f.Add([]byte(`{"Width":-1}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		sizes := make(chan remotecommand.TerminalSize)
		go readSizes(context.Background(), bytes.NewReader(data), sizes)
		n := 0
		for range sizes { // ends with the data, whatever it is
			n++
		}
		if n > len(data) {
			t.Errorf("%d sizes in %d bytes", n, len(data))
		}
	})
}
