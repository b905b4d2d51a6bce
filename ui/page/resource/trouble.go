package resource

import (
	"encoding/json"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/ui/component"
)

// A trouble is why something is not as it should be: in the API's words, or in
// ours where the API says nothing.
type trouble struct {
	branch
	Container, Reason, Message string
	ExitCode                   int32
	// Key is the sentence of the catalogue with Args, instead of a Message.
	Key  string
	Args []any
}

// mostTroubles is how many are told.
const mostTroubles = 8

// troubles are those of the object and of its pods. Pods of one template mostly
// share one; it is told once, of the first.
func (v *seen) troubles() (all []trouble) {
	self := branch{Target: v.Target, Kind: v.Kind.Kind}
	all = v.failing(self)
	if v.Pod != nil {
		return append(all, v.podTroubles(self, v.Pod)...)
	}
	if isService(v.Target) {
		all = append(all, v.serviceTroubles(self)...)
	}
	said := map[[2]string]bool{}
	for b, p := range v.pods() {
		for _, t := range v.podTroubles(*b, p) {
			if key := [2]string{t.Container, t.Reason}; !said[key] {
				said[key] = true
				all = append(all, t)
			}
		}
	}
	return all[:min(len(all), mostTroubles)]
}

// pods are those that the object owns, or serves.
func (v *seen) pods() func(yield func(*branch, *corev1.Pod) bool) {
	var all []*branch
	all = append(all, v.Served...)
	v.Tree.walk(func(b *branch) { all = append(all, b) })
	return func(yield func(*branch, *corev1.Pod) bool) {
		for _, b := range all {
			var p corev1.Pod
			if isPod(b.Target) && json.Unmarshal(b.Row.Object, &p) == nil && !yield(b, &p) {
				return
			}
		}
	}
}

// failing are the conditions of a controller or a node that say why it cannot.
func (v *seen) failing(self branch) (all []trouble) {
	for _, c := range v.conditions() {
		bad := c.Type == "ReplicaFailure" && c.Status == "True" || c.Type == "Progressing" && c.Status == "False" ||
			v.Kind.Kind == "Node" && c.status() == component.Warn
		if bad {
			all = append(all, trouble{branch: self, Reason: c.Reason, Message: c.Message})
		}
	}
	return all
}

func (v *seen) podTroubles(b branch, p *corev1.Pod) (all []trouble) {
	if p.DeletionTimestamp != nil {
		return nil
	}
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			all = append(all, trouble{branch: b, Reason: c.Reason, Message: c.Message})
		}
	}
	if p.Status.Phase == corev1.PodFailed && p.Status.Reason != "" {
		all = append(all, trouble{branch: b, Reason: p.Status.Reason, Message: p.Status.Message})
	}
	for _, c := range podContainers(p) {
		status, _, reason, message := state(c.Status)
		switch {
		case status == component.Bad:
			t := trouble{branch: b, Container: c.Name, Reason: reason, Message: message}
			if last := c.Status.State.Terminated; last != nil {
				t.ExitCode = last.ExitCode
			} else if last := c.Status.LastTerminationState.Terminated; last != nil {
				t.ExitCode = last.ExitCode
			}
			all = append(all, t)
		case status == component.Busy && c.Status.State.Running != nil && c.Role == "":
			all = append(all, v.unhealthy(b, p, c.Name)...)
		}
	}
	return all
}

// unhealthy is what the kubelet last said of the probes of a container that runs
// and is not ready.
func (v *seen) unhealthy(b branch, p *corev1.Pod, container string) []trouble {
	i := slices.IndexFunc(v.Events, func(e corev1.Event) bool {
		return e.Reason == "Unhealthy" && e.InvolvedObject.UID == p.UID && strings.Contains(e.InvolvedObject.FieldPath, "{"+container+"}")
	})
	if i < 0 {
		return nil
	}
	return []trouble{{branch: b, Container: container, Reason: v.Events[i].Reason, Message: v.Events[i].Message}}
}

// ofImage tells whether the image is what fails.
func (t trouble) ofImage() bool { return strings.Contains(t.Reason, "Image") }

// ofRoom tells whether no node takes the pod.
func (t trouble) ofRoom() bool { return t.Reason == corev1.PodReasonUnschedulable }
