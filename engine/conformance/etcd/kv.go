package etcd

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"kubergarten/engine/etcd"
)

func testRevisions(t *testing.T, kv etcd.KV) {
	rev, err := kv.Rev(t.Context())
	if err != nil || rev != 1 {
		t.Fatalf("an empty store is at revision %d, %v; want 1", rev, err)
	}
	first, second := put(t, kv, "a", "1"), put(t, kv, "a", "2")
	gone := del(t, kv, "a")
	again := put(t, kv, "a", "3")
	equal(t, "revisions", []int64{first, second, gone, again}, []int64{2, 3, 4, 5})
	got, rev, err := kv.Get(t.Context(), "a", 0)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "key", *got, etcd.KeyValue{Key: "a", Value: []byte("3"), CreateRevision: 5, ModRevision: 5, Version: 1})
	equal(t, "store", rev, int64(5))
	equal(t, "deleting nothing", txn(t, kv, etcd.TxnRequest{Key: "b", ModRevision: etcd.Any, Delete: true}), &etcd.TxnResponse{Succeeded: true, Revision: 5})
}

func testCompare(t *testing.T, kv etcd.KV) {
	rev := put(t, kv, "a", "1")
	tests := []struct {
		name string
		req  etcd.TxnRequest
		ok   bool
	}{
		{"create what exists", etcd.TxnRequest{Key: "a", Value: []byte("x")}, false},
		{"update with an old revision", etcd.TxnRequest{Key: "a", ModRevision: rev - 1, Value: []byte("x")}, false},
		{"delete with an old revision", etcd.TxnRequest{Key: "a", ModRevision: rev - 1, Delete: true}, false},
		{"update what does not exist", etcd.TxnRequest{Key: "b", ModRevision: rev, Value: []byte("x")}, false},
		{"update", etcd.TxnRequest{Key: "a", ModRevision: rev, Value: []byte("2")}, true},
		{"create", etcd.TxnRequest{Key: "c", Value: []byte("3")}, true},
		{"delete", etcd.TxnRequest{Key: "c", ModRevision: rev + 2, Delete: true}, true},
	}
	for _, tt := range tests {
		before, _, _ := kv.Get(t.Context(), tt.req.Key, 0)
		resp := txn(t, kv, tt.req)
		if resp.Succeeded != tt.ok {
			t.Fatalf("%s: succeeded %v", tt.name, resp.Succeeded)
		}
		if tt.ok {
			equal(t, tt.name+": what was there", resp.Prev, before)
		} else {
			equal(t, tt.name+": what is there", resp.KV, before)
		}
	}
	equal(t, "the end", dump(t, kv, "", 0), map[string]string{"a": "2"})
}

func testRange(t *testing.T, kv etcd.KV) {
	for _, key := range []string{"/a/1", "/a/2", "/a/3", "/ab/1", "/b/1"} {
		put(t, kv, key, key)
	}
	tests := []struct {
		name  string
		req   etcd.RangeRequest
		want  string
		count int64
	}{
		{"all", etcd.RangeRequest{}, "/a/1 /a/2 /a/3 /ab/1 /b/1", 5},
		{"a directory", etcd.RangeRequest{Prefix: "/a/"}, "/a/1 /a/2 /a/3", 3},
		{"the first page", etcd.RangeRequest{Prefix: "/a/", Limit: 2}, "/a/1 /a/2", 3},
		{"the next page", etcd.RangeRequest{Prefix: "/a/", Limit: 2, From: "/a/2\x00"}, "/a/3", 1},
		{"nothing", etcd.RangeRequest{Prefix: "/c/"}, "", 0},
		{"from before the prefix", etcd.RangeRequest{Prefix: "/b/", From: "/a"}, "/b/1", 1},
	}
	for _, tt := range tests {
		resp, err := kv.Range(t.Context(), tt.req)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, kv := range resp.KVs {
			keys = append(keys, kv.Key)
		}
		equal(t, tt.name, strings.Join(keys, " "), tt.want)
		equal(t, tt.name+": count", resp.Count, tt.count)
		equal(t, tt.name+": more", resp.More(), tt.count > int64(len(keys)))
	}
}

func testPast(t *testing.T, kv etcd.KV) {
	first := put(t, kv, "a", "1")
	put(t, kv, "b", "1")
	put(t, kv, "a", "2")
	gone := del(t, kv, "b")
	equal(t, "then", dump(t, kv, "", first), map[string]string{"a": "1"})
	equal(t, "later", dump(t, kv, "", gone-1), map[string]string{"a": "2", "b": "1"})
	equal(t, "now", dump(t, kv, "", gone), map[string]string{"a": "2"})
	got, _, err := kv.Get(t.Context(), "b", gone-1)
	if err != nil || got == nil {
		t.Fatalf("get b before its deletion: %v, %v", got, err)
	}
	_, _, err = kv.Get(t.Context(), "b", gone+1)
	wantErr(t, "get of the future", err, etcd.ErrFutureRev)
	_, err = kv.Range(t.Context(), etcd.RangeRequest{Revision: gone + 1})
	wantErr(t, "range of the future", err, etcd.ErrFutureRev)
}

