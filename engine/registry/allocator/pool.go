package allocator

// Upstream: pkg/registry/core/service/allocator/bitmap.go

import "sync"

// A Pool gives out each of the numbers 0 to size-1 at most once. It is safe
// for concurrent use.
type Pool struct {
	size, offset int
	random       func(n int) int // a number below n

	mu   sync.Mutex
	used map[int]bool
}

// NewPool returns a pool whose first offset numbers Next only gives when all
// others are taken.
func NewPool(size, offset int, random func(n int) int) *Pool {
	return &Pool{size: size, offset: offset, random: random, used: map[int]bool{}}
}

// Take takes i, and reports whether it was free.
func (p *Pool) Take(i int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.used[i] {
		return false
	}
	p.used[i] = true
	return true
}

// Next takes a free number, and reports whether there was one.
func (p *Pool) Next() (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, ok := p.free(p.offset, p.size)
	if !ok {
		i, ok = p.free(0, p.offset)
	}
	if ok {
		p.used[i] = true
	}
	return i, ok
}

// free finds a free number of [from, to), beginning anywhere. mu is held.
func (p *Pool) free(from, to int) (int, bool) {
	n := to - from
	if n <= 0 || len(p.used) >= p.size {
		return 0, false
	}
	start := p.random(n)
	for k := range n {
		if i := from + (start+k)%n; !p.used[i] {
			return i, true
		}
	}
	return 0, false
}

// Release gives i back.
func (p *Pool) Release(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.used, i)
}

// Has reports whether i is taken.
func (p *Pool) Has(i int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.used[i]
}

// offsetOf is how much of a range Next leaves to those who ask: a step of it,
// between least and most, and nothing of a very small one.
func offsetOf(size, step, most int) int {
	const least = 16
	if size <= least {
		return 0
	}
	return min(max(size/step, least), most)
}
