package etcd

import (
	"bytes"
	"fmt"
)

// A span is a piece of the file.
type span struct{ from, to int }

func (s span) size() int { return s.to - s.from }

// A scan is what there is in a file: whole records with the right checksum, and
// whatever is between them.
type scan struct {
	good, bad []span
	newest    int64 // the highest revision among the good
	meta      meta
}

// scanFile reads data from end to end. It accepts no byte that buntdb would read
// in another way, and takes any length for what it is: a claim.
func scanFile(data []byte) scan {
	var s scan
	for at := 0; at < len(data); {
		if n := s.take(data[at:]); n > 0 {
			s.good = append(s.good, span{at, at + n})
			at += n
			continue
		}
		next := nextGood(data, at+1)
		s.bad = append(s.bad, span{at, next})
		at = next
	}
	return s
}

// take notes the good record at the beginning of data, and returns its size.
func (s *scan) take(data []byte) int {
	key, value, size, err := parseFrame(data)
	if err != nil {
		return 0
	}
	e := entry{stringOf(key), stringOf(value)}
	switch {
	case e.key == "m":
		var m meta
		if m, err = openMeta(e); err == nil {
			s.meta = m
		}
	case key[0] == 'l':
		err = loadLease(map[LeaseID]*lease{}, e)
	case key[0] == 'r':
		var r *record
		if r, err = openRecord(e); err == nil {
			s.newest = max(s.newest, r.ModRevision)
		}
	default:
		err = errRecord
	}
	if err != nil {
		return 0
	}
	return size
}

// nextGood returns where the first good record at or after from begins, or the
// end of data.
func nextGood(data []byte, from int) int {
	for from < len(data) {
		i := bytes.Index(data[from:], []byte(frameHead))
		if i < 0 {
			break
		}
		from += i
		if new(scan).take(data[from:]) > 0 {
			return from
		}
		from++
	}
	return len(data)
}

// torn reports whether only the end of the file is bad: what a crash leaves.
func (s *scan) torn(size int) bool {
	return len(s.bad) == 1 && s.bad[0].to == size
}

// hopeless reports whether data can not be what a store has written.
func (s *scan) hopeless(data []byte) bool {
	if len(s.good) > 0 || len(data) == 0 {
		return false
	}
	_, _, _, err := parseFrame(data)
	zero := len(bytes.Trim(data, "\x00")) == 0
	return err != errShort && !zero
}

// lost is the number of bytes that are bad.
func (s *scan) lost() (n int) {
	for _, b := range s.bad {
		n += b.size()
	}
	return n
}

// leastRecord is the size of the smallest frame with a record in it.
const leastRecord = 48

// repaired returns the meta record of the file without its bad parts. The next
// revision will be above any that may have been lost; and unless only the end was
// bad, watches and lists of the past get ErrCompacted rather than a history with
// a hole in it.
func (s *scan) repaired(size int) meta {
	m := s.meta
	m.floor = max(m.floor, s.newest, 1) + int64(s.lost()/leastRecord) + 1
	if !s.torn(size) {
		m.compacted = m.floor
	}
	return m
}

// String says what is wrong in one sentence.
func (s *scan) String() string {
	return fmt.Sprintf("%d bytes in %d places are damaged, %d records are whole", s.lost(), len(s.bad), len(s.good))
}
