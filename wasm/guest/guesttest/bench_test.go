package guesttest

import (
	"bytes"
	"context"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"kubergarten/engine/cri"
)

// BenchmarkShell is `sh -c` of nothing, of a program, and of a pipeline.
func BenchmarkShell(b *testing.B) {
	l := getLab(b)
	id := l.busybox(b)
	for _, script := range []string{":", "ls / >/dev/null", "echo hi | cat >/dev/null", "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done"} {
		b.Run(script, func(b *testing.B) {
			for b.Loop() {
				var out bytes.Buffer
				if _, err := l.Exec(context.Background(), id, []string{"sh", "-c", script}, cri.Streams{Stdout: &out, Stderr: &out}); err != nil || out.Len() > 0 {
					b.Fatal(err, out.String())
				}
			}
		})
	}
}

// BenchmarkMemory is what a process at rest holds of its own, in KB.
func BenchmarkMemory(b *testing.B) {
	l := getLab(b)
	for _, tt := range []struct {
		name, image string
		command     []string
	}{
		{"sleep", "busybox", []string{"sleep", "3600"}},
		{"sh", "busybox", []string{"sh", "-c", "while :; do sleep 3600; done"}},
		{"nginx", "nginx", nil},
		{"http-echo", "hashicorp/http-echo", []string{"/http-echo", "-text=x", "-listen=:0"}},
		{"pause", "registry.k8s.io/pause:3.10", nil},
	} {
		b.Run(tt.name, func(b *testing.B) {
			const n = 20
			l.run(b, l.pod(b), tt.image, tt.command...)
			before := anonymous(b)
			for range n {
				l.run(b, l.pod(b), tt.image, tt.command...)
			}
			for b.Loop() {
			}
			b.ReportMetric(float64(anonymous(b)-before)/n, "KB/pod")
		})
	}
}

// anonymous is this process's memory that is its own.
func anonymous(b *testing.B) int {
	b.Helper()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/status")
	must(b, err)
	_, rest, ok := strings.Cut(string(text), "RssAnon:")
	if !ok {
		b.Skip("no RssAnon here")
	}
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	must(b, err)
	return n
}
