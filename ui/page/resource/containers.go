package resource

import (
	"encoding/json"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"kubergarten/ui/component"
)

// A containerView is a container with its state; in a template it has none.
type containerView struct {
	Name, Image string
	Role        string // "init", "sidecar", "ephemeral" or none
	Status      *corev1.ContainerStatus
}

// containers are those of the pod, or of the template that pods are made from.
func (v *seen) containers() []containerView {
	if v.Pod != nil {
		return podContainers(v.Pod)
	}
	raw, found, _ := unstructured.NestedMap(v.Object.Object, "spec", "template", "spec")
	if !found {
		return nil
	}
	var p corev1.Pod
	if runtime.DefaultUnstructuredConverter.FromUnstructured(raw, &p.Spec) != nil {
		return nil // a template of another kind, which is not a pod's
	}
	return podContainers(&p)
}

func podContainers(p *corev1.Pod) (all []containerView) {
	add := func(name, image, role string, in []corev1.ContainerStatus) {
		c := containerView{Name: name, Image: image, Role: role}
		for i := range in {
			if in[i].Name == name {
				c.Status = &in[i]
			}
		}
		all = append(all, c)
	}
	for _, c := range p.Spec.InitContainers {
		role := "init"
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			role = "sidecar"
		}
		add(c.Name, c.Image, role, p.Status.InitContainerStatuses)
	}
	for _, c := range p.Spec.Containers {
		add(c.Name, c.Image, "", p.Status.ContainerStatuses)
	}
	for _, c := range p.Spec.EphemeralContainers {
		add(c.Name, c.Image, "ephemeral", p.Status.EphemeralContainerStatuses)
	}
	return all
}

// state is how a container is, in the API's words: "Waiting", "Running" or
// "Terminated", the reason, the message.
func state(s *corev1.ContainerStatus) (status, word, reason, message string) {
	switch {
	case s == nil:
		return component.Off, "–", "", ""
	case s.State.Running != nil && s.Ready:
		return component.OK, "Running", "", ""
	case s.State.Running != nil:
		return component.Busy, "Running", "", ""
	case s.State.Terminated != nil:
		t := s.State.Terminated
		if t.ExitCode == 0 {
			return component.Off, "Terminated", t.Reason, t.Message
		}
		return component.Bad, "Terminated", t.Reason, t.Message
	case s.State.Waiting != nil:
		w := s.State.Waiting
		if wordStatus(w.Reason) == component.Bad {
			return component.Bad, "Waiting", w.Reason, w.Message
		}
		return component.Busy, "Waiting", w.Reason, w.Message
	}
	return component.Busy, "Waiting", "", ""
}

// A trouble is why something is not as it should be, in the API's words.
type trouble struct {
	branch
	Container, Reason, Message string
	ExitCode                   int32
}

// troubles are those of the pod, or of the pods that the object owns. Pods of
// one template mostly share one; it is told once, of the first.
func (v *seen) troubles() (all []trouble) {
	if v.Pod != nil {
		return podTroubles(branch{Target: v.Target, Kind: "Pod"}, v.Pod)
	}
	said := map[[2]string]bool{}
	v.Tree.walk(func(b *branch) {
		var p corev1.Pod
		if !isPod(b.Target) || json.Unmarshal(b.Row.Object, &p) != nil {
			return
		}
		for _, t := range podTroubles(*b, &p) {
			if key := [2]string{t.Container, t.Reason}; !said[key] {
				said[key] = true
				all = append(all, t)
			}
		}
	})
	return all
}

func podTroubles(b branch, p *corev1.Pod) (all []trouble) {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			all = append(all, trouble{branch: b, Reason: c.Reason, Message: c.Message})
		}
	}
	for _, c := range podContainers(p) {
		status, _, reason, message := state(c.Status)
		if status != component.Bad {
			continue
		}
		t := trouble{branch: b, Container: c.Name, Reason: reason, Message: message}
		if last := c.Status.State.Terminated; last != nil {
			t.ExitCode = last.ExitCode
		} else if last := c.Status.LastTerminationState.Terminated; last != nil {
			t.ExitCode = last.ExitCode
		}
		all = append(all, t)
	}
	return all
}
