package kuberuntime

// Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go (getTerminationMessage)

import (
	"path"

	corev1 "k8s.io/api/core/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/logs"
)

const (
	maxTerminationMessage = 4096
	maxFromLogLines       = 80
	maxFromLogBytes       = 2048
)

// terminationMessage adds what the container wrote about its end, or, if that
// is asked for and it failed, the end of its log.
func (m *Manager) terminationMessage(c *container.Status, st *v1.ContainerStatus) {
	if c.State != container.Exited {
		return
	}
	file := st.Annotations[container.TerminationMessagePathAnnotation]
	fallback := st.Annotations[container.TerminationMessagePolicyAnnotation] == string(corev1.TerminationMessageFallbackToLogsOnError) && c.ExitCode != 0
	text := m.readMessage(st, file)
	if text == "" && fallback {
		text = logs.Tail(m.Root, rel(c.LogPath), maxFromLogLines, maxFromLogBytes)
	}
	if text == "" {
		return
	}
	if c.Message != "" {
		c.Message += ": "
	}
	c.Message += text
}

func (m *Manager) readMessage(st *v1.ContainerStatus, file string) string {
	for _, mount := range st.Mounts {
		if file == "" || mount.ContainerPath != path.Join("/", file) {
			continue
		}
		data, err := m.Root.ReadFile(rel(mount.HostPath))
		if err != nil {
			return "Error on reading termination log " + mount.HostPath + ": " + err.Error()
		}
		return string(data[max(0, len(data)-maxTerminationMessage):])
	}
	return ""
}
