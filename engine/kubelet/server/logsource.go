package server

// Upstream: pkg/kubelet/kubelet_pods.go (validateContainerLogStatus)

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/images"
	"kubergarten/engine/kubelet/status"
)

// logSource says which container's log is meant, or why there is none.
func logSource(pod string, st *corev1.PodStatus, name string, previous bool) (container.ID, error) {
	var c *corev1.ContainerStatus
	for _, list := range [][]corev1.ContainerStatus{st.ContainerStatuses, st.InitContainerStatuses, st.EphemeralContainerStatuses} {
		if c == nil {
			c = status.Find(list, name)
		}
	}
	if c == nil {
		return container.ID{}, fmt.Errorf("container %q in pod %q is not available", name, pod)
	}
	id, err := source(pod, c, previous)
	return container.ParseID(id), err
}

func source(pod string, c *corev1.ContainerStatus, previous bool) (string, error) {
	last, now := c.LastTerminationState.Terminated, c.State.Terminated
	lastID := ""
	if last != nil {
		lastID = last.ContainerID
	}
	switch {
	case previous && lastID == "":
		return "", fmt.Errorf("previous terminated container %q in pod %q not found", c.Name, pod)
	case previous:
		return lastID, nil
	case c.State.Running != nil:
		return c.ContainerID, nil
	case now != nil && now.ContainerID != "":
		return now.ContainerID, nil
	case lastID != "":
		return lastID, nil
	case now != nil, last != nil:
		return "", fmt.Errorf("container %q in pod %q is terminated", c.Name, pod)
	case c.State.Waiting != nil:
		return "", fmt.Errorf("container %q in pod %q is waiting to start: %v", c.Name, pod, waiting(c.State.Waiting.Reason))
	}
	return "", fmt.Errorf("container %q in pod %q is waiting to start - no logs yet", c.Name, pod)
}

func waiting(reason string) string {
	switch reason {
	case images.ErrImagePull.Error():
		return "image can't be pulled"
	case images.ErrImagePullBackOff.Error():
		return "trying and failing to pull image"
	}
	return reason
}
