package proxy

import (
	"errors"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"kubergarten/engine/client"
)

// bySvc is the index of EndpointSlices by their Service's key.
const bySvc = "service"

func serviceKey(s *discoveryv1.EndpointSlice) string {
	return s.Namespace + "/" + s.Labels[discoveryv1.LabelServiceName]
}

// follow makes changes mark what they concern as dirty.
func (p *Proxy) follow() error {
	mark := func(key string, all bool) { p.health.queue(); p.dirt.add(key, all) }
	onSvc := func(s *corev1.Service) { mark(s.Namespace+"/"+s.Name, false) }
	onSlice := func(s *discoveryv1.EndpointSlice) { mark(serviceKey(s), false) }
	err := p.slices.AddIndex(bySvc, func(s *discoveryv1.EndpointSlice) []string { return []string{serviceKey(s)} })
	_, err1 := p.services.OnChange(client.Handler[*corev1.Service]{
		Add: onSvc, Update: func(_, s *corev1.Service) { onSvc(s) }, Delete: onSvc,
	})
	_, err2 := p.slices.OnChange(client.Handler[*discoveryv1.EndpointSlice]{
		Add: onSlice, Update: func(old, s *discoveryv1.EndpointSlice) { onSlice(old); onSlice(s) }, Delete: onSlice,
	})
	_, err3 := p.nodes.OnChange(client.Handler[*corev1.Node]{
		Add:    func(*corev1.Node) { mark("", true) },
		Update: func(old, n *corev1.Node) { p.nodeChanged(old, n, mark) },
	})
	return errors.Join(err, err1, err2, err3)
}

// nodeChanged forces all rules only if something changed that they depend on.
func (p *Proxy) nodeChanged(old, n *corev1.Node, mark func(string, bool)) {
	if was, is := newHost(p.node, old, p.cfg), newHost(p.node, n, p.cfg); !was.equal(is) {
		mark("", true)
	}
}

func (p *Proxy) self() *corev1.Node {
	n, ok := p.nodes.Get("", p.node)
	if !ok {
		return nil
	}
	return n
}
