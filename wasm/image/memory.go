package image

import (
	"sync"

	"github.com/tetratelabs/wazero/experimental"
)

// oom is the error of a guest that went beyond its container's memory limit.
type oom struct{}

func (oom) Error() string { return "OOMKilled" }

// OOMKilled tells package host what this error means.
func (oom) OOMKilled() bool { return true }

// ErrOOM is what the memory of a guest panics with when it would grow beyond
// the limit.
var ErrOOM error = oom{}

// A Budget bounds the memory of all guests of a server together.
type Budget struct {
	mu   sync.Mutex
	size int64
	used int64
}

// NewBudget returns a budget of so many bytes.
func NewBudget(size int64) *Budget { return &Budget{size: size} }

// take adds n, which may be negative, unless that is more than there is.
func (b *Budget) take(n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > 0 && b.used+n > b.size {
		return false
	}
	b.used += n
	return true
}

// A Memory is what the processes of one container hold, and may hold: the
// memory controller of its cgroup.
type Memory struct {
	budget *Budget
	killed func()

	mu    sync.Mutex
	limit int64 // 0: only the budget
	used  int64
	peak  int64
	ooms  int
}

// NewMemory returns the memory of a new container; a limit that is not positive
// is no limit. killed, if not nil, is called in the guest's goroutine when the
// limit has been hit, and must not block: the kernel would kill the whole
// container.
func (b *Budget) NewMemory(limit int64, killed func()) *Memory {
	return &Memory{budget: b, limit: max(limit, 0), killed: killed}
}

// SetLimit changes the limit. What is already used stays.
func (m *Memory) SetLimit(limit int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.limit = max(limit, 0)
}

// Limit is the limit, 0 for none.
func (m *Memory) Limit() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.limit
}

// Usage is how much the container's processes hold now, and at most held.
func (m *Memory) Usage() (now, peak int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used, m.peak
}

// OOMs counts how often the limit was hit.
func (m *Memory) OOMs() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ooms
}

// add accounts for n more bytes, or fewer; it panics with ErrOOM if that would
// be too many.
func (m *Memory) add(n int64) {
	if m.fits(n) {
		return
	}
	if m.killed != nil {
		m.killed()
	}
	panic(ErrOOM)
}

func (m *Memory) fits(n int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n > 0 && m.limit > 0 && m.used+n > m.limit || !m.budget.take(n) {
		m.ooms++
		return false
	}
	m.used += n
	m.peak = max(m.peak, m.used)
	return true
}

// linear is one instance's memory: pages that count.
type linear struct {
	memory *Memory
	make   func() pages
	pages  pages // nil at first: an instance that does not fit gets none
	size   int64
}

// pages is how the memory of an instance is kept.
type pages interface {
	// grow returns the first size bytes, which is more than before; nil if that
	// cannot be.
	grow(size uint64) []byte
	free()
}

// Allocator makes the memories of p's instances, on m's account.
func (p *Program) Allocator(m *Memory) experimental.MemoryAllocator {
	return experimental.MemoryAllocatorFunc(func(_, limit uint64) experimental.LinearMemory {
		return &linear{memory: m, make: func() pages { return p.initial.instance(limit, m.Limit()) }}
	})
}

// Reallocate implements experimental.LinearMemory.
func (l *linear) Reallocate(size uint64) []byte {
	more := int64(size) - l.size
	l.memory.add(more)
	if l.pages == nil {
		l.pages = l.make()
	}
	b := l.pages.grow(size)
	if b == nil {
		l.memory.add(-more)
		return nil
	}
	l.size = int64(size)
	return b
}

// Free implements experimental.LinearMemory.
func (l *linear) Free() {
	l.memory.add(-l.size)
	l.size = 0
	if l.pages != nil {
		l.pages.free()
	}
}
