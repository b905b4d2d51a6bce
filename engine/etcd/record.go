package etcd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"unsafe"
)

// What a record says; the byte after its checksum.
const (
	opPut    = 'p'
	opDelete = 'd'
	opLease  = 'l' // a lease was granted
	opRevoke = 'x' // and ended
	opMeta   = 'm'
)

// errRecord is what is wrong with a record whose frame is whole.
var errRecord = errors.New("bad record")

// A record is one write as the index keeps it.
type record struct {
	KeyValue
	deleted bool
	disk    entry // what the backend keeps; KeyValue points into it
}

func (r *record) size() int { return len(r.disk.value) }

// kv is what readers see: nil for a deletion.
func (r *record) kv() *KeyValue {
	if r == nil || r.deleted {
		return nil
	}
	return &r.KeyValue
}

// An entry is a record as the backend keeps it. Its key is "r" and the revision,
// "l" and the lease's id, or "m"; its value begins with a checksum of both.
type entry struct{ key, value string }

// seal turns body, whose first four bytes are free, into an entry under key.
func seal(key string, body []byte) entry {
	binary.LittleEndian.PutUint32(body, checksum(key, body[4:]))
	return entry{key, stringOf(body)}
}

// stringOf returns b, which never changes again, without copying it.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func checksum(key string, body []byte) uint32 {
	castagnoli := crc32.MakeTable(crc32.Castagnoli) // made once, by the library
	return crc32.Update(crc32.Checksum([]byte(key), castagnoli), castagnoli, body)
}

// open checks e and returns what follows the checksum, which shares e's memory.
func (e entry) open() (op byte, body []byte, err error) {
	if len(e.value) < 5 {
		return 0, nil, fmt.Errorf("%w: %d bytes", errRecord, len(e.value))
	}
	b := unsafe.Slice(unsafe.StringData(e.value), len(e.value))
	if binary.LittleEndian.Uint32(b) != checksum(e.key, b[4:]) {
		return 0, nil, fmt.Errorf("%w: wrong checksum", errRecord)
	}
	return b[4], b[5:], nil
}

func diskKey(kind byte, n int64) string { return fmt.Sprintf("%c%016x", kind, n) }

// diskNumber is the inverse of diskKey.
func diskNumber(key string) (int64, error) {
	if len(key) != 17 {
		return 0, fmt.Errorf("%w: key of %d bytes", errRecord, len(key))
	}
	n, err := strconv.ParseInt(key[1:], 16, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: key %q", errRecord, key)
	}
	return n, nil
}

// newRecord makes the record of a write; its key and value point into one piece
// of memory, which the backend keeps too.
func newRecord(kv KeyValue, deleted bool) *record {
	op := byte(opPut)
	if deleted {
		op = opDelete
	}
	body := make([]byte, 5, 5+4*binary.MaxVarintLen64+len(kv.Key)+len(kv.Value))
	body[4] = op
	body = binary.AppendUvarint(body, uint64(kv.CreateRevision))
	body = binary.AppendUvarint(body, uint64(kv.Version))
	body = binary.AppendUvarint(body, uint64(kv.Lease))
	body = binary.AppendUvarint(body, uint64(len(kv.Key)))
	body = append(append(body, kv.Key...), kv.Value...)
	r, err := openRecord(seal(diskKey('r', kv.ModRevision), body))
	if err != nil {
		panic(err) // we have just made it
	}
	return r
}

// openRecord reads the record of a write.
func openRecord(e entry) (*record, error) {
	op, b, err := e.open()
	if err != nil {
		return nil, err
	}
	rev, err := diskNumber(e.key)
	if err != nil {
		return nil, err
	}
	if op != opPut && op != opDelete {
		return nil, fmt.Errorf("%w: operation %q", errRecord, op)
	}
	head, b, ok := uvarints(b, 4)
	if !ok || head[3] > uint64(len(b)) {
		return nil, fmt.Errorf("%w: short", errRecord)
	}
	key, value := b[:head[3]], b[head[3]:]
	return &record{disk: e, deleted: op == opDelete, KeyValue: KeyValue{
		Key: stringOf(key), Value: value[:len(value):len(value)],
		CreateRevision: int64(head[0]), ModRevision: rev, Version: int64(head[1]), Lease: LeaseID(head[2]),
	}}, nil
}

// uvarints reads n numbers from b and returns what follows them.
func uvarints(b []byte, n int) (out [4]uint64, rest []byte, ok bool) {
	for i := range n {
		v, size := binary.Uvarint(b)
		if size <= 0 {
			return out, nil, false
		}
		out[i], b = v, b[size:]
	}
	return out, b, true
}

// meta is what the store knows beside its records.
type meta struct {
	compacted int64 // history begins after this revision
	floor     int64 // no revision below this is ever given out again
}

func (m meta) entry() entry {
	body := append(make([]byte, 4, 24), opMeta)
	body = binary.AppendUvarint(body, uint64(m.compacted))
	return seal("m", binary.AppendUvarint(body, uint64(m.floor)))
}

func openMeta(e entry) (meta, error) {
	op, b, err := e.open()
	if err != nil {
		return meta{}, err
	}
	n, _, ok := uvarints(b, 2)
	if !ok || op != opMeta {
		return meta{}, fmt.Errorf("%w: meta", errRecord)
	}
	return meta{int64(n[0]), int64(n[1])}, nil
}
