package network

import (
	"net/netip"
	"slices"
	"sync"
)

// A Protocol is "TCP" or "UDP", as in a Service's port.
type Protocol string

// The protocols of the wire.
const (
	TCP Protocol = "TCP"
	UDP Protocol = "UDP"
)

// A Verdict says what becomes of a connection to a service.
type Verdict int

// The verdicts, named as iptables targets are.
const (
	Accept Verdict = iota // goes to the backend
	Reject                // is refused
	Drop                  // is swallowed
)

// A ServiceKey is an address at which a service is reached.
type ServiceKey struct {
	Protocol Protocol
	Addr     netip.AddrPort
}

// A Service is the rule for one ServiceKey. It must not be changed once set.
type Service struct {
	Name     string           // "default/web:http"
	Backends []netip.AddrPort // all that Pick may choose
	// Pick chooses the backend for one connection from client.
	Pick func(client netip.Addr) Choice
}

// A Choice is what a service's rule says about one connection.
type Choice struct {
	Verdict    Verdict
	Backend    netip.AddrPort // if accepted
	Masquerade bool           // it shall seem to come from the node
}

// Services is the table of services of a node, as kube-proxy writes it. Its
// methods are safe for concurrent use.
type Services struct {
	mu       sync.RWMutex
	rules    map[ServiceKey]*Service
	watchers []*Node
}

// NewServices returns an empty table.
func NewServices() *Services { return &Services{rules: map[ServiceKey]*Service{}} }

// Update changes the table in one step: it sets, and deletes the keys whose
// service is nil. Its cost is that of the change, not of the table.
func (s *Services) Update(change map[ServiceKey]*Service) {
	s.mu.Lock()
	for k, svc := range change {
		if svc == nil {
			delete(s.rules, k)
		} else {
			s.rules[k] = svc
		}
	}
	watchers := slices.Clone(s.watchers)
	s.mu.Unlock()
	for _, n := range watchers {
		n.servicesChanged(change)
	}
}

// Get returns the rule for k.
func (s *Services) Get(k ServiceKey) (*Service, bool) {
	if s == nil {
		return nil, false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	svc, ok := s.rules[k]
	return svc, ok
}

// Len is the number of rules.
func (s *Services) Len() int {
	if s == nil {
		return 0
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.rules)
}

// Keys returns the addresses in the table, in order.
func (s *Services) Keys() []ServiceKey {
	s.mu.RLock()
	defer s.mu.RUnlock()
	keys := make([]ServiceKey, 0, len(s.rules))
	for k := range s.rules {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b ServiceKey) int {
		if c := a.Addr.Compare(b.Addr); c != 0 {
			return c
		}
		return slices.Compare([]byte(a.Protocol), []byte(b.Protocol))
	})
	return keys
}

func (s *Services) watch(n *Node, on bool) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.watchers, n); i >= 0 {
		s.watchers = slices.Delete(s.watchers, i, i+1)
	}
	if on {
		s.watchers = append(s.watchers, n)
	}
}
