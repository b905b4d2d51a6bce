package status

// Upstream: pkg/kubelet/status/status_manager.go (syncPod), pkg/util/pod/pod.go

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"

	"kubergarten/engine/client"
	kubetypes "kubergarten/engine/kubelet/types"
	"kubergarten/engine/trace"
)

// farewell is how long the last statuses may take when the kubelet stops.
const farewell = 2 * time.Second

// send starts the sender of a pod unless it is at work. mu is held.
func (m *Manager) send(uid types.UID) {
	e := m.entries[uid]
	if e.sending || m.ctx == nil {
		return
	}
	e.sending = true
	ctx := m.ctx
	m.wg.Go(func() { m.sender(ctx, uid) })
}

// sender sends the pod's status until the server has the newest.
func (m *Manager) sender(ctx context.Context, uid types.UID) {
	for {
		m.mu.Lock()
		e, ok := m.entries[uid]
		if !ok || e.sent == e.version {
			if ok {
				e.sending = false
			}
			m.mu.Unlock()
			return
		}
		todo := *e
		m.mu.Unlock()
		if err := m.sync(ctx, uid, &todo); err != nil {
			m.Log.DebugContext(ctx, "Failed to update status for pod", "pod", kubetypes.Format(todo.pod), "err", err)
			if !m.wait(ctx) {
				return
			}
		}
	}
}

// wait waits for a better moment, and reports whether it came.
func (m *Manager) wait(ctx context.Context) bool {
	t := m.Clock.NewTimer(retry)
	defer t.Stop()
	var changed <-chan struct{}
	if m.Opened != nil {
		var open bool
		if open, changed = m.Opened(); !open {
			select { // no use to knock at a closed door
			case <-changed:
				return true
			case <-ctx.Done():
				return false
			}
		}
	}
	select {
	case <-t.C():
	case <-changed:
	case <-ctx.Done():
		return false
	}
	return true
}

// sync makes the server's status of the pod that of e.
func (m *Manager) sync(ctx context.Context, uid types.UID, e *entry) error {
	if ctx.Err() != nil { // the kubelet stops: still say how things stand
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
	}
	pod, ok := m.Pods.OnServer(uid)
	if !ok {
		m.done(uid, e, nil)
		return nil
	}
	pod = newer(pod, e.latest)
	merged := merge(pod, e.status, m.Pods.CouldHaveRunningContainers(uid))
	if !apiequality.Semantic.DeepEqual(pod.Status, merged) {
		got, err := m.patch(ctx, pod, merged)
		if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
			m.done(uid, e, nil) // it is gone, or another of its name has come
			return nil
		}
		if err != nil {
			return err
		}
		pod = got
		m.report(pod)
	}
	if m.deletable(pod, e) {
		if err := m.remove(ctx, pod); err != nil {
			return err
		}
	}
	m.done(uid, e, pod)
	return nil
}

// newer returns which of the two the server wrote later; both are of one pod.
func newer(cached, answer *corev1.Pod) *corev1.Pod {
	if answer == nil || answer.UID != cached.UID {
		return cached
	}
	a, _ := strconv.ParseUint(answer.ResourceVersion, 10, 64)
	c, _ := strconv.ParseUint(cached.ResourceVersion, 10, 64)
	if a > c {
		return answer
	}
	return cached
}

func (m *Manager) done(uid types.UID, sent *entry, pod *corev1.Pod) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.entries[uid]; ok {
		e.sent = sent.version
		if pod != nil {
			e.latest = pod
		}
	}
}

// patch sends what differs in the status; the UID in it keeps it from another
// pod of that name.
func (m *Manager) patch(ctx context.Context, pod *corev1.Pod, st corev1.PodStatus) (*corev1.Pod, error) {
	was, err := json.Marshal(corev1.Pod{Status: pod.Status})
	if err != nil {
		return nil, err
	}
	is, err := json.Marshal(corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: pod.UID}, Status: st})
	if err != nil {
		return nil, err
	}
	data, err := strategicpatch.CreateTwoWayMergePatch(was, is, corev1.Pod{})
	if err != nil {
		return nil, fmt.Errorf("make patch for pod %s/%s: %w", pod.Namespace, pod.Name, err)
	}
	return client.For[*corev1.Pod](m.API).Patch(ctx, pod.Namespace, pod.Name, types.StrategicMergePatchType, data, "status")
}

func (m *Manager) report(pod *corev1.Pod) {
	rev, _ := strconv.ParseInt(pod.ResourceVersion, 10, 64)
	m.Trace.Emit(trace.Record{
		Who: m.Who, Node: m.Node, Step: trace.Reported, Revision: rev,
		Object: trace.Ref{Resource: "pods", Namespace: pod.Namespace, Name: pod.Name},
		Words:  fmt.Sprintf("status of pod %s/%s written: %s", pod.Namespace, pod.Name, pod.Status.Phase),
	})
}

// deletable reports whether the object may go: it is to be deleted, the server
// knows its end, and nothing of it is left here.
func (m *Manager) deletable(pod *corev1.Pod, e *entry) bool {
	return pod.DeletionTimestamp != nil && !kubetypes.IsMirrorPod(pod) &&
		kubetypes.IsTerminal(pod.Status.Phase) && e.finished
}

func (m *Manager) remove(ctx context.Context, pod *corev1.Pod) error {
	zero := int64(0)
	err := client.For[*corev1.Pod](m.API).Delete(ctx, pod.Namespace, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &zero,
		Preconditions:      metav1.NewUIDPreconditions(string(pod.UID)),
	})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}

// merge makes of our status what the object's may become: conditions of others
// stay, and no final phase is told while something may still run.
func merge(pod *corev1.Pod, st corev1.PodStatus, running bool) corev1.PodStatus {
	old := &pod.Status
	st = *st.DeepCopy()
	var conditions []corev1.PodCondition
	for _, c := range old.Conditions {
		if !kubetypes.ConditionByKubelet(c.Type) {
			conditions = append(conditions, c)
		}
	}
	for _, c := range st.Conditions {
		if kubetypes.ConditionByKubelet(c.Type) {
			conditions = append(conditions, c)
		}
	}
	st.Conditions = conditions
	st.ResourceClaimStatuses = old.ResourceClaimStatuses
	st.ExtendedResourceClaimStatus = old.ExtendedResourceClaimStatus
	st.NominatedNodeName = old.NominatedNodeName
	if running && !kubetypes.IsTerminal(old.Phase) && kubetypes.IsTerminal(st.Phase) {
		st.Phase, st.Reason, st.Message = old.Phase, old.Reason, old.Message
	}
	if kubetypes.IsTerminal(st.Phase) {
		unready(&st, pod)
	}
	return st
}

// unready makes sure that a pod at its end is not told to be ready.
func unready(st *corev1.PodStatus, pod *corev1.Pod) {
	for i := range st.Conditions {
		c := &st.Conditions[i]
		if (c.Type == corev1.PodReady || c.Type == corev1.ContainersReady) && c.Status == corev1.ConditionTrue {
			reason := PodFailed
			if st.Phase == corev1.PodSucceeded {
				reason = PodCompleted
			}
			at := c.LastTransitionTime
			*c = condition(pod, c.Type, false, reason, "")
			c.LastTransitionTime = at
		}
	}
}
