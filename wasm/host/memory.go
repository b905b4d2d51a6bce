package host

import (
	"encoding/binary"

	"github.com/tetratelabs/wazero/api"
)

// What a guest may ask for in one call.
const (
	maxIovs  = 1024    // buffers of one read or write, as Linux' IOV_MAX
	maxPath  = 4096    // bytes of a path
	maxSpawn = 1 << 17 // bytes of a spawn's request, as Linux' MAX_ARG_STRLEN
	maxPolls = 4096    // subscriptions of one poll
)

// memory is the guest's memory during one call. Every access is checked: what
// lies outside is EFAULT.
type memory struct{ api.Memory }

// bytes returns n bytes of the guest's memory, as they are: to be read and
// written within the call only.
func (m memory) bytes(ptr, n uint32) ([]byte, errno) {
	b, fine := m.Read(ptr, n)
	if !fine {
		return nil, eFAULT
	}
	return b, ok
}

// text copies a string out of the guest's memory.
func (m memory) text(ptr, n, limit uint32) (string, errno) {
	if n > limit {
		return "", eNAMETOOLONG
	}
	b, e := m.bytes(ptr, n)
	return string(b), e
}

func (m memory) putU32(ptr, v uint32) errno {
	if !m.WriteUint32Le(ptr, v) {
		return eFAULT
	}
	return ok
}

func (m memory) putU64(ptr uint32, v uint64) errno {
	if !m.WriteUint64Le(ptr, v) {
		return eFAULT
	}
	return ok
}

// iovs reads a list of buffers into the process's own list, which the next call
// overwrites. Their sum fits in 31 bits, as Linux wants.
func (p *Process) readIovs(ptr, n uint32) ([][]byte, errno) {
	if n > maxIovs {
		return nil, eINVAL
	}
	raw, e := p.mem.bytes(ptr, n*8)
	if e != ok {
		return nil, e
	}
	p.iovs = p.iovs[:0]
	total := uint64(0)
	for ; len(raw) > 0; raw = raw[8:] {
		b, e := p.mem.bytes(binary.LittleEndian.Uint32(raw), binary.LittleEndian.Uint32(raw[4:]))
		if e != ok {
			return nil, e
		}
		if total += uint64(len(b)); total > 1<<31-1 {
			return nil, eINVAL
		}
		if len(b) > 0 {
			p.iovs = append(p.iovs, b)
		}
	}
	return p.iovs, ok
}
