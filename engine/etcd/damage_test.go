package etcd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/utils/clock"
)

// sample is a file of n writes, and where each record ends.
func sample(n int) (data []byte, ends []int, want []KeyValue) {
	for i := range n {
		rev := int64(i + 2)
		kv := KeyValue{Key: fmt.Sprintf("k%d", i), Value: []byte(fmt.Sprintf("value %d\r\n", i)), CreateRevision: rev, ModRevision: rev, Version: 1}
		data = appendFrame(data, newRecord(kv, false).disk)
		ends, want = append(ends, len(data)), append(want, kv)
	}
	return data, ends, want
}

// opened is what a server makes of a file.
type opened struct {
	s    *Server
	dir  string
	log  *bytes.Buffer
	stop func()
}

func openData(t testing.TB, dir string, data []byte) (*opened, error) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, dbFile), data, 0o600); err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	s, err := New(Config{Dir: dir, Clock: clock.RealClock{}, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	return &opened{s, dir, log, func() { _ = s.backend.close() }}, nil
}

// TestTruncatedAtEveryByte costs no disk: it does in RAM what repair does. Some of
// the cuts are done to real files too.
func TestTruncatedAtEveryByte(t *testing.T) {
	data, ends, want := sample(12)
	for cut := 1; cut < len(data); cut++ {
		x, s := repairedInRAM(t, data[:cut])
		whole := 0
		for i, end := range ends {
			if has := x.last(want[i].Key) != nil; has != (end <= cut) {
				t.Fatalf("cut at %d: record %d, which ends at %d, is there: %v", cut, i, end, has)
			}
			if end <= cut {
				whole = end
			}
		}
		if torn := cut != whole; len(s.bad) > 0 != torn || torn && x.compacted != 0 {
			t.Fatalf("cut at %d: bad %v, compacted %d", cut, s.bad, x.compacted)
		}
		if cut%83 == 0 {
			damagedOnDisk(t, data[:cut], x)
		}
	}
}

// TestEveryBitFlipped costs no disk: it does in RAM what repair does. Some of the
// flips are done to real files too.
func TestEveryBitFlipped(t *testing.T) {
	data, _, want := sample(6)
	for bit := range len(data) * 8 {
		bad := bytes.Clone(data)
		bad[bit/8] ^= 1 << (bit % 8)
		x, s := repairedInRAM(t, bad)
		lost := 0
		for _, kv := range want {
			if got := x.last(kv.Key).kv(); got == nil || !bytes.Equal(got.Value, kv.Value) {
				lost++
			}
		}
		if lost != 1 || x.keys.Len() != len(want)-1 || len(s.bad) != 1 {
			t.Fatalf("bit %d: %d records lost, %d keys there, bad: %v", bit, lost, x.keys.Len(), s.bad)
		}
		if newest := want[len(want)-1].ModRevision; x.rev <= newest {
			t.Fatalf("bit %d: the next revision may be one that was given out: %d", bit, x.rev)
		}
		if bit%293 == 0 {
			damagedOnDisk(t, bad, x)
		}
	}
}

func repairedInRAM(t *testing.T, data []byte) (*index, scan) {
	s, m := scanFile(data), memory{}
	for e := range s.salvage(data, s.repaired(len(data))) {
		m[e.key] = e.value
	}
	x, _, err := loadIndex(m)
	if err != nil {
		t.Fatal(err)
	}
	return x, s
}

func damagedOnDisk(t *testing.T, bad []byte, want *index) {
	o, err := openData(t, t.TempDir(), bad)
	if err != nil {
		t.Fatal(err)
	}
	defer o.stop()
	if got := o.s.index; got.rev != want.rev || got.compacted != want.compacted || got.keys.Len() != want.keys.Len() {
		t.Fatalf("the file was repaired otherwise than RAM: %d %d %d", got.rev, got.compacted, got.keys.Len())
	}
	if !strings.Contains(o.log.String(), "store repaired") {
		t.Fatal("not reported")
	}
	kept, err := os.ReadFile(filepath.Join(o.dir, damagedFile))
	if err != nil || !bytes.Equal(kept, bad) {
		t.Fatalf("the damaged file was not kept: %v", err)
	}
}

func TestOtherDamage(t *testing.T) {
	data, ends, _ := sample(10)
	zeroed := func(from, to int) []byte {
		b := bytes.Clone(data)
		clear(b[from:to])
		return b
	}
	tests := []struct {
		name  string
		data  []byte
		whole int // records that must be there
	}{
		{"zero tail", append(bytes.Clone(data), make([]byte, 4096)...), 10},
		{"zeros in front", append(make([]byte, 300), data...), 10},
		{"last bytes zeroed", zeroed(len(data)-50, len(data)), 9},
		{"zeroed in the middle", zeroed(ends[3]+1, ends[5]+1), 7},
		{"only zeros", make([]byte, 4096), 0},
		{"huge length", append(bytes.Clone(data), "*3\r\n$3\r\nset\r\n$17\r\nr0000000000000099\r\n$99999999999999\r\n"...), 10},
		{"huge count", append(bytes.Clone(data), "*99999999999\r\n"...), 10},
		{"empty part", append(bytes.Clone(data), "*1\r\n$0\r\n\r\n"...), 10},
		{"flushdb", append(bytes.Clone(data), "*1\r\n$7\r\nflushdb\r\n"...), 10},
		{"del", append(bytes.Clone(data), "*2\r\n$3\r\ndel\r\n$17\r\nr0000000000000002\r\n"...), 10},
		{"a record moved to another key", bytes.Replace(data, []byte("r0000000000000005"), []byte("r0000000000000500"), 1), 9},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, err := openData(t, t.TempDir(), tt.data)
			if err != nil {
				t.Fatal(err)
			}
			defer o.stop()
			if n := o.s.index.keys.Len(); n != tt.whole {
				t.Errorf("%d records, want %d; log:\n%s", n, tt.whole, o.log)
			}
			if !strings.Contains(o.log.String(), "store repaired") {
				t.Error("not reported")
			}
			writeAndReopen(t, o)
		})
	}
}

