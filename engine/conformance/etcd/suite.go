package etcd

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	testclock "k8s.io/utils/clock/testing"

	"kubergarten/engine/etcd"
)

// An Opener opens an empty store that lives as long as the test, on that clock.
type Opener func(t *testing.T, clock *testclock.FakeClock) etcd.KV

// KV runs the suite.
func KV(t *testing.T, open Opener) {
	tests := []struct {
		name string
		run  func(t *testing.T, kv etcd.KV)
	}{
		{"a write has the next revision", testRevisions},
		{"compare before write", testCompare},
		{"range", testRange},
		{"the past", testPast},
		{"compaction", testCompaction},
		{"bad requests", testBadRequests},
		{"concurrent compare and swap loses nothing", testSwap},
		{"random operations agree with a map", testModel},
		{"watch from now", testWatchNow},
		{"watch from any revision", testWatchPast},
		{"watch across compaction", testWatchCompaction},
		{"watch from the future", testWatchFuture},
		{"a slow watcher gets everything", testWatchSlow},
		{"many watchers agree", testWatchMany},
		{"progress", testProgress},
		{"a closed watch", testWatchClose},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.run(t, open(t, testclock.NewFakeClock(time.Unix(1e9, 0))))
		})
	}
	t.Run("leases", func(t *testing.T) { testLeases(t, open) })
}

// put writes key whatever there is, and returns the revision.
func put(t testing.TB, kv etcd.KV, key, value string) int64 {
	t.Helper()
	return txn(t, kv, etcd.TxnRequest{Key: key, ModRevision: etcd.Any, Value: []byte(value)}).Revision
}

func del(t testing.TB, kv etcd.KV, key string) int64 {
	t.Helper()
	return txn(t, kv, etcd.TxnRequest{Key: key, ModRevision: etcd.Any, Delete: true}).Revision
}

func txn(t testing.TB, kv etcd.KV, r etcd.TxnRequest) *etcd.TxnResponse {
	t.Helper()
	resp, err := kv.Txn(t.Context(), r)
	if err != nil {
		t.Fatalf("txn %+v: %v", r, err)
	}
	return resp
}

// dump returns what the keys with prefix are at rev.
func dump(t testing.TB, kv etcd.KV, prefix string, rev int64) map[string]string {
	t.Helper()
	resp, err := kv.Range(t.Context(), etcd.RangeRequest{Prefix: prefix, Revision: rev})
	if err != nil {
		t.Fatalf("range %q at %d: %v", prefix, rev, err)
	}
	m := map[string]string{}
	for _, kv := range resp.KVs {
		m[kv.Key] = string(kv.Value)
	}
	return m
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

func wantErr(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("%s: got error %v, want %v", what, got, want)
	}
}

// watching collects the events of a watch as words: "5 put a=1", "6 delete a".
type watching struct {
	t testing.TB
	w etcd.Watcher
	r []string
	// rev is how far the last response was.
	rev int64
}

func watch(t testing.TB, kv etcd.KV, prefix string, from int64) *watching {
	t.Helper()
	w, err := kv.Watch(t.Context(), prefix, from)
	if err != nil {
		t.Fatalf("watch from %d: %v", from, err)
	}
	t.Cleanup(w.Close)
	return &watching{t: t, w: w}
}

// until reads events until there are n, and returns them all.
func (w *watching) until(n int) []string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	for len(w.r) < n {
		r, err := w.w.Next(ctx)
		if err != nil {
			w.t.Fatalf("after %d of %d events: %v", len(w.r), n, err)
		}
		w.add(r)
	}
	return w.r
}

func (w *watching) add(r etcd.WatchResponse) {
	for _, e := range r.Events {
		w.r = append(w.r, describe(e))
		if e.KV.ModRevision > r.Revision {
			w.t.Fatalf("event %s in a response up to %d", describe(e), r.Revision)
		}
	}
	if r.Revision < w.rev {
		w.t.Fatalf("response up to %d after one up to %d", r.Revision, w.rev)
	}
	w.rev = r.Revision
}

func describe(e etcd.Event) string {
	was := ""
	if e.Prev != nil {
		was = fmt.Sprintf(" (was %s)", e.Prev.Value)
	}
	if e.Deleted {
		return fmt.Sprintf("%d delete %s%s", e.KV.ModRevision, e.KV.Key, was)
	}
	return fmt.Sprintf("%d put %s=%s%s", e.KV.ModRevision, e.KV.Key, e.KV.Value, was)
}
