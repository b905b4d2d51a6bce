//go:build dev

package apiserver

import (
	"log/slog"
	"os"
	"testing"
	"time"
)

func TestDev(t *testing.T) {
	start := time.Now()
	c := newCluster(t, slog.New(slog.NewTextHandler(os.Stderr, nil)), func(_ *Config, d *Deps) { devKubelet(d) })
	println("READY", time.Since(start).String())
	os.WriteFile("/tmp/dev.url", []byte(c.url), 0o600)
	for {
		if _, err := os.Stat("/tmp/dev.stop"); err == nil {
			os.Remove("/tmp/dev.stop")
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}
