package container

// Upstream: pkg/kubelet/container/helpers.go, ref.go

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

// IsSidecar reports whether an init container runs beside the app containers.
func IsSidecar(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// Hash is the container's identity: when it changes, the container is made anew.
func Hash(c *corev1.Container) string {
	h := fnv.New32a()
	data, _ := json.Marshal(map[string]string{"name": c.Name, "image": c.Image}) // as upstream's pickFieldsToHash
	_, _ = h.Write(data)
	return strconv.FormatUint(uint64(h.Sum32()), 16)
}

// ShouldRestart reports whether the container should be started (again).
func ShouldRestart(c *corev1.Container, pod *corev1.Pod, p *PodStatus) bool {
	if pod.DeletionTimestamp != nil {
		return false
	}
	st := p.Find(c.Name)
	if st == nil {
		return true
	}
	switch st.State {
	case Running:
		return false
	case Exited:
		return RestartsAfter(c, pod, st.ExitCode)
	}
	return true
}

// RestartsAfter reports whether the container is restarted after it ended with
// that code: its own rules first, then its own policy, then the pod's.
func RestartsAfter(c *corev1.Container, pod *corev1.Pod, code int32) bool {
	if c.RestartPolicy != nil {
		for _, rule := range c.RestartPolicyRules {
			if ruleMatches(rule, code) {
				return rule.Action == corev1.ContainerRestartRuleActionRestart
			}
		}
		switch *c.RestartPolicy {
		case corev1.ContainerRestartPolicyAlways:
			return true
		case corev1.ContainerRestartPolicyOnFailure:
			return code != 0
		case corev1.ContainerRestartPolicyNever:
			return false
		}
	}
	switch pod.Spec.RestartPolicy {
	case corev1.RestartPolicyNever:
		return false
	case corev1.RestartPolicyOnFailure:
		return code != 0
	}
	return true
}

func ruleMatches(rule corev1.ContainerRestartRule, code int32) bool {
	if rule.ExitCodes == nil {
		return false
	}
	in := slices.Contains(rule.ExitCodes.Values, code)
	if rule.ExitCodes.Operator == corev1.ContainerRestartRuleOnExitCodesOpNotIn {
		return !in
	}
	return in
}

// RestartOnFailure reports whether a container that fails is restarted.
func RestartOnFailure(pod *corev1.Pod) bool {
	return pod.Spec.RestartPolicy != corev1.RestartPolicyNever
}

// Each calls visit for the pod's containers: init, app, ephemeral.
func Each(pod *corev1.Pod, visit func(c *corev1.Container, kind string)) {
	for i := range pod.Spec.InitContainers {
		visit(&pod.Spec.InitContainers[i], "initContainers")
	}
	for i := range pod.Spec.Containers {
		visit(&pod.Spec.Containers[i], "containers")
	}
	for i := range pod.Spec.EphemeralContainers {
		visit((*corev1.Container)(&pod.Spec.EphemeralContainers[i].EphemeralContainerCommon), "ephemeralContainers")
	}
}

// Spec returns the container of that name, or nil.
func Spec(pod *corev1.Pod, name string) (spec *corev1.Container) {
	Each(pod, func(c *corev1.Container, _ string) {
		if c.Name == name {
			spec = c
		}
	})
	return spec
}

// Ref is what an event about the container is about: the pod, and the path of
// the container in it.
func Ref(pod *corev1.Pod, name string) *corev1.ObjectReference {
	ref := PodRef(pod)
	Each(pod, func(c *corev1.Container, kind string) {
		if c.Name == name {
			ref.FieldPath = fmt.Sprintf("spec.%s{%s}", kind, name)
		}
	})
	return ref
}

// PodRef is what an event about the pod is about.
func PodRef(pod *corev1.Pod) *corev1.ObjectReference {
	return &corev1.ObjectReference{
		Kind: "Pod", APIVersion: "v1", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID,
		ResourceVersion: pod.ResourceVersion,
	}
}

// AnyRegularCreated reports whether an app container was ever created, so that
// all init containers have done their work.
func AnyRegularCreated(pod *corev1.Pod, p *PodStatus) bool {
	return slices.ContainsFunc(pod.Spec.Containers, func(c corev1.Container) bool { return p.Find(c.Name) != nil })
}

// AnyRegularActive reports whether an app container was created in the pod's
// present sandbox.
func AnyRegularActive(pod *corev1.Pod, p *PodStatus) bool {
	return slices.ContainsFunc(pod.Spec.Containers, func(c corev1.Container) bool {
		st := p.Find(c.Name)
		return st != nil && len(p.Sandboxes) > 0 && st.SandboxID == p.Sandboxes[0].Id
	})
}
