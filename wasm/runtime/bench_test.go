package runtime

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/wasm/guest"
	"kubergarten/wasm/image"
)

// BenchmarkPodStart is a pod's way through the runtime, once its image is
// there: sandbox, container, start, and away again.
func BenchmarkPodStart(b *testing.B) {
	l := newLab(b)
	ctx := context.Background()
	for b.Loop() {
		pod := l.pod()
		l.start(pod, "sleep 1h")
		b.StopTimer()
		must(b, l.StopPodSandbox(ctx, pod))
		must(b, l.RemovePodSandbox(ctx, pod))
		b.StartTimer()
	}
}

// BenchmarkExec is a probe: a command in a container, to its end.
func BenchmarkExec(b *testing.B) {
	l := newLab(b)
	id := l.start(l.pod(), "sleep 1h")
	for b.Loop() {
		if _, code := l.exec(id, "exit", "0"); code != 0 {
			b.Fatal(code)
		}
	}
}

// BenchmarkMemory shows what a sleeping pod costs, its sandbox included.
func BenchmarkMemory(b *testing.B) {
	l := newLab(b)
	const pods = 100
	for b.Loop() {
		before := private(b)
		for range pods {
			pod := l.pod()
			l.start(pod, "sleep 1h", func(c *v1.ContainerConfig) { c.Metadata.Name = "sleep" })
		}
		b.ReportMetric(float64(private(b)-before)/pods/1024, "KiB/pod")
		b.ReportMetric(float64(runtime.NumGoroutine())/pods, "goroutines/pod")
		for _, s := range l.ledger.Sandboxes(nil) {
			must(b, l.RemovePodSandbox(context.Background(), s.Id))
		}
	}
}

// private is how much memory the process has for itself, in bytes.
func private(b *testing.B) int64 {
	runtime.GC()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("no /proc:", err)
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kb), " kB"), 10, 64)
			return n << 10
		}
	}
	b.Skip("no RssAnon in /proc/self/status")
	return 0
}

// BenchmarkBusybox is the real busybox's way from a pod to the end of a script,
// compiled before.
func BenchmarkBusybox(b *testing.B) {
	if _, err := guest.Module("busybox"); err != nil {
		b.Skip(err)
	}
	store, err := image.New(image.Config{Dir: b.TempDir()})
	must(b, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- store.Run(ctx) }()
	b.Cleanup(func() { stop(); <-done })
	l := newLab(b, func(c *Config) { c.Images = store })
	script := func(c *v1.ContainerConfig) {
		c.Command, c.Args = []string{"sh", "-c", "echo hi | cat; ls /bin | wc -l; id -u; pwd"}, nil
	}
	for b.Loop() {
		pod := l.pod()
		id := l.start(pod, "", script)
		if got := l.end(id); got.ExitCode != 0 || !strings.HasPrefix(l.logs(id), "stdout F hi\nstdout F ") {
			b.Fatal(got, l.logs(id))
		}
		b.StopTimer()
		must(b, l.RemovePodSandbox(ctx, pod))
		b.StartTimer()
	}
}
