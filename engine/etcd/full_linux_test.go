package etcd_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"kubergarten/engine/etcd"
)

// TestFullDisk lets the file system refuse to make the file any larger, in a
// process of its own: writes then fail with a clear sentence, reads go on, and
// writes too when there is room again. What was acknowledged is there afterwards.
func TestFullDisk(t *testing.T) {
	if dir := os.Getenv("KUBERGARTEN_FULL"); dir != "" {
		fillDisk(t, dir)
		return
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
	cmd.Env = append(os.Environ(), "KUBERGARTEN_FULL="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := start(t, etcd.Config{Dir: dir})
	var acked int
	_, after, _ := strings.Cut(string(out), "acknowledged ")
	if _, err := fmt.Sscan(after, &acked); err != nil || acked == 0 {
		t.Fatalf("the child says %s", out)
	}
	r, err := s.Range(t.Context(), etcd.RangeRequest{})
	if err != nil || r.Count != int64(acked)+1 {
		t.Errorf("%d keys, %d were acknowledged, and one after it (%v)", r.Count, acked, err)
	}
	if strings.Contains(s.log.String(), "repaired") {
		t.Errorf("the file was damaged:\n%s", s.log)
	}
}

func fillDisk(t *testing.T, dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	s := start(t, etcd.Config{Dir: dir})
	limit := func(n uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: 1 << 30}); err != nil {
			t.Skip(err)
		}
	}
	limit(50_000)
	acked := 0
	for {
		_, err := s.Txn(t.Context(), etcd.TxnRequest{Key: fmt.Sprint("k", acked), Value: make([]byte, 1000)})
		if err != nil {
			want := "etcd: data directory " + dir + ": kv.db: file too large"
			if err.Error() != want {
				t.Errorf("got %q, want %q", err, want)
			}
			break
		}
		acked++
	}
	if kv, _, err := s.Get(t.Context(), "k0", 0); err != nil || kv == nil {
		t.Errorf("a read on a full disk: %v, %v", kv, err)
	}
	limit(1 << 30)
	put(t, s, "after", "x")
	fmt.Println("acknowledged", acked)
	_ = s.stop()
}
