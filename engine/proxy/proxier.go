package proxy

// Upstream: pkg/proxy/iptables/proxier.go, pkg/proxy/config/config.go

import (
	"sync"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/network"
)

// A Table is the node's table of services. *network.Node is one.
type Table interface {
	SetServices(*network.Services)
}

// A proxier keeps the rules that were written, by Service, and writes what
// changes. Only the worker of Proxy.Run uses it.
type proxier struct {
	clock   clock.Clock
	table   *network.Services
	masqAll bool
	written map[string]*entry // by "namespace/name"
}

// An entry is what was written for one Service.
type entry struct {
	rules rules
	turns map[string]*balancer // by the port's name
}

func newProxier(c clock.Clock, masqAll bool) *proxier {
	return &proxier{clock: c, table: network.NewServices(), masqAll: masqAll, written: map[string]*entry{}}
}

// A change is what is to be written; nil services are removed.
type change map[network.ServiceKey]*network.Service

// sync computes the rules of the Service of that key, nil if it is gone, and
// adds to out what differs from those written. force rewrites all of them.
func (p *proxier) sync(key string, svc *corev1.Service, slices []*discoveryv1.EndpointSlice, h *host, force bool, out change) (changed bool) {
	e, ok := p.written[key]
	if !ok {
		e = &entry{turns: map[string]*balancer{}}
	}
	now := rulesOf(svc, slices, h, p.masqAll)
	for k, r := range now {
		if was, ok := e.rules[k]; force || !ok || !was.equal(r) {
			out[k], changed = r.service(h, e.balancer(p.clock, r.port)), true
		}
	}
	for k := range e.rules {
		if _, still := now[k]; !still {
			changed = true
			if _, taken := out[k]; !taken { // another Service may have got the address
				out[k] = nil
			}
		}
	}
	if e.rules = now; len(now) == 0 {
		delete(p.written, key)
		return changed
	}
	p.written[key] = e
	return changed
}

func (e *entry) balancer(c clock.Clock, port string) *balancer {
	b, ok := e.turns[port]
	if !ok {
		b = newBalancer(c)
		e.turns[port] = b
	}
	return b
}

// A dirt is the set of Services whose rules may have to change.
type dirt struct {
	mu   sync.Mutex
	keys map[string]bool
	all  bool // the node changed: force all
	wake chan struct{}
}

func newDirt() *dirt { return &dirt{keys: map[string]bool{}, wake: make(chan struct{}, 1)} }

func (d *dirt) add(key string, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all = d.all || all; key != "" {
		d.keys[key] = true
	}
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// take empties the set.
func (d *dirt) take() (keys map[string]bool, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	keys, all = d.keys, d.all
	d.keys, d.all = map[string]bool{}, false
	return keys, all
}
