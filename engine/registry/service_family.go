package registry

// Upstream: pkg/registry/core/service/storage/alloc.go (initIPFamilyFields)

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"
	"k8s.io/utils/ptr"

	"kubergarten/engine/api"
)

// initFamilies fills in ipFamilyPolicy and ipFamilies of s, in a cluster that
// has one family, ours, or says in upstream's words what is wrong with them.
// old is nil on create.
func initFamilies(s, old *corev1.Service, ours corev1.IPFamily) error {
	if !needsIP(s) || preferSame(s, old) {
		return nil
	}
	selectorless := headless(s) && len(s.Spec.Selector) == 0
	if s.Spec.IPFamilyPolicy == nil {
		s.Spec.IPFamilyPolicy = defaultPolicy(old, selectorless)
	}
	var errs field.ErrorList
	if old == nil {
		errs = api.ServiceClusterIPs(s, nil)
	} else {
		errs = api.ServiceClusterIPs(s, old)
	}
	if len(errs) == 0 {
		errs = checkFamilies(s, old, ours)
	}
	if len(errs) > 0 {
		return invalidService(s, errs)
	}
	if len(s.Spec.IPFamilies) == 0 {
		s.Spec.IPFamilies = []corev1.IPFamily{ours}
	}
	if selectorless {
		if len(s.Spec.IPFamilies) < 2 && *s.Spec.IPFamilyPolicy != corev1.IPFamilyPolicySingleStack {
			s.Spec.IPFamilies = append(s.Spec.IPFamilies, otherFamily(s.Spec.IPFamilies[0]))
		}
		return nil
	}
	if errs := configured(s, ours); len(errs) > 0 {
		return invalidService(s, errs)
	}
	return nil
}

// preferSame: an update that leaves PreferDualStack as it is changes nothing.
func preferSame(s, old *corev1.Service) bool {
	prefer := func(p *corev1.IPFamilyPolicy) bool { return p == nil || *p == corev1.IPFamilyPolicyPreferDualStack }
	return old != nil && s.Spec.IPFamilyPolicy != nil && s.Spec.Type == old.Spec.Type &&
		prefer(s.Spec.IPFamilyPolicy) && prefer(old.Spec.IPFamilyPolicy) &&
		equal(s.Spec.ClusterIPs, old.Spec.ClusterIPs) && equal(s.Spec.IPFamilies, old.Spec.IPFamilies)
}

func defaultPolicy(old *corev1.Service, selectorless bool) *corev1.IPFamilyPolicy {
	switch {
	case old != nil && old.Spec.IPFamilyPolicy != nil:
		return old.Spec.IPFamilyPolicy
	case selectorless: // whoever writes its endpoints may use both
		return ptr.To(corev1.IPFamilyPolicyRequireDualStack)
	}
	return ptr.To(corev1.IPFamilyPolicySingleStack)
}

// checkFamilies judges what does not depend on the cluster, and reads families
// from addresses.
func checkFamilies(s, old *corev1.Service, ours corev1.IPFamily) (errs field.ErrorList) {
	spec, policy := &s.Spec, field.NewPath("spec", "ipFamilyPolicy")
	if *spec.IPFamilyPolicy == corev1.IPFamilyPolicySingleStack {
		if old != nil {
			shrink(s, old)
		}
		if len(spec.ClusterIPs) == 2 {
			errs = append(errs, field.Invalid(policy, spec.IPFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified"))
		}
		if len(spec.IPFamilies) == 2 {
			errs = append(errs, field.Invalid(policy, spec.IPFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"))
		}
	} else if old != nil && len(old.Spec.IPFamilies) == 2 && len(spec.IPFamilies) == 1 && spec.IPFamilies[0] == old.Spec.IPFamilies[0] {
		errs = append(errs, field.Invalid(policy, spec.IPFamilyPolicy, "must be 'SingleStack' to release the secondary IP family"))
	}
	for i, ip := range spec.ClusterIPs {
		if ip == corev1.ClusterIPNone {
			break
		}
		if i < len(spec.IPFamilies) {
			continue
		}
		if f := familyOf(ip); f != ours {
			errs = append(errs, field.Invalid(field.NewPath("spec", "clusterIPs").Index(i), spec.ClusterIPs, fmt.Sprintf("%s is not configured on this cluster", f)))
		} else {
			spec.IPFamilies = append(spec.IPFamilies, f)
		}
	}
	return errs
}

// shrink takes the second family from a service that now wants only one.
func shrink(s, old *corev1.Service) {
	if equal(s.Spec.ClusterIPs, old.Spec.ClusterIPs) && len(s.Spec.ClusterIPs) > 1 {
		s.Spec.ClusterIPs = s.Spec.ClusterIPs[:1]
	}
	if equal(s.Spec.IPFamilies, old.Spec.IPFamilies) && len(s.Spec.IPFamilies) > 1 {
		s.Spec.IPFamilies = s.Spec.IPFamilies[:1]
	}
}

// configured judges the families by what the cluster has.
func configured(s *corev1.Service, ours corev1.IPFamily) (errs field.ErrorList) {
	if *s.Spec.IPFamilyPolicy == corev1.IPFamilyPolicyRequireDualStack {
		errs = append(errs, field.Invalid(field.NewPath("spec", "ipFamilyPolicy"), s.Spec.IPFamilyPolicy, "this cluster is not configured for dual-stack services"))
	}
	for i, f := range s.Spec.IPFamilies {
		if f != ours {
			errs = append(errs, field.Invalid(field.NewPath("spec", "ipFamilies").Index(i), f, "not configured on this cluster"))
		}
	}
	return errs
}

func otherFamily(f corev1.IPFamily) corev1.IPFamily {
	if f == corev1.IPv4Protocol {
		return corev1.IPv6Protocol
	}
	return corev1.IPv4Protocol
}

func familyOf(ip string) corev1.IPFamily {
	switch {
	case netutils.IsIPv4String(ip):
		return corev1.IPv4Protocol
	case netutils.IsIPv6String(ip):
		return corev1.IPv6Protocol
	}
	return "unknown"
}

func invalidService(s *corev1.Service, errs field.ErrorList) error {
	return apierrors.NewInvalid(corev1.SchemeGroupVersion.WithKind("Service").GroupKind(), s.Name, errs)
}
