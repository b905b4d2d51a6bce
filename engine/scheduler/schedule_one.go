package scheduler

// Upstream: pkg/scheduler/schedule_one.go

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/scheduler/framework"
	"kubergarten/engine/trace"
)

// scheduleOne finds a node for one pod, and starts to bind it.
func (s *Scheduler) scheduleOne(ctx context.Context, p *framework.QueuedPodInfo) {
	pod := p.Pod
	if pod.DeletionTimestamp != nil || s.cache.IsAssumed(pod) {
		s.queue.Done(pod.UID)
		return
	}
	profile := s.profiles[pod.Spec.SchedulerName]
	node, err := s.schedulePod(ctx, profile, pod)
	if err != nil {
		s.handleFailure(ctx, p, err)
		return
	}
	assumed := pod.DeepCopy()
	assumed.Spec.NodeName = node
	if err := s.cache.Assume(assumed); err != nil {
		s.handleFailure(ctx, p, err)
		return
	}
	s.binding.Go(func() { s.bind(ctx, profile, p, assumed) })
}

// schedulePod returns the name of the best node, or a FitError.
func (s *Scheduler) schedulePod(ctx context.Context, profile *framework.Profile, pod *corev1.Pod) (string, error) {
	nodes := s.cache.Snapshot()
	if len(nodes) == 0 {
		return "", errNoNodes
	}
	state := framework.NewCycleState()
	feasible, err := s.findNodesThatFit(ctx, profile, state, pod, nodes)
	if err != nil {
		return "", err
	}
	if len(feasible) == 1 {
		return feasible[0].Node.Name, nil
	}
	scores, status := profile.Score(ctx, state, pod, feasible)
	if !status.IsSuccess() {
		return "", status.AsError()
	}
	best := s.selectHost(scores)
	s.trace(pod, trace.Scored, fmt.Sprintf("%s is best with %d points, of %d nodes", best.Node, best.Total, len(scores)))
	return best.Node, nil
}

var errNoNodes = errors.New("no nodes available to schedule pods")

// findNodesThatFit filters nodes. Each refusal says why.
func (s *Scheduler) findNodesThatFit(ctx context.Context, profile *framework.Profile, state *framework.CycleState, pod *corev1.Pod, nodes []*framework.NodeInfo) ([]*framework.NodeInfo, error) {
	fit := &framework.FitError{Pod: pod, NumAllNodes: len(nodes), Refused: map[string]*framework.Status{}}
	only, skip, status := profile.PreFilter(ctx, state, pod, nodes)
	if status.IsRejected() {
		fit.PreFilterMsg = status.Message()
		for _, n := range nodes {
			fit.Refused[n.Node.Name] = status
		}
		fit.PostFilterMsg = profile.PostFilter(ctx, state, pod, fit.Refused, nodes)
		return nil, fit
	}
	if !status.IsSuccess() {
		return nil, status.AsError()
	}
	var feasible []*framework.NodeInfo
	for i := range nodes {
		n := nodes[(s.next+i)%len(nodes)]
		if only != nil && !only[n.Node.Name] {
			continue
		}
		switch refusal := profile.Filter(ctx, state, skip, pod, n); {
		case refusal.IsSuccess():
			feasible = append(feasible, n)
		case refusal.IsRejected():
			fit.Refused[n.Node.Name] = refusal
			s.trace(pod, trace.Filtered, fmt.Sprintf("%s refused by %s: %s", n.Node.Name, refusal.Plugin, refusal.Message()))
		default:
			return nil, refusal.AsError()
		}
	}
	s.next = (s.next + 1) % len(nodes)
	if len(feasible) > 0 {
		s.trace(pod, trace.Filtered, fmt.Sprintf("%d of %d nodes fit", len(feasible), len(nodes)))
		return feasible, nil
	}
	if only != nil {
		fit.NotAsked = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
	}
	fit.PostFilterMsg = profile.PostFilter(ctx, state, pod, fit.Refused, nodes)
	return nil, fit
}

// selectHost returns one of the best, by lot.
func (s *Scheduler) selectHost(scores []framework.NodeScore) framework.NodeScore {
	best, ties := scores[0], 1
	for _, n := range scores[1:] {
		switch {
		case n.Total > best.Total:
			best, ties = n, 1
		case n.Total == best.Total:
			if ties++; s.deps.Rand.IntN(ties) == 0 {
				best = n
			}
		}
	}
	return best
}

