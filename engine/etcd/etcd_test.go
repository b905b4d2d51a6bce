package etcd_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	testclock "k8s.io/utils/clock/testing"

	"kubergarten/engine/clock"
	conformance "kubergarten/engine/conformance/etcd"
	"kubergarten/engine/etcd"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("KUBERGARTEN_VICTIM"); dir != "" {
		victim(dir)
	}
	// buntdb's own goroutine ends up to a second after its file was closed.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/tidwall/buntdb.(*DB).backgroundManager"))
}

func TestConformance(t *testing.T) {
	for _, backend := range []string{etcd.BuntDB, etcd.Memory} {
		t.Run(backend, func(t *testing.T) {
			conformance.KV(t, func(t *testing.T, clock *testclock.FakeClock) etcd.KV {
				return start(t, etcd.Config{Dir: t.TempDir(), Backend: backend, Clock: clock})
			})
		})
	}
}

// running is a server, and how to stop it.
type running struct {
	*etcd.Server
	stop func() error
	log  *lockedBuffer
}

// start runs a server until the test ends, or stop is called.
func start(t testing.TB, cfg etcd.Config) *running {
	t.Helper()
	r, err := tryStart(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tryStart returns the error of a server that does not become ready.
func tryStart(t testing.TB, cfg etcd.Config) (*running, error) {
	t.Helper()
	if cfg.Clock == nil {
		cfg.Clock = clock.New()
	}
	log := &lockedBuffer{}
	cfg.Log = slog.New(slog.NewTextHandler(log, nil))
	s, err := etcd.New(cfg)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop := sync.OnceValue(func() error { cancel(); return <-done })
	select {
	case <-s.Ready():
	case err := <-done:
		cancel()
		return nil, err
	}
	t.Cleanup(func() { _ = stop() })
	return &running{s, stop, log}, nil
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func put(t testing.TB, kv etcd.KV, key, value string) int64 {
	t.Helper()
	r, err := kv.Txn(t.Context(), etcd.TxnRequest{Key: key, ModRevision: etcd.Any, Value: []byte(value)})
	if err != nil {
		t.Fatal(err)
	}
	return r.Revision
}

func dump(t testing.TB, kv etcd.KV) string {
	t.Helper()
	r, err := kv.Range(t.Context(), etcd.RangeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, kv := range r.KVs {
		fmt.Fprintf(&b, "%s=%s@%d/%d/%d\n", kv.Key, kv.Value, kv.CreateRevision, kv.ModRevision, kv.Version)
	}
	return b.String()
}

func TestRestart(t *testing.T) {
	dir, fake := t.TempDir(), testclock.NewFakeClock(time.Unix(1e9, 0))
	s := start(t, etcd.Config{Dir: dir, Clock: fake})
	for i := range 20 {
		put(t, s, fmt.Sprintf("k%d", i%7), fmt.Sprint(i))
	}
	lease, err := s.Grant(t.Context(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Txn(t.Context(), etcd.TxnRequest{Key: "leased", Value: []byte("x"), Lease: lease}); err != nil {
		t.Fatal(err)
	}
	if err := s.Compact(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	last := put(t, s, "k0", "last")
	want := dump(t, s)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}

	s = start(t, etcd.Config{Dir: dir, Clock: fake})
	if got := dump(t, s); got != want {
		t.Errorf("after a restart:\n%s\nbefore:\n%s", got, want)
	}
	if _, err := s.Watch(t.Context(), "", 10); err != etcd.ErrCompacted {
		t.Errorf("a watch from the compacted revision: %v", err)
	}
	w, err := s.Watch(t.Context(), "k", last)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if r, err := w.Next(t.Context()); err != nil || len(r.Events) != 1 || string(r.Events[0].KV.Value) != "last" {
		t.Errorf("a watch from before the restart: %v, %v", r, err)
	}
	if next := put(t, s, "k1", "x"); next != last+1 {
		t.Errorf("revision %d after %d", next, last)
	}
	fake.Step(time.Minute)
	waitGone(t, s, "leased", last)
}

// waitGone waits until key has been deleted.
func waitGone(t *testing.T, kv etcd.KV, key string, from int64) {
	t.Helper()
	w, err := kv.Watch(t.Context(), key, from)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		r, err := w.Next(ctx)
		if err != nil {
			t.Fatalf("wait for the end of %s: %v", key, err)
		}
		for _, e := range r.Events {
			if e.Deleted {
				return
			}
		}
	}
}

func TestHistoryIsBounded(t *testing.T) {
	dir := t.TempDir()
	s := start(t, etcd.Config{Dir: dir, HistoryBytes: 64 << 10})
	for i := range 300 {
		put(t, s, fmt.Sprintf("k%d", i%3), strings.Repeat("x", 1000))
	}
	if _, err := s.Range(t.Context(), etcd.RangeRequest{Revision: 2}); err != etcd.ErrCompacted {
		t.Errorf("the first revision is still there: %v", err)
	}
	for _, name := range []string{"kv.db", "kv.db.old"} {
		if fi, err := os.Stat(filepath.Join(dir, name)); err != nil || fi.Size() > 200<<10 {
			t.Errorf("%s: %v, %v", name, fi, err)
		}
	}
}

func TestQuota(t *testing.T) {
	s := start(t, etcd.Config{Backend: etcd.Memory, QuotaBytes: 2000})
	put(t, s, "a", strings.Repeat("x", 3000))
	if _, err := s.Txn(t.Context(), etcd.TxnRequest{Key: "b"}); err != etcd.ErrNoSpace {
		t.Errorf("a put above the quota: %v", err)
	}
	if _, err := s.Txn(t.Context(), etcd.TxnRequest{Key: "a", ModRevision: 2, Delete: true}); err != nil {
		t.Errorf("a deletion above the quota: %v", err)
	}
}

func TestStopped(t *testing.T) {
	s := start(t, etcd.Config{Backend: etcd.Memory})
	w, err := s.Watch(t.Context(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", "1")
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if r, err := w.Next(t.Context()); err != nil || len(r.Events) != 1 {
		t.Errorf("what was sent before the stop: %v, %v", r, err)
	}
	if _, err := w.Next(t.Context()); err != etcd.ErrStopped {
		t.Errorf("then: %v", err)
	}
	if _, err := s.Txn(t.Context(), etcd.TxnRequest{Key: "b"}); err != etcd.ErrStopped {
		t.Errorf("a write: %v", err)
	}
	if _, err := s.Rev(t.Context()); err != etcd.ErrStopped {
		t.Errorf("a read: %v", err)
	}
}

func TestBadDirectories(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "kv.db"), bytes.Repeat([]byte("no store\n"), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	emptied := t.TempDir()
	if err := os.WriteFile(filepath.Join(emptied, "kv.db.old"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	used := t.TempDir()
	start(t, etcd.Config{Dir: used})
	closed := t.TempDir()
	if err := os.Chmod(closed, 0o500); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, dir, want string }{
		{"a file", file, "not a directory"},
		{"below a file", filepath.Join(file, "dir"), "not a directory"},
		{"in use", used, fmt.Sprintf("is in use by process %d", os.Getpid())},
		{"not a store", foreign, "kv.db is not a store"},
		{"the store is gone", emptied, "kv.db is missing or empty, but kv.db.old is there"},
		{"no permission", closed, "permission denied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.dir == closed && os.Geteuid() == 0 {
				t.Skip("root may do anything")
			}
			s, err := tryStart(t, etcd.Config{Dir: tt.dir})
			if err == nil {
				_ = s.stop()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.dir) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want a sentence with %q", err, tt.want)
			}
		})
	}
}

func TestParseFlags(t *testing.T) {
	f, err := etcd.ParseFlags([]string{"--name=control-plane", "--data-dir=/var/lib/etcd", "--quota-backend-bytes=100"})
	if err != nil || f.Name != "control-plane" || f.DataDir != "/var/lib/etcd" || f.QuotaBackendBytes != 100 || f.MaxRequestBytes != 1572864 {
		t.Errorf("got %+v, %v", f, err)
	}
	if _, err := etcd.ParseFlags([]string{"--nonsense"}); err == nil || err.Error() != "unknown flag: --nonsense" {
		t.Errorf("an unknown flag: %v", err)
	}
}
