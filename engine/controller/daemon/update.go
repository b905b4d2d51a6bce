package daemon

// Upstream: pkg/controller/daemon/update.go

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubergarten/engine/controller"
)

// rollingUpdate replaces pods of old templates. Without surge it deletes as many
// as maxUnavailable allows, and manage creates the new ones; with surge it
// creates new pods beside old ones, and manage deletes the old when the new are
// available.
func (c *Controller) rollingUpdate(ctx context.Context, ds *appsv1.DaemonSet, hash string) error {
	byNode, err := c.byNode(ctx, ds)
	if err != nil {
		return err
	}
	want := c.wanted(ds)
	if surge := maxSurge(ds, want); surge > 0 {
		return c.act(ctx, ds, c.surge(ds, byNode, hash, surge), nil, hash)
	}
	return c.act(ctx, ds, nil, c.replace(ds, byNode, hash, maxUnavailable(ds, want)), hash)
}

// replace chooses old pods to delete: all that are not available anyway, and
// of the others as many as may be missing.
func (c *Controller) replace(ds *appsv1.DaemonSet, byNode map[string][]*corev1.Pod, hash string, allowed int) (remove []*corev1.Pod) {
	missing, candidates := 0, []*corev1.Pod{}
	for _, pods := range byNode {
		fresh, old, ok := newAndOld(ds, pods, hash)
		switch {
		case !ok || (fresh == nil) == (old == nil): // for manage to settle
			missing++
		case fresh != nil:
			if !c.available(ds, fresh) {
				missing++
			}
		case !c.available(ds, old):
			missing++
			remove = append(remove, old)
		default:
			candidates = append(candidates, old)
		}
	}
	sortByAge(candidates)
	return append(remove, candidates[:max(0, min(allowed-missing, len(candidates)))]...)
}

// surge chooses nodes for a new pod beside the old: all whose old pod is not
// available, and of the others as many as may surge.
func (c *Controller) surge(ds *appsv1.DaemonSet, byNode map[string][]*corev1.Pod, hash string, allowed int) (create []string) {
	surging, candidates := 0, []string{}
	for name, pods := range byNode {
		node, known := c.nodes.Get("", name)
		fresh, old, ok := newAndOld(ds, pods, hash)
		switch {
		case !ok:
			surging++
		case old == nil || !known:
		case fresh != nil:
			if !c.available(ds, fresh) {
				surging++
			}
		default:
			if start, _ := fits(ds, node); !start {
				continue
			}
			if c.available(ds, old) {
				candidates = append(candidates, name)
			} else {
				create = append(create, name)
			}
		}
	}
	return append(create, candidates[:max(0, min(allowed-surging, len(candidates)))]...)
}

// newAndOld is the one pod of the current template on a node and the one of an
// older; ok is false if there are more.
func newAndOld(ds *appsv1.DaemonSet, pods []*corev1.Pod, hash string) (fresh, old *corev1.Pod, ok bool) {
	for _, pod := range pods {
		slot := &old
		if isUpdated(ds, pod, hash) {
			slot = &fresh
		}
		if pod.DeletionTimestamp != nil {
			continue
		}
		if *slot != nil {
			return nil, nil, false
		}
		*slot = pod
	}
	return fresh, old, true
}

func (c *Controller) available(ds *appsv1.DaemonSet, pod *corev1.Pod) bool {
	ok, _ := controller.IsAvailable(pod, time.Duration(ds.Spec.MinReadySeconds)*time.Second, c.cc.Clock.Now())
	return ok
}

// wanted is on how many nodes a pod should be.
func (c *Controller) wanted(ds *appsv1.DaemonSet) (n int) {
	for _, node := range c.nodes.List("", nil) {
		if start, _ := fits(ds, node); start {
			n++
		}
	}
	return n
}

// maxUnavailable and maxSurge resolve the limits of ds for n nodes, rounding up.
func maxUnavailable(ds *appsv1.DaemonSet, n int) int {
	if ds.Spec.UpdateStrategy.RollingUpdate == nil {
		return 0
	}
	return scaled(ds.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable, n)
}

func maxSurge(ds *appsv1.DaemonSet, n int) int {
	if ds.Spec.UpdateStrategy.Type != appsv1.RollingUpdateDaemonSetStrategyType || ds.Spec.UpdateStrategy.RollingUpdate == nil {
		return 0
	}
	return scaled(ds.Spec.UpdateStrategy.RollingUpdate.MaxSurge, n)
}

func scaled(v *intstr.IntOrString, n int) int {
	out, err := intstr.GetScaledValueFromIntOrPercent(intstr.ValueOrDefault(v, intstr.FromInt32(0)), n, true)
	if err != nil {
		return 0 // validation lets no such value in
	}
	return out
}