// bind writes the decision.
func (s *Scheduler) bind(ctx context.Context, profile *framework.Profile, p *framework.QueuedPodInfo, assumed *corev1.Pod) {
	defer func() {
		if r := recover(); r != nil {
			s.deps.Log.Error("binding panicked", "pod", assumed.Name, "panic", r)
			s.cache.Forget(assumed)
		}
	}()
	if status := profile.Bind(ctx, assumed, assumed.Spec.NodeName); !status.IsSuccess() {
		s.cache.Forget(assumed)
		s.queue.Happened(framework.AssignedPodDeleted)
		s.handleFailure(ctx, p, fmt.Errorf("binding rejected: %w", status.AsError()))
		return
	}
	s.queue.Done(assumed.UID)
	s.deps.Log.Info("Successfully bound pod to node", "pod", key(assumed), "node", assumed.Spec.NodeName)
	s.trace(assumed, trace.Bound, "to "+assumed.Spec.NodeName)
	s.recorder.Eventf(assumed, corev1.EventTypeNormal, "Scheduled", "Successfully assigned %v/%v to %v", assumed.Namespace, assumed.Name, assumed.Spec.NodeName)
}

// handleFailure puts the pod back, and tells why in an event and a condition.
func (s *Scheduler) handleFailure(ctx context.Context, p *framework.QueuedPodInfo, err error) {
	if ctx.Err() != nil {
		return
	}
	pod, ok := s.pods.Get(p.Pod.Namespace, p.Pod.Name)
	if !ok || pod.UID != p.Pod.UID || pod.Spec.NodeName != "" {
		s.queue.Done(p.Pod.UID)
		return // deleted, or bound after all
	}
	var fit *framework.FitError
	reason := "SchedulerError"
	var refusedBy []string
	switch {
	case errors.As(err, &fit):
		reason, refusedBy = corev1.PodReasonUnschedulable, fit.Plugins()
		s.deps.Log.Info("Unable to schedule pod; no fit; waiting", "pod", key(pod), "err", err)
	case errors.Is(err, errNoNodes):
		reason, refusedBy = corev1.PodReasonUnschedulable, []string{"NodeName"} // a new node may help
		s.deps.Log.Info("Unable to schedule pod; no nodes are registered to the cluster; waiting", "pod", key(pod))
	default:
		s.deps.Log.Error("Error scheduling pod; retrying", "pod", key(pod), "err", err)
	}
	s.queue.Fail(p, pod, refusedBy)
	s.recorder.Eventf(pod, corev1.EventTypeWarning, "FailedScheduling", "%s", truncate(err.Error()))
	s.reportUnscheduled(ctx, pod, reason, err.Error())
}

// truncate keeps an event's note within what the API takes.
func truncate(msg string) string {
	const most = 1024
	if len(msg) <= most {
		return msg
	}
	return msg[:most-4] + " ..."
}

// reportUnscheduled writes the condition PodScheduled.
func (s *Scheduler) reportUnscheduled(ctx context.Context, pod *corev1.Pod, reason, message string) {
	cond := corev1.PodCondition{
		Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: reason, Message: message,
		ObservedGeneration: pod.Generation, LastTransitionTime: metav1.NewTime(s.deps.Clock.Now()).Rfc3339Copy(),
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == cond.Type && c.Status == cond.Status {
			if c.Reason == reason && c.Message == message {
				return
			}
			cond.LastTransitionTime = c.LastTransitionTime
		}
	}
	data, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": pod.UID},
		"status":   map[string]any{"conditions": []corev1.PodCondition{cond}},
	})
	if err == nil {
		_, err = s.podAPI.Patch(ctx, pod.Namespace, pod.Name, types.StrategicMergePatchType, data, "status")
	}
	if err != nil && !apierrors.IsNotFound(err) && ctx.Err() == nil {
		s.deps.Log.Warn("Error updating pod status", "pod", key(pod), "err", err)
	}
}

func key(pod *corev1.Pod) string { return pod.Namespace + "/" + pod.Name }

func (s *Scheduler) trace(pod *corev1.Pod, step trace.Step, words string) {
	s.deps.Trace.Emit(trace.Record{
		Who: Name, Step: step, Words: words,
		Object: trace.Ref{Resource: "pods", Namespace: pod.Namespace, Name: pod.Name},
	})
}
