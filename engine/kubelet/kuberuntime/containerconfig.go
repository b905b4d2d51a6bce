package kuberuntime

// Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go (generateContainerConfig)

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/envvars"
	"kubergarten/engine/kubelet/types"
)

func (t *turn) containerConfig(ctx context.Context, c *corev1.Container, image, target string) (*v1.ContainerConfig, error) {
	m := t.m
	restarts, err := m.restartCount(t.pod, c, t.status)
	if err != nil {
		return nil, err
	}
	opts, err := m.Helper.RunOptions(ctx, t.pod, c, t.ips)
	if err != nil {
		return nil, err
	}
	if err := t.verifyNonRoot(ctx, c); err != nil {
		return nil, err
	}
	logDir := path.Join(m.PodLogs(t.pod), c.Name)
	if err := m.Root.MkdirAll(rel(logDir), 0o755); err != nil {
		return nil, fmt.Errorf("create container log directory for container %s failed: %w", c.Name, err)
	}
	m.removeOldLogs(logDir, restarts)
	cfg := &v1.ContainerConfig{
		Metadata:    &v1.ContainerMetadata{Name: c.Name, Attempt: uint32(restarts)},
		Image:       &v1.ImageSpec{Image: image, UserSpecifiedImage: c.Image, RuntimeHandler: t.handler},
		WorkingDir:  c.WorkingDir,
		Labels:      containerLabels(t.pod, c),
		Annotations: annotations(t.pod, c, restarts),
		Mounts:      opts.Mounts,
		Envs:        opts.Envs,
		LogPath:     path.Join(c.Name, strconv.Itoa(restarts)+".log"),
		Stdin:       c.Stdin,
		StdinOnce:   c.StdinOnce,
		Tty:         c.TTY,
		Linux:       m.containerLinux(t.pod, c, target, t.status),
		StopSignal:  stopSignal(c),
	}
	cfg.Command, cfg.Args = expand(c, opts.Envs)
	if mount := m.terminationMount(t.pod, c, restarts); mount != nil {
		cfg.Mounts = append(cfg.Mounts, mount)
	}
	return cfg, nil
}

func expand(c *corev1.Container, envs []*v1.KeyValue) (command, args []string) {
	values := map[string]string{}
	for _, e := range envs {
		values[e.Key] = string(e.Value)
	}
	mapping := envvars.Mapping(values)
	for _, w := range c.Command {
		command = append(command, envvars.Expand(w, mapping))
	}
	for _, w := range c.Args {
		args = append(args, envvars.Expand(w, mapping))
	}
	return command, args
}

func containerLabels(pod *corev1.Pod, c *corev1.Container) map[string]string {
	l := podLabels(pod)
	l[types.KubernetesContainerNameLabel] = c.Name
	return l
}

func annotations(pod *corev1.Pod, c *corev1.Container, restarts int) map[string]string {
	a := map[string]string{
		container.HashAnnotation:                     container.Hash(c),
		container.RestartCountAnnotation:             strconv.Itoa(restarts),
		container.TerminationMessagePathAnnotation:   c.TerminationMessagePath,
		container.TerminationMessagePolicyAnnotation: string(c.TerminationMessagePolicy),
	}
	if s := pod.DeletionGracePeriodSeconds; s != nil {
		a[container.PodDeletionGracePeriodAnnotation] = strconv.FormatInt(*s, 10)
	}
	if s := pod.Spec.TerminationGracePeriodSeconds; s != nil {
		a[container.PodTerminationGraceAnnotation] = strconv.FormatInt(*s, 10)
	}
	return a
}

// restartCount is one more than the last container's; if the runtime has
// forgotten it, as after a restart of the server, one more than its log's.
func (m *Manager) restartCount(pod *corev1.Pod, c *corev1.Container, p *container.PodStatus) (int, error) {
	if st := p.Find(c.Name); st != nil {
		return int(st.RestartCount) + 1, nil
	}
	entries, err := fs.ReadDir(m.Root.FS(), rel(path.Join(m.PodLogs(pod), c.Name)))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	count := 0
	for _, e := range entries {
		if n, ok := attemptOf(e.Name()); ok {
			count = max(count, n+1)
		}
	}
	return count, nil
}

// terminationMount is the file in which the container says why it ends. That of
// the attempt before stays, for the status of its container; older ones go.
func (m *Manager) terminationMount(pod *corev1.Pod, c *corev1.Container, attempt int) *v1.Mount {
	if c.TerminationMessagePath == "" {
		return nil
	}
	dir := path.Join("/var/lib/kubelet/pods", string(pod.UID), "containers", c.Name)
	file := path.Join(dir, fmt.Sprintf("%08x", attempt))
	_ = m.Root.Remove(rel(path.Join(dir, fmt.Sprintf("%08x", attempt-2)))) // there is none at first
	if err := m.Root.MkdirAll(rel(dir), 0o750); err != nil {
		m.Log.Error("Error on creating dir", "path", dir, "err", err)
		return nil
	}
	if err := m.Root.WriteFile(rel(file), nil, 0o666); err != nil {
		m.Log.Error("error on creating termination-log file", "path", file, "err", err)
		return nil
	}
	return &v1.Mount{HostPath: file, ContainerPath: path.Join("/", c.TerminationMessagePath)}
}

func stopSignal(c *corev1.Container) v1.Signal {
	if c.Lifecycle == nil || c.Lifecycle.StopSignal == nil {
		return v1.Signal_RUNTIME_DEFAULT
	}
	return v1.Signal(v1.Signal_value[string(*c.Lifecycle.StopSignal)])
}

// verifyNonRoot refuses a container that must not be root and would be.
func (t *turn) verifyNonRoot(ctx context.Context, c *corev1.Container) error {
	nonRoot, user := effectiveUser(t.pod, c)
	if nonRoot == nil || !*nonRoot {
		return nil
	}
	about := fmt.Sprintf("(pod: %q, container: %s)", types.Format(t.pod), c.Name)
	if user != nil {
		if *user == 0 {
			return errors.New("container's runAsUser breaks non-root policy " + about)
		}
		return nil
	}
	image, err := t.engine.images.ImageStatus(ctx, &v1.ImageSpec{Image: c.Image})
	if err != nil || image == nil {
		return err
	}
	switch {
	case image.Uid != nil && image.Uid.Value == 0, image.Uid == nil && image.Username == "":
		return errors.New("container has runAsNonRoot and image will run as root " + about)
	case image.Uid == nil:
		return fmt.Errorf("container has runAsNonRoot and image has non-numeric user (%s), cannot verify user is non-root %s", image.Username, about)
	}
	return nil
}

func effectiveUser(pod *corev1.Pod, c *corev1.Container) (nonRoot *bool, user *int64) {
	if p := pod.Spec.SecurityContext; p != nil {
		nonRoot, user = p.RunAsNonRoot, p.RunAsUser
	}
	if s := c.SecurityContext; s != nil {
		if s.RunAsNonRoot != nil {
			nonRoot = s.RunAsNonRoot
		}
		if s.RunAsUser != nil {
			user = s.RunAsUser
		}
	}
	return nonRoot, user
}
