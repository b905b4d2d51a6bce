package resource

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"kubergarten/ui/component"
	"kubergarten/ui/kube"
)

// A containerView is a container with its state; in a template it has none.
type containerView struct {
	Name, Image string
	Role        string // "init", "sidecar", "ephemeral" or none
	Status      *corev1.ContainerStatus
}

// containers are those of the pod, or of the template that pods are made from.
func (v *seen) containers() []containerView { return containersOf(v.Target, v.Object) }

func containersOf(t kube.Target, u *unstructured.Unstructured) []containerView {
	var p corev1.Pod
	if isPod(t) {
		if runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &p) != nil {
			return nil
		}
		return podContainers(&p)
	}
	raw, found, _ := unstructured.NestedMap(u.Object, "spec", "template", "spec")
	if !found || runtime.DefaultUnstructuredConverter.FromUnstructured(raw, &p.Spec) != nil {
		return nil // no template, or one of another kind
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
