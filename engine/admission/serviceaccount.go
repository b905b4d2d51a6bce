package admission

// Upstream: plugin/pkg/admission/serviceaccount/admission.go

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/admission"

	"kubergarten/engine/api"
	"kubergarten/engine/client"
	"kubergarten/engine/clock"
)

// defaultAccount is the service account of a pod that names none, and patience is
// how long a pod waits for the controller to create it in a new namespace.
const (
	defaultAccount = "default"
	patience       = 1500 * time.Millisecond
)

// serviceAccount gives each pod a service account, its token and its pull secrets.
type serviceAccount struct {
	*admission.Handler
	accounts client.Of[*corev1.ServiceAccount]
	clock    clock.Clock
	suffix   func(string) string
}

var (
	_ admission.MutationInterface   = serviceAccount{}
	_ admission.ValidationInterface = serviceAccount{}
)

func newServiceAccount(cfg Config) admission.Interface {
	return serviceAccount{
		admission.NewHandler(admission.Create, admission.Update),
		client.For[*corev1.ServiceAccount](cfg.API), cfg.Clock, cfg.Suffix,
	}
}

// podOf returns the pod that a creates, or whose ephemeral containers it changes.
func podOf(a admission.Attributes) (pod *corev1.Pod, create bool) {
	if a.GetResource().GroupResource() != (schema.GroupResource{Resource: "pods"}) {
		return nil, false
	}
	pod, _ = a.GetObject().(*corev1.Pod)
	switch {
	case a.GetSubresource() == "" && a.GetOperation() == admission.Create:
		return pod, true
	case a.GetSubresource() == "ephemeralcontainers" && a.GetOperation() == admission.Update:
		return pod, false
	}
	return nil, false
}

func isMirror(pod *corev1.Pod) bool {
	_, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]
	return mirror
}

// Admit implements admission.MutationInterface. The spec of a mirror pod is the
// kubelet's, and must stay as it is.
func (p serviceAccount) Admit(ctx context.Context, a admission.Attributes, o admission.ObjectInterfaces) error {
	pod, create := podOf(a)
	if pod == nil || !create {
		return nil
	}
	if isMirror(pod) {
		return p.Validate(ctx, a, o)
	}
	if pod.Spec.ServiceAccountName == "" {
		pod.Spec.ServiceAccountName = defaultAccount
	}
	sa, err := p.account(ctx, a, pod)
	if err != nil {
		return err
	}
	pod.Spec.DeprecatedServiceAccount = pod.Spec.ServiceAccountName
	if automounts(sa, pod) {
		mountToken(pod, p.suffix)
	}
	if len(pod.Spec.ImagePullSecrets) == 0 {
		pod.Spec.ImagePullSecrets = slices.Clone(sa.ImagePullSecrets)
	}
	return p.Validate(ctx, a, o)
}

// Validate implements admission.ValidationInterface.
func (p serviceAccount) Validate(ctx context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	pod, create := podOf(a)
	switch {
	case pod == nil:
		return nil
	case create && isMirror(pod):
		return mirrorRefersToNothing(a, pod)
	case pod.Spec.ServiceAccountName == "":
		return admission.NewForbidden(a, fmt.Errorf("no service account specified for pod %s/%s", a.GetNamespace(), pod.Name))
	}
	sa, err := p.account(ctx, a, pod)
	if err != nil || !enforcesSecrets(sa) {
		return err
	}
	if create {
		err = mayMountAll(sa, pod)
	} else {
		err = mayMountEphemeral(sa, pod)
	}
	if err != nil {
		return admission.NewForbidden(a, err)
	}
	return nil
}

func mirrorRefersToNothing(a admission.Attributes, pod *corev1.Pod) error {
	if pod.Spec.ServiceAccountName != "" {
		return admission.NewForbidden(a, errors.New("a mirror pod may not reference service accounts"))
	}
	if slices.ContainsFunc(api.PodReferences(pod), func(r api.Reference) bool { return r.Resource == "secrets" }) {
		return admission.NewForbidden(a, errors.New("a mirror pod may not reference secrets"))
	}
	for _, v := range pod.Spec.Volumes {
		if v.Projected != nil && slices.ContainsFunc(v.Projected.Sources, func(s corev1.VolumeProjection) bool { return s.ServiceAccountToken != nil }) {
			return admission.NewForbidden(a, errors.New("a mirror pod may not use ServiceAccountToken volume projections"))
		}
	}
	return nil
}

// automounts: the pod's wish comes first, then the account's.
func automounts(sa *corev1.ServiceAccount, pod *corev1.Pod) bool {
	if wish := pod.Spec.AutomountServiceAccountToken; wish != nil {
		return *wish
	}
	if wish := sa.AutomountServiceAccountToken; wish != nil {
		return *wish
	}
	return true
}

// enforcesSecrets reports whether pods of sa may only use the secrets it lists.
func enforcesSecrets(sa *corev1.ServiceAccount) bool {
	enforce, _ := strconv.ParseBool(sa.Annotations["kubernetes.io/enforce-mountable-secrets"])
	return enforce
}

// account returns the pod's service account.
func (p serviceAccount) account(ctx context.Context, a admission.Attributes, pod *corev1.Pod) (*corev1.ServiceAccount, error) {
	ns, name := a.GetNamespace(), pod.Spec.ServiceAccountName
	sa, err := p.accounts.Get(ctx, ns, name)
	if apierrors.IsNotFound(err) && name == defaultAccount {
		sa, err = p.await(ctx, ns, name)
	}
	if apierrors.IsNotFound(err) {
		err = apierrors.NewNotFound(schema.GroupResource{Resource: "serviceaccount"}, name)
	}
	if err != nil {
		return nil, admission.NewForbidden(a, fmt.Errorf("error looking up service account %s/%s: %w", ns, name, err))
	}
	return sa, nil
}

// await waits for the account that is created in each namespace.
func (p serviceAccount) await(ctx context.Context, ns, name string) (*corev1.ServiceAccount, error) {
	timer := p.clock.NewTimer(patience)
	defer timer.Stop()
	events, err := p.accounts.Watch(ctx, ns, metav1.ListOptions{FieldSelector: "metadata.name=" + name})
	if err != nil {
		return nil, err
	}
	defer events.Stop()
	for {
		select {
		case e, ok := <-events.ResultChan():
			if sa, is := e.Object.(*corev1.ServiceAccount); is && e.Type == watch.Added {
				return sa, nil
			}
			if !ok || e.Type == watch.Error {
				return p.accounts.Get(ctx, ns, name)
			}
		case <-timer.C():
			return p.accounts.Get(ctx, ns, name)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