func testCompaction(t *testing.T, kv etcd.KV) {
	put(t, kv, "a", "1")
	put(t, kv, "b", "1")
	put(t, kv, "a", "2")
	at := del(t, kv, "b")
	now := put(t, kv, "c", "1")
	if err := kv.Compact(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	equal(t, "at the compacted revision", dump(t, kv, "", at), map[string]string{"a": "2"})
	equal(t, "now", dump(t, kv, "", 0), map[string]string{"a": "2", "c": "1"})
	_, err := kv.Range(t.Context(), etcd.RangeRequest{Revision: at - 1})
	wantErr(t, "range before", err, etcd.ErrCompacted)
	wantErr(t, "compact again", kv.Compact(t.Context(), at), etcd.ErrCompacted)
	wantErr(t, "compact the future", kv.Compact(t.Context(), now+1), etcd.ErrFutureRev)
	equal(t, "the next revision", del(t, kv, "a"), now+1)
	if err := kv.Compact(t.Context(), now+1); err != nil {
		t.Fatal(err)
	}
	rev, err := kv.Rev(t.Context())
	if err != nil || rev != now+1 {
		t.Fatalf("after compaction of everything the revision is %d, %v", rev, err)
	}
}

func testBadRequests(t *testing.T, kv etcd.KV) {
	_, err := kv.Txn(t.Context(), etcd.TxnRequest{Value: []byte("x")})
	wantErr(t, "no key", err, etcd.ErrEmptyKey)
	_, err = kv.Txn(t.Context(), etcd.TxnRequest{Key: "a", Value: make([]byte, 16<<20)})
	wantErr(t, "too large", err, etcd.ErrTooLarge)
	_, err = kv.Txn(t.Context(), etcd.TxnRequest{Key: "a", Lease: 77})
	wantErr(t, "unknown lease", err, etcd.ErrLeaseNotFound)
	wantErr(t, "revoke of an unknown lease", kv.Revoke(t.Context(), 77), etcd.ErrLeaseNotFound)
	wantErr(t, "keep alive of an unknown lease", kv.KeepAlive(t.Context(), 77), etcd.ErrLeaseNotFound)
	_, err = kv.Grant(t.Context(), -1)
	wantErr(t, "negative time to live", err, etcd.ErrLeaseTTL)
}

func testSwap(t *testing.T, kv etcd.KV) {
	const writers, each = 8, 50
	put(t, kv, "n", "0")
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				increment(t, kv)
			}
		})
	}
	wg.Wait()
	equal(t, "counter", dump(t, kv, "", 0), map[string]string{"n": strconv.Itoa(writers * each)})
	got, rev, _ := kv.Get(t.Context(), "n", 0)
	equal(t, "version", got.Version, int64(writers*each+1))
	equal(t, "revision", rev, int64(writers*each+2))
}

// increment adds one to n by compare and swap.
func increment(t *testing.T, kv etcd.KV) {
	now, _, err := kv.Get(t.Context(), "n", 0)
	for err == nil {
		n, _ := strconv.Atoi(string(now.Value))
		var resp *etcd.TxnResponse
		resp, err = kv.Txn(t.Context(), etcd.TxnRequest{Key: "n", ModRevision: now.ModRevision, Value: []byte(strconv.Itoa(n + 1))})
		if err == nil && resp.Succeeded {
			return
		}
		if err == nil {
			now = resp.KV
		}
	}
	t.Error(err)
}

// testModel does random things to the store and to a map, and compares the two at
// every revision since the last compaction.
func testModel(t *testing.T, kv etcd.KV) {
	rnd := rand.New(rand.NewPCG(1, 2))
	state, past := map[string]string{}, map[int64]map[string]string{1: {}}
	rev, compacted := int64(1), int64(0)
	for i := range 400 {
		key, value := fmt.Sprintf("k%d", rnd.IntN(12)), strconv.Itoa(i)
		switch n := rnd.IntN(20); {
		case n < 12:
			rev++
			equal(t, "put", put(t, kv, key, value), rev)
			state[key] = value
		case n < 19:
			if _, ok := state[key]; ok {
				rev++
			}
			equal(t, "delete", del(t, kv, key), rev)
			delete(state, key)
		case rev > compacted+1:
			compacted += 1 + rnd.Int64N(rev-compacted-1)
			if err := kv.Compact(t.Context(), compacted); err != nil {
				t.Fatal(err)
			}
		}
		past[rev] = maps.Clone(state)
	}
	for r := max(compacted, 1); r <= rev; r++ {
		equal(t, fmt.Sprintf("at revision %d", r), dump(t, kv, "k", r), past[r])
	}
}
