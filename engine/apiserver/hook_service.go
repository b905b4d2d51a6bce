package apiserver

// Upstream: pkg/controlplane/controller/kubernetesservice and pkg/controlplane/reconcilers

import (
	"context"
	"fmt"
	"maps"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"kubergarten/engine/client"
)

// serviceName is the Service by which pods find the API.
const serviceName = "kubernetes"

// kubernetesService makes the kubernetes Service and its endpoints point here.
func (s *Server) kubernetesService(ctx context.Context, api client.Interface) error {
	if !s.cfg.AdvertiseAddress.IsValid() || !s.cfg.ServiceCIDR.IsValid() {
		return nil // a server without an address, as in tests, has nothing to offer
	}
	err := put(ctx, api, s.service(), func(_, _ *corev1.Service) bool { return true })
	if err != nil {
		return err
	}
	endpoints := corev1.SchemeGroupVersion.WithResource("endpoints")
	//lint:ignore SA1019 upstream keeps the old Endpoints beside the slice
	if err := putAt(ctx, api, endpoints, s.endpointsObject(), func(live, want *corev1.Endpoints) bool {
		return apiequality.Semantic.DeepEqual(live.Subsets, want.Subsets) && live.Labels[discoveryv1.LabelSkipMirror] == "true"
	}); err != nil {
		return err
	}
	return put(ctx, api, s.slice(), func(live, want *discoveryv1.EndpointSlice) bool {
		return apiequality.Semantic.DeepEqual(live.Endpoints, want.Endpoints) && apiequality.Semantic.DeepEqual(live.Ports, want.Ports) &&
			maps.Equal(live.Labels, want.Labels) // by which the Service's are found
	})
}

// put creates want, or updates what is there unless same says that it will do.
func put[T client.Object](ctx context.Context, api client.Interface, want T, same func(live, want T) bool) error {
	return putAt(ctx, api, client.ResourceOf[T](), want, same)
}

func putAt[T client.Object](ctx context.Context, api client.Interface, gvr schema.GroupVersionResource, want T, same func(live, want T) bool) error {
	at := client.Target{GroupVersionResource: gvr, Namespace: want.GetNamespace(), Name: want.GetName()}
	live, err := api.Get(ctx, at, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		_, err = api.Create(ctx, client.Target{GroupVersionResource: gvr, Namespace: at.Namespace}, want, metav1.CreateOptions{})
	case err == nil && !same(live.(T), want):
		_, err = api.Update(ctx, at, want, metav1.UpdateOptions{})
	}
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("put %s %s: %w", gvr.Resource, at.Name, err)
	}
	return nil
}

func (s *Server) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: serviceName, Namespace: metav1.NamespaceDefault}
}

func (s *Server) service() *corev1.Service {
	m := s.meta()
	m.Labels = map[string]string{"provider": "kubernetes", "component": "apiserver"}
	return &corev1.Service{ObjectMeta: m, Spec: corev1.ServiceSpec{
		ClusterIP:      firstAddress(s.cfg.ServiceCIDR).String(),
		IPFamilyPolicy: ptr.To(corev1.IPFamilyPolicySingleStack), SessionAffinity: corev1.ServiceAffinityNone, Type: corev1.ServiceTypeClusterIP,
		Ports: []corev1.ServicePort{{Name: "https", Protocol: corev1.ProtocolTCP, Port: 443, TargetPort: intstr.FromInt(s.cfg.SecurePort)}},
	}}
}

// firstAddress is the address after the network's own.
func firstAddress(p netip.Prefix) netip.Addr { return p.Masked().Addr().Next() }

//lint:ignore SA1019 upstream keeps the old Endpoints beside the slice
func (s *Server) endpointsObject() *corev1.Endpoints {
	m := s.meta()
	m.Labels = map[string]string{discoveryv1.LabelSkipMirror: "true"}
	//lint:ignore SA1019 upstream keeps the old Endpoints beside the slice
	return &corev1.Endpoints{ObjectMeta: m, Subsets: []corev1.EndpointSubset{{
		Addresses: []corev1.EndpointAddress{{IP: s.cfg.AdvertiseAddress.String()}},
		Ports:     []corev1.EndpointPort{{Name: "https", Port: int32(s.cfg.SecurePort), Protocol: corev1.ProtocolTCP}},
	}}}
}

func (s *Server) slice() *discoveryv1.EndpointSlice {
	m := s.meta()
	m.Labels = map[string]string{discoveryv1.LabelServiceName: serviceName}
	family := discoveryv1.AddressTypeIPv4
	if s.cfg.AdvertiseAddress.Is6() {
		family = discoveryv1.AddressTypeIPv6
	}
	return &discoveryv1.EndpointSlice{
		ObjectMeta: m, AddressType: family,
		Endpoints: []discoveryv1.Endpoint{{Addresses: []string{s.cfg.AdvertiseAddress.String()}, Conditions: discoveryv1.EndpointConditions{Ready: ptr.To(true)}}},
		Ports:     []discoveryv1.EndpointPort{{Name: ptr.To("https"), Port: ptr.To(int32(s.cfg.SecurePort)), Protocol: ptr.To(corev1.ProtocolTCP)}},
	}
}
