package coredns

// Upstream: plugin/kubernetes/controller.go, object/

import (
	"net/netip"
	"strings"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
)

// objects is what plugin/kubernetes knows of the cluster.
type objects struct {
	informers  *client.Informers
	services   client.Informer[*corev1.Service]
	slices     client.Informer[*discoveryv1.EndpointSlice] // unless noendpoints
	namespaces client.Informer[*corev1.Namespace]
	pods       client.Informer[*corev1.Pod] // only for pods verified
	has        []func() bool
	modified   atomic.Int64 // unix seconds of the last change
}

// The indexes.
const (
	byService = "service"
	byIP      = "ip"
)

func newObjects(api client.Interface, c clock.Clock, endpoints, pods bool) (*objects, error) {
	o := &objects{informers: client.NewInformers(api)}
	touch := func() { o.modified.Store(c.Now().Unix()) }
	touch()
	o.services = client.InformerFor[*corev1.Service](o.informers, metav1.ListOptions{})
	o.namespaces = client.InformerFor[*corev1.Namespace](o.informers, metav1.ListOptions{})
	o.has = append(o.has, o.services.HasSynced, o.namespaces.HasSynced)
	err := o.services.AddIndex(byIP, func(s *corev1.Service) []string { return clusterIPs(s) })
	if err == nil {
		_, err = o.services.OnChange(client.Handler[*corev1.Service]{
			Add: func(*corev1.Service) { touch() }, Update: func(_, _ *corev1.Service) { touch() }, Delete: func(*corev1.Service) { touch() },
		})
	}
	if err == nil && endpoints {
		err = o.followSlices(touch)
	}
	if err == nil && pods {
		o.pods = client.InformerFor[*corev1.Pod](o.informers, metav1.ListOptions{})
		o.has = append(o.has, o.pods.HasSynced)
		err = o.pods.AddIndex(byIP, func(p *corev1.Pod) []string { return []string{p.Status.PodIP} })
	}
	return o, err
}

func (o *objects) followSlices(touch func()) error {
	o.slices = client.InformerFor[*discoveryv1.EndpointSlice](o.informers, metav1.ListOptions{})
	o.has = append(o.has, o.slices.HasSynced)
	if err := o.slices.AddIndex(byService, func(s *discoveryv1.EndpointSlice) []string {
		return []string{s.Namespace + "/" + s.Labels[discoveryv1.LabelServiceName]}
	}); err != nil {
		return err
	}
	if err := o.slices.AddIndex(byIP, func(s *discoveryv1.EndpointSlice) (out []string) {
		for i := range s.Endpoints {
			out = append(out, s.Endpoints[i].Addresses...)
		}
		return out
	}); err != nil {
		return err
	}
	_, err := o.slices.OnChange(client.Handler[*discoveryv1.EndpointSlice]{
		Add: func(*discoveryv1.EndpointSlice) { touch() }, Update: func(_, _ *discoveryv1.EndpointSlice) { touch() },
		Delete: func(*discoveryv1.EndpointSlice) { touch() },
	})
	return err
}

// synced reports whether everything has been listed.
func (o *objects) synced() bool {
	for _, has := range o.has {
		if !has() {
			return false
		}
	}
	return true
}

func headless(s *corev1.Service) bool { return s.Spec.ClusterIP == corev1.ClusterIPNone }

// clusterIPs are the addresses of s, if it has any.
func clusterIPs(s *corev1.Service) []string {
	switch {
	case headless(s) || s.Spec.ClusterIP == "":
		return nil
	case len(s.Spec.ClusterIPs) > 0:
		return s.Spec.ClusterIPs
	}
	return []string{s.Spec.ClusterIP}
}

// An endpoint is one address and port of an EndpointSlice; port -1 stands for
// none, so that a Service without ports still has addresses.
type endpoint struct {
	host, ip           string
	portName, protocol string
	port               int
}

// endpointsOf are the ready endpoints of a slice.
func (k *kubernetes) endpointsOf(s *discoveryv1.EndpointSlice) []endpoint {
	ports := s.Ports
	if len(ports) == 0 {
		none := int32(-1)
		ports = []discoveryv1.EndpointPort{{Port: &none}}
	}
	var out []endpoint
	for i := range s.Endpoints {
		e := &s.Endpoints[i]
		if e.Conditions.Ready != nil && !*e.Conditions.Ready {
			continue
		}
		for _, ip := range e.Addresses {
			for _, p := range ports {
				ep := endpoint{host: k.hostname(e, ip), ip: ip, port: -1, protocol: "TCP"}
				if p.Port != nil {
					ep.port = int(*p.Port)
				}
				if p.Name != nil {
					ep.portName = *p.Name
				}
				if p.Protocol != nil {
					ep.protocol = string(*p.Protocol)
				}
				out = append(out, ep)
			}
		}
	}
	return out
}

// hostname is the label under which an endpoint has a name of its own.
func (k *kubernetes) hostname(e *discoveryv1.Endpoint, ip string) string {
	if e.Hostname != nil && *e.Hostname != "" {
		return strings.ToLower(*e.Hostname)
	}
	if k.podNames && e.TargetRef != nil && e.TargetRef.Name != "" {
		return e.TargetRef.Name
	}
	name := strings.NewReplacer(".", "-", ":", "-").Replace(ip)
	if strings.HasSuffix(name, "-") {
		name += "0"
	}
	return name
}

// exposed reports whether names in the namespace exist.
func (k *kubernetes) exposed(ns string) bool {
	for i, n := range k.namespaces {
		if n == ns {
			break
		}
		if i == len(k.namespaces)-1 {
			return false
		}
	}
	_, ok := k.objects.namespaces.Get("", ns)
	return ok
}

func parseIP(s string) (netip.Addr, bool) {
	ip, err := netip.ParseAddr(s)
	return ip, err == nil
}
