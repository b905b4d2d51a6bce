package etcd

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	testclock "k8s.io/utils/clock/testing"

	"kubergarten/engine/etcd"
)

func testWatchNow(t *testing.T, kv etcd.KV) {
	put(t, kv, "/a/0", "old")
	w := watch(t, kv, "/a/", 0)
	put(t, kv, "/a/1", "x")
	put(t, kv, "/b/1", "y")
	put(t, kv, "/a/1", "z")
	del(t, kv, "/a/1")
	equal(t, "events", w.until(3), []string{"3 put /a/1=x", "5 put /a/1=z (was x)", "6 delete /a/1 (was z)"})
}

func testWatchPast(t *testing.T, kv etcd.KV) {
	all := []string{"2 put a=1", "3 put b=1", "4 put a=2 (was 1)", "5 delete b (was 1)", "6 put b=2"}
	put(t, kv, "a", "1")
	put(t, kv, "b", "1")
	put(t, kv, "a", "2")
	del(t, kv, "b")
	var ws []*watching
	for from := int64(1); from <= 7; from++ {
		ws = append(ws, watch(t, kv, "", from))
	}
	put(t, kv, "b", "2")
	for i, w := range ws {
		want := all[min(max(i-1, 0), len(all)):]
		equal(t, fmt.Sprintf("from %d", i+1), append([]string{}, w.until(len(want))...), append([]string{}, want...))
	}
}

func testWatchCompaction(t *testing.T, kv etcd.KV) {
	put(t, kv, "a", "1")
	at := put(t, kv, "a", "2")
	gone := del(t, kv, "a")
	if err := kv.Compact(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	_, err := kv.Watch(t.Context(), "", at)
	wantErr(t, "watch from before", err, etcd.ErrCompacted)
	w := watch(t, kv, "", at+1)
	equal(t, "right after the compacted revision", w.until(1), []string{fmt.Sprintf("%d delete a (was 2)", gone)})
}

func testWatchFuture(t *testing.T, kv etcd.KV) {
	w := watch(t, kv, "", 4)
	put(t, kv, "a", "2")
	put(t, kv, "a", "3")
	put(t, kv, "a", "4")
	equal(t, "events", w.until(1), []string{"4 put a=4 (was 3)"})
}

func testWatchSlow(t *testing.T, kv etcd.KV) {
	const n = 700
	w := watch(t, kv, "", 0)
	for i := range n {
		put(t, kv, "a", fmt.Sprint(i))
	}
	events := w.until(n)
	for i, e := range events {
		if !strings.HasPrefix(e, fmt.Sprintf("%d put a=%d", i+2, i)) {
			t.Fatalf("event %d is %q", i, e)
		}
	}
	put(t, kv, "a", "last")
	if e := w.until(n + 1)[n]; !strings.Contains(e, "a=last") {
		t.Fatalf("after it has caught up: %q", e)
	}
}

// testWatchMany starts watchers at random revisions while others write, some of
// them slow, and holds each to the one true history.
func testWatchMany(t *testing.T, kv etcd.KV) {
	const writers, each, watchers = 4, 100, 32
	truth := watch(t, kv, "", 1)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for j := range each {
				if _, err := kv.Txn(t.Context(), etcd.TxnRequest{Key: fmt.Sprintf("%d/%d", i, j%7), ModRevision: etcd.Any, Value: []byte{byte('a' + j%20)}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range watchers {
		wg.Go(func() { randomWatch(t, kv, writers, each) })
	}
	wg.Wait()
	history := truth.until(writers * each)
	for i, e := range history {
		if !strings.HasPrefix(e, fmt.Sprintf("%d ", i+2)) {
			t.Fatalf("event %d of the history is %q", i, e)
		}
	}
}

// randomWatch follows one writer's keys from a random revision on, and compares
// what it gets with a second, later watch from the same revision.
func randomWatch(t *testing.T, kv etcd.KV, writers, each int) {
	prefix := fmt.Sprintf("%d/", rand.IntN(writers))
	from := 1 + rand.Int64N(int64(writers*each))
	end := int64(writers*each + 1)
	collect := func() []string {
		w := watch(t, kv, prefix, from)
		for w.rev < end {
			w.w.Progress()
			r, err := w.w.Next(t.Context())
			if err != nil {
				t.Error(err)
				return nil
			}
			w.add(r)
		}
		return w.r
	}
	if first, second := collect(), collect(); strings.Join(first, "\n") != strings.Join(second, "\n") {
		t.Errorf("two watches of %q from %d differ:\n%v\n%v", prefix, from, first, second)
	}
}

func testProgress(t *testing.T, kv etcd.KV) {
	w := watch(t, kv, "/a/", 0)
	rev := put(t, kv, "/b/1", "x")
	w.w.Progress()
	r, err := w.w.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "progress", r, etcd.WatchResponse{Revision: rev})
}

func testWatchClose(t *testing.T, kv etcd.KV) {
	w := watch(t, kv, "", 0)
	w.w.Close()
	put(t, kv, "a", "1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := w.w.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("a closed watch says %v, %v", r, err)
	}
}

func testLeases(t *testing.T, open Opener) {
	clock := testclock.NewFakeClock(time.Unix(1e9, 0))
	kv := open(t, clock)
	grant := func(ttl time.Duration) etcd.LeaseID {
		id, err := kv.Grant(t.Context(), ttl)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	short, long, ended := grant(time.Minute), grant(time.Hour), grant(time.Hour)
	for key, id := range map[string]etcd.LeaseID{"a": short, "b": short, "c": long, "d": ended, "e": short} {
		txn(t, kv, etcd.TxnRequest{Key: key, ModRevision: etcd.Any, Value: []byte("x"), Lease: id})
	}
	put(t, kv, "e", "kept: it holds the lease no more")
	w := watch(t, kv, "", 0)
	if err := kv.Revoke(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
	equal(t, "revoked", w.until(1), []string{"8 delete d (was x)"})
	clock.Step(59 * time.Second)
	if err := kv.KeepAlive(t.Context(), long); err != nil {
		t.Fatal(err)
	}
	clock.Step(time.Second)
	equal(t, "expired", w.until(3)[1:], []string{"9 delete a (was x)", "10 delete b (was x)"})
	wantErr(t, "keep alive of an expired lease", kv.KeepAlive(t.Context(), short), etcd.ErrLeaseNotFound)
	clock.Step(time.Hour - 2*time.Second)
	put(t, kv, "f", "") // Run has seen the time
	if m := dump(t, kv, "c", 0); len(m) != 1 {
		t.Fatal("a lease kept alive has ended")
	}
	clock.Step(2 * time.Second)
	equal(t, "expired later", w.until(5)[4:], []string{"12 delete c (was x)"})
}
