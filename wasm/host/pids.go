package host

import (
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
)

// maxPID is where numbers begin anew, as Linux' pid_max.
const maxPID = 32768

// PIDs is a PID namespace.
type PIDs struct {
	pipes atomic.Int32 // that the guests have made

	mu   sync.Mutex
	all  map[int]*Process // the living and the zombies
	last int
	dead bool // PID 1 has ended
}

// NewPIDs returns an empty PID namespace. Its first process is PID 1, at whose
// end all others are killed.
func NewPIDs() *PIDs { return &PIDs{all: map[int]*Process{}} }

// Kill kills all processes of the namespace. New ones are refused.
func (n *PIDs) Kill() {
	n.mu.Lock()
	n.dead = true
	n.mu.Unlock()
	for _, p := range n.List() {
		p.die(bySignal(sigKILL))
	}
}

// List returns the living processes and the zombies, in order.
func (n *PIDs) List() []*Process {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]*Process, 0, len(n.all))
	for _, p := range n.all {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *Process) int { return a.pid - b.pid })
	return out
}

// Lookup finds a process by its number.
func (n *PIDs) Lookup(pid int) (*Process, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p, found := n.all[pid]
	return p, found
}

// add gives p a number and its place in the family.
func (n *PIDs) add(p *Process) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.dead:
		return syscall.ENOMEM // as Linux
	case len(n.all) >= p.cfg.Limits.Processes:
		return syscall.EAGAIN
	}
	for {
		n.last++
		if n.last > maxPID {
			n.last = 2
		}
		if n.all[n.last] == nil {
			break
		}
	}
	p.pid = n.last
	n.all[p.pid] = p
	if p.parent != nil {
		if p.parent.kids == nil {
			p.parent.kids = map[int]*Process{}
		}
		p.parent.kids[p.pid] = p
	}
	return nil
}

// drop takes away a process that has never run.
func (n *PIDs) drop(p *Process) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.remove(p)
	close(p.done)
}

// remove is called with mu held.
func (n *PIDs) remove(p *Process) {
	delete(n.all, p.pid)
	if p.parent != nil {
		delete(p.parent.kids, p.pid)
	}
}

// ended notes the end of p: it is a zombie until its parent has waited for it,
// which a native program never does, so that its children are just gone;
// its children become PID 1's, or end with it if it is PID 1 itself.
func (n *PIDs) ended(p *Process) {
	n.mu.Lock()
	init := n.all[1]
	heir := init
	if p == init || init != nil && init.zombie {
		heir = nil
	}
	var killed []*Process
	orphans := len(p.kids) > 0
	for _, kid := range p.kids {
		n.adopt(kid, heir)
	}
	p.kids = nil
	if p.pid == 1 {
		n.dead = true
		for _, q := range n.all {
			if q != p {
				killed = append(killed, q)
			}
		}
	}
	p.zombie = true
	parent := p.parent
	if parent == nil || parent.native.Load() != nil {
		n.remove(p)
	}
	n.mu.Unlock()
	for _, q := range killed {
		q.die(bySignal(sigKILL))
	}
	if orphans && heir != nil {
		heir.signal(sigCHLD, true)
		heir.notify()
	}
	if parent != nil {
		parent.signal(sigCHLD, true)
		parent.notify()
	}
	p.watchers.wake()
}

// child finds a child of p that has not been reaped.
func (n *PIDs) child(p *Process, pid int) (*Process, errno) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if kid := p.kids[pid]; kid != nil {
		return kid, ok
	}
	return nil, eCHILD
}

// gone reports whether a process has ended.
func (n *PIDs) gone(p *Process) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return p.zombie
}

// adopt gives an orphan a new parent; with none, a zombie is gone. mu is held.
func (n *PIDs) adopt(kid, heir *Process) {
	kid.parent = heir
	switch {
	case heir != nil && (!kid.zombie || heir.native.Load() == nil):
		if heir.kids == nil {
			heir.kids = map[int]*Process{}
		}
		heir.kids[kid.pid] = kid
	case kid.zombie:
		delete(n.all, kid.pid)
	}
}

// reap returns a child of p that has ended, pid or (-1) any, and forgets it.
func (n *PIDs) reap(p *Process, pid int) (*Process, errno) {
	n.mu.Lock()
	defer n.mu.Unlock()
	found := false
	for _, kid := range p.kids {
		if pid != -1 && kid.pid != pid {
			continue
		}
		found = true
		if kid.zombie {
			n.remove(kid)
			return kid, ok
		}
	}
	if found {
		return nil, eAGAIN
	}
	return nil, eCHILD
}

// parentOf is the number of p's parent, 0 if that is outside.
func (n *PIDs) parentOf(p *Process) int {
	if parent := n.parentProcess(p); parent != nil {
		return parent.pid
	}
	return 0
}

func (n *PIDs) parentProcess(p *Process) *Process {
	n.mu.Lock()
	defer n.mu.Unlock()
	return p.parent
}

// state is the letter that ps shows.
func (n *PIDs) state(p *Process) byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case p.zombie:
		return 'Z'
	case p.stopped.Load():
		return 'T'
	case p.parked.Load():
		return 'S'
	}
	return 'R'
}

// newest is the number that was given last.
func (n *PIDs) newest() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.last
}
