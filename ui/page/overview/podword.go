package overview

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// podWord is the pod's state in the word of kubectl's STATUS column.
//
// Upstream: pkg/printers/internalversion/printers.go, printPod
func podWord(p *corev1.Pod) string {
	word := cmp.Or(p.Status.Reason, string(p.Status.Phase))
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Reason == corev1.PodReasonSchedulingGated {
			word = corev1.PodReasonSchedulingGated
		}
	}
	init := initWord(p)
	if init == "" || condition(p, corev1.PodInitialized) {
		word = containersWord(p, word)
	} else {
		word = init
	}
	switch {
	case p.DeletionTimestamp != nil && p.Status.Reason == "NodeLost":
		return "Unknown"
	case p.DeletionTimestamp != nil && p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed:
		return "Terminating"
	}
	return word
}

// initWord is the state of the first init container that is not done, or "".
func initWord(p *corev1.Pod) string {
	for i, c := range p.Status.InitContainerStatuses {
		switch t, w := c.State.Terminated, c.State.Waiting; {
		case t != nil && t.ExitCode == 0, always(p, c.Name) && c.Started != nil && *c.Started:
			continue
		case t != nil:
			return "Init:" + ended(t)
		case w != nil && w.Reason != "" && w.Reason != "PodInitializing":
			return "Init:" + w.Reason
		}
		return fmt.Sprintf("Init:%d/%d", i, len(p.Spec.InitContainers))
	}
	return ""
}

// always tells whether an init container is a sidecar, which goes on running.
func always(p *corev1.Pod, name string) bool {
	for _, c := range p.Spec.InitContainers {
		if c.Name == name {
			return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
		}
	}
	return false
}

// containersWord is the state of the containers, where the first that is not
// running has the word. "Completed" counts only when all have.
func containersWord(p *corev1.Pod, word string) string {
	running, failed := false, ""
	for i := len(p.Status.ContainerStatuses) - 1; i >= 0; i-- {
		switch c := p.Status.ContainerStatuses[i]; {
		case c.State.Waiting != nil && c.State.Waiting.Reason != "":
			word = c.State.Waiting.Reason
		case c.State.Terminated != nil:
			word = ended(c.State.Terminated)
			if c.State.Terminated.ExitCode != 0 {
				failed = word
			}
		case c.Ready && c.State.Running != nil:
			running = true
		}
	}
	switch {
	case word != "Completed":
		return word
	case running && condition(p, corev1.PodReady):
		return "Running"
	case failed != "":
		return failed
	case running:
		return "NotReady"
	}
	return word
}

func condition(p *corev1.Pod, t corev1.PodConditionType) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == t && c.Status == corev1.ConditionTrue
	})
}

func ended(t *corev1.ContainerStateTerminated) string {
	switch {
	case t.Reason != "":
		return t.Reason
	case t.Signal != 0:
		return fmt.Sprintf("Signal:%d", t.Signal)
	}
	return fmt.Sprintf("ExitCode:%d", t.ExitCode)
}
