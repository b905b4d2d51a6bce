package allocator

// Upstream: pkg/registry/core/service/portallocator/allocator.go

import (
	"fmt"

	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// Ports gives out the ports of a range.
type Ports struct {
	ports utilnet.PortRange
	pool  *Pool
}

// NewPorts returns the ports of r, all free.
func NewPorts(r utilnet.PortRange, random func(n int) int) *Ports {
	return &Ports{ports: r, pool: NewPool(r.Size, offsetOf(r.Size, 32, 128), random)}
}

// Take takes port.
func (p *Ports) Take(port int) error {
	if err := p.inRange(port); err != nil {
		return err
	}
	if !p.pool.Take(port - p.ports.Base) {
		return ErrPortAllocated
	}
	return nil
}

// Check returns the error that Take would.
func (p *Ports) Check(port int) error {
	if err := p.inRange(port); err != nil {
		return err
	}
	if p.pool.Has(port - p.ports.Base) {
		return ErrPortAllocated
	}
	return nil
}

// Next takes a port that is free.
func (p *Ports) Next() (int, error) {
	i, ok := p.pool.Next()
	if !ok {
		return 0, ErrFull
	}
	return p.ports.Base + i, nil
}

// Release gives port back. A port that was never given is ignored.
func (p *Ports) Release(port int) {
	if p.inRange(port) == nil {
		p.pool.Release(port - p.ports.Base)
	}
}

func (p *Ports) inRange(port int) error {
	if !p.ports.Contains(port) {
		return fmt.Errorf("provided port is not in the valid range. The range of valid ports is %s", p.ports.String())
	}
	return nil
}
