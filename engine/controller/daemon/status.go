package daemon

// Upstream: pkg/controller/daemon/daemon_controller.go (updateDaemonSetStatus)

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/controller"
)

// report writes the status, if it changed. seen says that this generation was
// acted upon.
func (c *Controller) report(ctx context.Context, ds *appsv1.DaemonSet, hash string, seen bool) error {
	byNode, err := c.byNode(ctx, ds)
	if err != nil {
		return err
	}
	s := c.count(ds, byNode, hash)
	if seen {
		s.ObservedGeneration = ds.Generation
	}
	if ds.Spec.MinReadySeconds > 0 && s.NumberReady != s.NumberAvailable {
		c.EnqueueAfter(controller.Key(ds), time.Duration(ds.Spec.MinReadySeconds)*time.Second)
	}
	if statusKey(s) == statusKey(ds.Status) {
		return nil
	}
	return controller.WriteStatus(ctx, ds, c.api.Get, func(ds *appsv1.DaemonSet) error {
		fresh := ds.DeepCopy()
		s.CollisionCount = ds.Status.CollisionCount
		fresh.Status = s
		_, err := c.api.UpdateStatus(ctx, fresh)
		return err
	})
}

func statusKey(s appsv1.DaemonSetStatus) [8]int64 {
	return [8]int64{
		s.ObservedGeneration, int64(s.CurrentNumberScheduled), int64(s.NumberMisscheduled), int64(s.DesiredNumberScheduled),
		int64(s.NumberReady), int64(s.UpdatedNumberScheduled), int64(s.NumberAvailable), int64(s.NumberUnavailable),
	}
}

// count is the status of ds, but for the generation it keeps.
func (c *Controller) count(ds *appsv1.DaemonSet, byNode map[string][]*corev1.Pod, hash string) appsv1.DaemonSetStatus {
	s := appsv1.DaemonSetStatus{
		ObservedGeneration: ds.Status.ObservedGeneration, CollisionCount: ds.Status.CollisionCount, Conditions: ds.Status.Conditions,
	}
	for _, node := range c.nodes.List("", nil) {
		start, _ := fits(ds, node)
		pods := byNode[node.Name]
		switch {
		case start:
			s.DesiredNumberScheduled++
			if len(pods) > 0 {
				c.countPod(&s, ds, pods, hash)
			}
		case len(pods) > 0:
			s.NumberMisscheduled++
		}
	}
	s.NumberUnavailable = s.DesiredNumberScheduled - s.NumberAvailable
	return s
}

func (c *Controller) countPod(s *appsv1.DaemonSetStatus, ds *appsv1.DaemonSet, pods []*corev1.Pod, hash string) {
	sortByAge(pods)
	s.CurrentNumberScheduled++
	if controller.IsReady(pods[0]) {
		s.NumberReady++
	}
	if c.available(ds, pods[0]) {
		s.NumberAvailable++
	}
	if isUpdated(ds, pods[0], hash) {
		s.UpdatedNumberScheduled++
	}
}
