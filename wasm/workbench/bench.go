package workbench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/network"
	"kubergarten/wasm/host"
)

const (
	// benchImage is what a shell's container is made from.
	benchImage = "docker.io/library/busybox:latest"
	// label names the learner whose container it is.
	label = "kubergarten.dev/workbench"
	// idlePath is the first process of the container: it is there as long as
	// the container is.
	idlePath = "/usr/local/sbin/workbench"
	// retry is how often is tried whether the node has a network.
	retry = 100 * time.Millisecond
)

// A bench is a learner's container.
type bench struct {
	w       *Workbench
	name    string
	dir     string   // the learner's files, in the workbench's root
	home    *os.Root // the same
	kubectl atomic.Pointer[Kubectl]

	turn chan struct{} // who holds it makes the container
	id   string        // of the container, when it was last made
}

// idle is the container's first process.
func idle(ctx context.Context, _ host.Command) int {
	<-ctx.Done()
	return 0
}

// benchOf finds the bench that a container is for.
func (w *Workbench) benchOf(c *v1.ContainerConfig) (*bench, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b, ok := w.benches[c.GetLabels()[label]]
	return b, ok
}

// container returns the learner's container, which runs; it makes it if there
// is none, or if it has ended: the limit of memory ends a container.
func (b *bench) container(ctx context.Context) (string, error) {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if s, err := b.w.runtime.ContainerStatus(ctx, b.id); err == nil && s.State == v1.ContainerState_CONTAINER_RUNNING {
		return b.id, nil
	}
	pod, err := b.sandbox(ctx)
	if err != nil {
		return "", err
	}
	b.id, err = b.start(ctx, pod)
	return b.id, err
}

// sandbox makes the container's sandbox, in place of one that there was. It
// waits until the node has a network for pods.
func (b *bench) sandbox(ctx context.Context) (string, error) {
	old, err := b.w.runtime.ListPodSandbox(ctx, &v1.PodSandboxFilter{LabelSelector: map[string]string{label: b.name}})
	if err != nil {
		return "", err
	}
	for _, s := range old {
		if err := b.w.runtime.RemovePodSandbox(ctx, s.Id); err != nil {
			return "", err
		}
	}
	for {
		pod, err := b.w.runtime.RunPodSandbox(ctx, b.sandboxConfig(), "")
		if !errors.Is(err, network.ErrNotReady) {
			return pod, err
		}
		t := b.w.cfg.Clock.NewTimer(retry)
		select {
		case <-t.C():
		case <-ctx.Done():
			t.Stop()
			return "", fmt.Errorf("wait for the network of the workbench: %w", ctx.Err())
		}
	}
}

func (b *bench) sandboxConfig() *v1.PodSandboxConfig {
	return &v1.PodSandboxConfig{
		Metadata: &v1.PodSandboxMetadata{Name: Name + "-" + b.name, Uid: b.name},
		Hostname: Name,
		Labels:   map[string]string{label: b.name},
		DnsConfig: &v1.DNSConfig{
			Servers: []string{dnsServer}, Searches: searchDomains(), Options: []string{"ndots:5"},
		},
	}
}

// start makes and starts the container in its sandbox.
func (b *bench) start(ctx context.Context, pod string) (string, error) {
	r := b.w.runtime
	if _, err := r.PullImage(ctx, &v1.ImageSpec{Image: benchImage}, nil, nil); err != nil {
		return "", err
	}
	id, err := r.CreateContainer(ctx, pod, b.containerConfig(), nil)
	if err != nil {
		return "", err
	}
	return id, r.StartContainer(ctx, id)
}

func (b *bench) containerConfig() *v1.ContainerConfig {
	return &v1.ContainerConfig{
		Metadata: &v1.ContainerMetadata{Name: Name},
		Image:    &v1.ImageSpec{Image: benchImage},
		Command:  []string{idlePath}, WorkingDir: homeDir,
		Labels: map[string]string{label: b.name},
		Envs: []*v1.KeyValue{
			{Key: "HOME", Value: []byte(homeDir)},
			{Key: "USER", Value: []byte("root")},
			{Key: "TERM", Value: []byte("xterm-256color")},
			{Key: "LANG", Value: []byte("C.UTF-8")},
		},
		Mounts: []*v1.Mount{{ContainerPath: homeDir, HostPath: "/" + b.dir}},
		Tty:    true, // so that TERM is ours in the shells too
		Linux: &v1.LinuxContainerConfig{
			Resources: &v1.LinuxContainerResources{CpuPeriod: 100_000, CpuQuota: 100_000, MemoryLimitInBytes: b.w.cfg.Memory},
			SecurityContext: &v1.LinuxContainerSecurityContext{
				NamespaceOptions: &v1.NamespaceOption{Pid: v1.NamespaceMode_CONTAINER},
			},
		},
	}
}