// writeAndReopen checks that what is written after a repair is there after a start.
func writeAndReopen(t *testing.T, o *opened) {
	t.Helper()
	before := o.s.index.rev
	req := &op{txn: &TxnRequest{Key: "after", ModRevision: Any, Value: []byte("x")}, reply: make(chan result, 1)}
	if err := o.s.commit([]*op{req}); err != nil {
		t.Fatal(err)
	}
	o.stop()
	data, err := os.ReadFile(filepath.Join(o.dir, dbFile))
	if err != nil {
		t.Fatal(err)
	}
	again, err := openData(t, o.dir, data)
	if err != nil {
		t.Fatal(err)
	}
	defer again.stop()
	if kv := again.s.index.last("after").kv(); kv == nil || kv.ModRevision != before+1 {
		t.Errorf("after a repair, a write and a start: %+v", kv)
	}
	if strings.Contains(again.log.String(), "repaired") {
		t.Error("repaired twice")
	}
}

// FuzzScan: whatever the file is, the scanner neither panics nor lets anything
// through that buntdb or the index would choke on.
func FuzzScan(f *testing.F) {
	data, ends, _ := sample(4)
	f.Add(data)
	f.Add(data[:ends[2]-3])
	f.Add(append(bytes.Clone(data), make([]byte, 100)...))
	f.Add([]byte("*3\r\n$3\r\nset\r\n$99999999999999\r\n"))
	f.Add([]byte("*1\r\n$0\r\n"))
	f.Add(appendFrame(nil, meta{3, 4}.entry()))
	f.Add(appendFrame(nil, (&lease{id: 7, ttl: 1}).entry(opLease)))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := scanFile(data)
		at := 0
		for _, part := range merge(s.good, s.bad) {
			if part.from != at || part.to <= at {
				t.Fatalf("parts do not follow each other: %v %v", s.good, s.bad)
			}
			at = part.to
		}
		if at != len(data) {
			t.Fatalf("%d of %d bytes accounted for", at, len(data))
		}
		m := memory{}
		var clean []byte
		for e := range s.salvage(data, s.repaired(len(data))) {
			clean = appendFrame(clean, e)
			if err := m.commit([]entry{e}); err != nil {
				t.Fatal(err)
			}
		}
		if again := scanFile(clean); len(again.bad) > 0 {
			t.Fatalf("the repaired file has bad parts: %v", again.bad)
		}
		if _, _, err := loadIndex(m); err != nil {
			t.Fatalf("the repaired file can not be loaded: %v", err)
		}
	})
}

// merge returns the spans of a and b in order.
func merge(a, b []span) (out []span) {
	for len(a) > 0 || len(b) > 0 {
		if len(b) == 0 || len(a) > 0 && a[0].from < b[0].from {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return out
}

// failing is a backend whose writes fail as told.
type failing struct {
	memory
	err error
}

func (f *failing) commit(e []entry) error {
	if f.err != nil {
		return f.err
	}
	return f.memory.commit(e)
}

func (f *failing) rewrite(e iter.Seq[entry]) error {
	if f.err != nil {
		return f.err
	}
	return f.memory.rewrite(e)
}

func onFailing(t *testing.T) (*Server, *failing) {
	s, err := New(Config{Backend: Memory, Clock: clock.RealClock{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	f := &failing{memory: memory{}}
	s.backend = f
	s.lessor.leases = map[LeaseID]*lease{}
	close(s.ready)
	return s, f
}

// TestDiskFull: a write that failed has not happened, reads go on, and so do
// writes when there is room again.
func TestDiskFull(t *testing.T) {
	s, disk := onFailing(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.serve(ctx) }()
	write := func() error {
		_, err := s.Txn(ctx, TxnRequest{Key: "a", ModRevision: Any, Value: []byte("x")})
		return err
	}
	full := errors.New("no space left on device")
	w, err := s.Watch(ctx, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	disk.err = full
	if err := write(); !errors.Is(err, full) {
		t.Errorf("a write to a full disk: %v", err)
	}
	if err := s.Compact(ctx, 1); !errors.Is(err, full) {
		t.Errorf("compaction on a full disk: %v", err)
	}
	if rev, err := s.Rev(ctx); rev != 1 || err != nil {
		t.Errorf("revision %d, %v after a failed write", rev, err)
	}
	disk.err = nil
	if err := write(); err != nil {
		t.Errorf("a write when there is room again: %v", err)
	}
	if r, err := w.Next(ctx); err != nil || len(r.Events) != 1 || r.Revision != 2 {
		t.Errorf("the watch got %v, %v", r, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestSyncFails: when the disk does not say that a write is durable, nobody sees
// it, and the store stops.
func TestSyncFails(t *testing.T) {
	o, err := openData(t, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer o.stop()
	close(o.s.ready)
	done := make(chan error, 1)
	go func() {
		defer close(o.s.stopped)
		done <- o.s.serve(t.Context())
	}()
	_ = o.s.backend.(*bunt).sync.Close() // so that Sync fails
	if _, err := o.s.Txn(t.Context(), TxnRequest{Key: "a"}); !errors.Is(err, errFatal) && !errors.Is(err, ErrStopped) {
		t.Errorf("the write: %v", err)
	}
	if err := <-done; !errors.Is(err, errFatal) {
		t.Errorf("Run: %v", err)
	}
	if kv := o.s.index.last("a"); kv != nil {
		t.Errorf("what is not durable was shown: %v", kv)
	}
}
