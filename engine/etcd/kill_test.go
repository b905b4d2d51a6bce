package etcd_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kubergarten/engine/clock"
	"kubergarten/engine/etcd"
)

const killWriters = 8

// victim writes to the store in dir until it is killed, and tells each write that
// was acknowledged: "key value revision".
func victim(dir string) {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := etcd.New(etcd.Config{Dir: dir, HistoryBytes: 64 << 10, Clock: clock.New(), Log: log})
	if err != nil {
		panic(err)
	}
	go func() {
		if err := s.Run(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}()
	var mu sync.Mutex
	for w := range killWriters {
		go func() {
			for i := 0; ; i++ {
				key, value := fmt.Sprintf("w%d/%d", w, i%50), fmt.Sprintf("%d-%s", i, strings.Repeat("x", i%700))
				r, err := s.Txn(context.Background(), etcd.TxnRequest{Key: key, ModRevision: etcd.Any, Value: []byte(value)})
				if err != nil {
					return
				}
				mu.Lock()
				fmt.Println(key, value, r.Revision)
				mu.Unlock()
			}
		}()
	}
	select {}
}

// acked is what a victim was told to be durable.
type acked struct {
	value string
	rev   int64
}

// TestKill kills a writing process again and again; KUBERGARTEN_KILLS says how
// often. Small histories make it compact all the while.
func TestKill(t *testing.T) {
	kills := 20
	if n, err := strconv.Atoi(os.Getenv("KUBERGARTEN_KILLS")); err == nil {
		kills = n
	}
	dir, last, total := t.TempDir(), int64(0), 0
	for i := range kills {
		state, highest, n := killOnce(t, dir)
		total += n
		if highest <= last {
			t.Fatalf("kill %d: revisions went back, from %d to %d", i, last, highest)
		}
		last = checkSurvivor(t, dir, state, highest)
	}
	t.Logf("%d kills, %d acknowledged writes, none lost", kills, total)
}

// killOnce lets a victim write for a while, and returns what it was acknowledged.
func killOnce(t *testing.T, dir string) (state map[string]acked, highest int64, n int) {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "KUBERGARTEN_VICTIM="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	state, stopAt := map[string]acked{}, 50+rand.IntN(600)
	for sc := bufio.NewScanner(out); sc.Scan(); n++ {
		if n == stopAt {
			_ = cmd.Process.Kill()
		}
		f := strings.Fields(sc.Text())
		if len(f) != 3 {
			break // the last line is torn
		}
		rev, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil {
			break
		}
		highest = max(highest, rev)
		if rev > state[f[0]].rev {
			state[f[0]] = acked{f[1], rev}
		}
	}
	if err := cmd.Wait(); err == nil || n < stopAt {
		t.Fatalf("the victim ended by itself after %d writes: %v", n, err)
	}
	return state, highest, n
}

// checkSurvivor opens what the victim left, and returns its revision. A key may be
// newer than acknowledged, never older.
func checkSurvivor(t *testing.T, dir string, state map[string]acked, highest int64) int64 {
	s := start(t, etcd.Config{Dir: dir, HistoryBytes: 64 << 10})
	defer func() { _ = s.stop() }()
	rev, err := s.Rev(t.Context())
	if err != nil || rev < highest {
		t.Fatalf("revision %d after %d was acknowledged (%v)", rev, highest, err)
	}
	for key, a := range state {
		kv, _, err := s.Get(t.Context(), key, 0)
		if err != nil || kv == nil || kv.ModRevision < a.rev || kv.ModRevision == a.rev && string(kv.Value) != a.value {
			t.Fatalf("%s: %+v was acknowledged, there is %+v (%v)", key, a, kv, err)
		}
	}
	resumes(t, s, highest)
	return rev
}

// resumes watches from the revision last seen: that must go on, or be refused.
func resumes(t *testing.T, s etcd.KV, from int64) {
	w, err := s.Watch(t.Context(), "", from+1)
	if err == etcd.ErrCompacted {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	want := put(t, s, "marker", "x")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for last := from; ; {
		r, err := w.Next(ctx)
		if err == etcd.ErrCompacted {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Events {
			if e.KV.ModRevision <= last {
				t.Fatalf("event %d after %d", e.KV.ModRevision, last)
			}
			if last = e.KV.ModRevision; last == want {
				return
			}
		}
	}
}
