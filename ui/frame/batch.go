package frame

import "sync"

// A batch keeps the newest part of each element until the stream takes them.
type batch struct {
	more chan struct{} // holds one token while parts lie here

	mu    sync.Mutex
	parts map[string]Part
	order []string // targets in the order of their first mention
}

func newBatch() *batch {
	return &batch{more: make(chan struct{}, 1), parts: map[string]Part{}}
}

// add puts parts in, each in place of an older one of its element.
func (b *batch) add(parts ...Part) {
	if len(parts) == 0 {
		return
	}
	b.mu.Lock()
	for _, p := range parts {
		if _, known := b.parts[p.Target]; !known {
			b.order = append(b.order, p.Target)
		}
		b.parts[p.Target] = p
	}
	b.mu.Unlock()
	select {
	case b.more <- struct{}{}:
	default:
	}
}

// take empties the batch.
func (b *batch) take() []Part {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken := make([]Part, 0, len(b.order))
	for _, target := range b.order {
		taken = append(taken, b.parts[target])
	}
	b.order = b.order[:0]
	clear(b.parts)
	return taken
}
