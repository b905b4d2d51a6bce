package endpointslice

// Upstream: k8s.io/endpointslice/reconciler.go

import (
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// maxEndpoints is how many endpoints one slice holds.
const maxEndpoints = 100

// A plan is what must be written so that the slices are as desired.
type plan struct {
	create, update, remove []*discoveryv1.EndpointSlice
	endpoints, slices      int // how many there will be
}

// reconcile compares the slices there are with the groups there should be. A
// Service without endpoints keeps one empty slice.
func reconcile(svc *corev1.Service, have []*discoveryv1.EndpointSlice, want map[string]*group) plan {
	var p plan
	byPorts := map[string][]*discoveryv1.EndpointSlice{}
	for _, s := range have {
		if s.AddressType != discoveryv1.AddressTypeIPv4 {
			p.remove = append(p.remove, s)
			continue
		}
		byPorts[portKey(s.Ports)] = append(byPorts[portKey(s.Ports)], s)
	}
	if len(want) == 0 {
		want = map[string]*group{"": {ports: []discoveryv1.EndpointPort{}}}
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		p.reconcileGroup(svc, byPorts[key], want[key])
		delete(byPorts, key)
	}
	for _, stale := range byPorts {
		p.remove = append(p.remove, stale...)
	}
	if svc.DeletionTimestamp != nil {
		p.create = nil
	}
	p.recycle(svc)
	return p
}

// recycle turns slices to create into updates of slices that would be removed: a
// name that stays means fewer events for every watcher. The placeholder of a
// Service without endpoints thus becomes its first slice.
func (p *plan) recycle(svc *corev1.Service) {
	p.remove = slices.DeleteFunc(p.remove, func(old *discoveryv1.EndpointSlice) bool {
		if len(p.create) == 0 || old.AddressType != discoveryv1.AddressTypeIPv4 || !metav1.IsControlledBy(old, svc) {
			return false
		}
		last := len(p.create) - 1
		fresh := old.DeepCopy()
		fresh.Labels, fresh.Ports, fresh.Endpoints = p.create[last].Labels, p.create[last].Ports, p.create[last].Endpoints
		p.create, p.update = p.create[:last], append(p.update, fresh)
		return true
	})
}

// annotate writes the time of the change that the plan answers into what it
// writes.
func (p *plan) annotate(trigger time.Time) {
	for _, s := range slices.Concat(p.create, p.update) {
		if trigger.IsZero() {
			delete(s.Annotations, corev1.EndpointsLastChangeTriggerTime)
			continue
		}
		metav1.SetMetaDataAnnotation(&s.ObjectMeta, corev1.EndpointsLastChangeTriggerTime, trigger.UTC().Format(time.RFC3339Nano))
	}
}

// reconcileGroup plans the slices of one port list.
func (p *plan) reconcileGroup(svc *corev1.Service, have []*discoveryv1.EndpointSlice, g *group) {
	slices.SortFunc(have, func(a, b *discoveryv1.EndpointSlice) int {
		return a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
	})
	missing := map[string]discoveryv1.Endpoint{}
	for _, e := range g.endpoints {
		missing[e.Addresses[0]] = e
	}
	contents := make([][]discoveryv1.Endpoint, len(have))
	for i, s := range have {
		contents[i] = keepWanted(s.Endpoints, missing)
	}
	rest := inOrder(g.endpoints, missing)
	for i := range contents {
		n := min(max(0, maxEndpoints-len(contents[i])), len(rest))
		contents[i], rest = append(contents[i], rest[:n]...), rest[n:]
	}
	for i, s := range have {
		p.settle(svc, s, g.ports, contents[i], len(g.endpoints) == 0 && i == 0)
	}
	for len(rest) > 0 || len(have) == 0 && len(g.endpoints) == 0 {
		n := min(maxEndpoints, len(rest))
		p.create = append(p.create, newSlice(svc, g.ports, rest[:n]))
		p.slices, p.endpoints, rest = p.slices+1, p.endpoints+n, rest[n:]
		if len(rest) == 0 {
			return
		}
	}
}

// keepWanted returns those of old that are still wanted, as they are wanted
// now, and takes them out of missing.
func keepWanted(old []discoveryv1.Endpoint, missing map[string]discoveryv1.Endpoint) (kept []discoveryv1.Endpoint) {
	for _, e := range old {
		if len(e.Addresses) == 0 {
			continue
		}
		if w, ok := missing[e.Addresses[0]]; ok {
			kept = append(kept, w)
			delete(missing, e.Addresses[0])
		}
	}
	return kept
}

func inOrder(all []discoveryv1.Endpoint, missing map[string]discoveryv1.Endpoint) (out []discoveryv1.Endpoint) {
	for _, e := range all {
		if _, ok := missing[e.Addresses[0]]; ok {
			out = append(out, e)
		}
	}
	return out
}

// settle decides about one slice there is: remove it if empty (but for a
// placeholder), update it if it differs, else leave it.
func (p *plan) settle(svc *corev1.Service, s *discoveryv1.EndpointSlice, ports []discoveryv1.EndpointPort, endpoints []discoveryv1.Endpoint, placeholder bool) {
	if len(endpoints) == 0 && !placeholder {
		p.remove = append(p.remove, s)
		return
	}
	p.slices, p.endpoints = p.slices+1, p.endpoints+len(endpoints)
	want := sliceLabels(svc)
	if equality.Semantic.DeepEqual(s.Endpoints, endpoints) && maps.Equal(s.Labels, want) {
		return
	}
	fresh := s.DeepCopy()
	fresh.Labels, fresh.Ports, fresh.Endpoints = want, ports, endpoints
	p.update = append(p.update, fresh)
}

func newSlice(svc *corev1.Service, ports []discoveryv1.EndpointPort, endpoints []discoveryv1.Endpoint) *discoveryv1.EndpointSlice {
	ref := *metav1.NewControllerRef(svc, corev1.SchemeGroupVersion.WithKind("Service"))
	if endpoints == nil {
		endpoints = []discoveryv1.Endpoint{}
	}
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: svc.Namespace, GenerateName: prefix(svc.Name), Labels: sliceLabels(svc),
			OwnerReferences: []metav1.OwnerReference{ref},
		},
		AddressType: discoveryv1.AddressTypeIPv4, Ports: ports, Endpoints: slices.Clone(endpoints),
	}
}

func prefix(name string) string { return name[:min(len(name), 253-6)] + "-" }

// sliceLabels are the Service's own labels, and those that find its slices.
func sliceLabels(svc *corev1.Service) map[string]string {
	l := maps.Clone(svc.Labels)
	if l == nil {
		l = map[string]string{}
	}
	delete(l, corev1.IsHeadlessService)
	if svc.Spec.ClusterIP == corev1.ClusterIPNone {
		l[corev1.IsHeadlessService] = ""
	}
	l[discoveryv1.LabelServiceName], l[discoveryv1.LabelManagedBy] = svc.Name, managedBy
	return l
}
