package runtime

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
	"kubergarten/wasm/host/vfs"
)

func TestContainerLives(t *testing.T) {
	l := newLab(t)
	events := make(chan v1.ContainerEventType, 10_000)
	ctx, cancel := context.WithCancel(t.Context())
	followed := make(chan error)
	go func() {
		followed <- l.GetContainerEvents(ctx, func(e *v1.ContainerEventResponse) { events <- e.ContainerEventType })
	}()
	for len(events) == 0 { // until it is followed
		must(t, l.RemovePodSandbox(ctx, l.pod()))
	}
	pod := l.pod()
	st, err := l.PodSandboxStatus(ctx, pod)
	must(t, err)
	if st.State != v1.PodSandboxState_SANDBOX_READY || st.GetNetwork().GetIp() == "" {
		t.Errorf("sandbox is %v with address %q", st.State, st.GetNetwork().GetIp())
	}
	id := l.create(pod, "echo hello  world")
	if got := l.status(id).State; got != v1.ContainerState_CONTAINER_CREATED {
		t.Errorf("state %v before the start", got)
	}
	must(t, l.StartContainer(ctx, id))
	if err := l.StartContainer(ctx, id); err == nil {
		t.Error("started twice")
	}
	got := l.end(id)
	if got.State != v1.ContainerState_CONTAINER_EXITED || got.ExitCode != 0 || got.Reason != "Completed" || got.StartedAt == 0 || got.FinishedAt < got.StartedAt {
		t.Errorf("ended as %v", got)
	}
	if !strings.HasPrefix(got.ImageRef, "catalog.kubergarten/busybox@sha256:") {
		t.Errorf("image is %q", got.ImageRef)
	}
	if logs := l.logs(id); logs != "stdout F hello world\n" {
		t.Errorf("log is %q", logs)
	}
	must(t, l.RemoveContainer(ctx, id))
	if _, err := l.ContainerStatus(ctx, id); !errors.Is(err, cri.ErrNotFound) {
		t.Errorf("status after the removal: %v", err)
	}
	must(t, l.RemoveContainer(ctx, id)) // gone is gone
	must(t, l.StopPodSandbox(ctx, pod))
	must(t, l.RemovePodSandbox(ctx, pod))
	if _, err := os.Stat(filepath.Join(l.dir, sandboxDir, pod)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its files are still there: %v", err)
	}
	cancel()
	must(t, <-followed)
	close(events)
	seen := map[v1.ContainerEventType]bool{}
	for e := range events {
		seen[e] = true
	}
	if len(seen) != 4 {
		t.Errorf("events %v", seen)
	}
}

func TestExits(t *testing.T) {
	l := newLab(t)
	pod := l.pod()
	tests := []struct {
		words, reason, logs string
		code                int32
	}{
		{"exit 0", "Completed", "", 0},
		{"exit 3", "Error", "", 3},
		{"warn trouble", "Completed", "stderr F trouble\n", 0},
		{"run part no end , exit 1", "Error", "stdout P no end\n", 1},
		{"cat /nosuch", "Error", "stderr F open /nosuch: No such file or directory\n", 1},
	}
	for _, tc := range tests {
		t.Run(tc.words, func(t *testing.T) {
			id := l.start(pod, tc.words)
			got := l.end(id)
			if got.ExitCode != tc.code || got.Reason != tc.reason {
				t.Errorf("ended with %d, %s; want %d, %s", got.ExitCode, got.Reason, tc.code, tc.reason)
			}
			if logs := l.logs(id); logs != tc.logs {
				t.Errorf("log is %q, want %q", logs, tc.logs)
			}
		})
	}
}

func TestStartErrors(t *testing.T) {
	l := newLab(t)
	pod := l.pod()
	const prefix = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
	tests := map[string]struct {
		change func(*v1.ContainerConfig)
		want   string
	}{
		"not in PATH":    {func(c *v1.ContainerConfig) { c.Command = []string{"nosuch"} }, `error during container init: exec: "nosuch": executable file not found in $PATH`},
		"no such file":   {func(c *v1.ContainerConfig) { c.Command = []string{"/bin/nosuch"} }, `error during container init: exec: "/bin/nosuch": stat /bin/nosuch: no such file or directory`},
		"not executable": {func(c *v1.ContainerConfig) { c.Command = []string{"/etc/passwd"} }, `error during container init: exec: "/etc/passwd": permission denied`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			id := l.create(pod, "exit 0", tc.change)
			err := l.StartContainer(t.Context(), id)
			if err == nil || err.Error() != prefix+tc.want {
				t.Fatalf("got %v, want %s", err, tc.want)
			}
			got := l.status(id)
			if got.ExitCode != 128 || got.Reason != "StartError" || got.Message != err.Error() {
				t.Errorf("ended with %d, %s, %q", got.ExitCode, got.Reason, got.Message)
			}
		})
	}
}

func TestCreateErrors(t *testing.T) {
	l := newLab(t)
	pod := l.pod()
	tests := map[string]struct {
		cfg  *v1.ContainerConfig
		want string
	}{
		"image is not there": {&v1.ContainerConfig{Image: &v1.ImageSpec{Image: "nginx"}}, `failed to resolve image "nginx": not found`},
		"no such user": {&v1.ContainerConfig{
			Image: &v1.ImageSpec{Image: "busybox"},
			Linux: &v1.LinuxContainerConfig{SecurityContext: &v1.LinuxContainerSecurityContext{RunAsUsername: "joe"}},
		}, "unable to find user joe: no matching entries in passwd file"},
		"image volume": {&v1.ContainerConfig{
			Image:  &v1.ImageSpec{Image: "busybox"},
			Mounts: []*v1.Mount{{ContainerPath: "/i", Image: &v1.ImageSpec{Image: "busybox"}}},
		}, "image volumes are not supported by this runtime"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := l.CreateContainer(t.Context(), pod, tc.cfg, nil)
			if err == nil || !strings.HasSuffix(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	if _, err := l.CreateContainer(t.Context(), "nosuch", &v1.ContainerConfig{}, nil); !errors.Is(err, cri.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestWhatAContainerFinds(t *testing.T) {
	l := newLab(t)
	pod := l.pod()
	id := l.start(pod, "sleep 1h", func(c *v1.ContainerConfig) {
		c.WorkingDir = "/work/here"
		c.Envs = []*v1.KeyValue{{Key: "A", Value: []byte("b")}, {Key: "HOME", Value: []byte("/nowhere")}}
	})
	tests := []struct{ words, want string }{
		{"env", "A=b\nHOME=/nowhere\nHOSTNAME=pod-1\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"},
		{"pwd", "/work/here\n"},
		{"cat /etc/resolv.conf", "search default.svc.cluster.local svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n"},
		{"cat /etc/hostname", "pod-1\n"},
		{"write /tmp/x y", ""},
		{"cat /tmp/x", "y"},
	}
	for _, tc := range tests {
		got, code := l.exec(id, strings.Fields(tc.words)...)
		if tc.words == "env" {
			got = sorted(got)
		}
		if got != tc.want || code != 0 {
			t.Errorf("%s: %d, %q; want %q", tc.words, code, got, tc.want)
		}
	}
}

func sorted(s string) string {
	lines := strings.SplitAfter(s, "\n")
	var kept []string
	for _, want := range []string{"A=", "HOME=", "HOSTNAME=", "PATH="} {
		for _, l := range lines {
			if strings.HasPrefix(l, want) {
				kept = append(kept, l)
			}
		}
	}
	return strings.Join(kept, "")
}

func TestMounts(t *testing.T) {
	l := newLab(t)
	pod := l.pod()
	const volume = "/var/lib/kubelet/pods/uid/volumes/kubernetes.io~empty-dir/v"
	mount := func(at string, ro bool) func(*v1.ContainerConfig) {
		return func(c *v1.ContainerConfig) {
			c.Mounts = []*v1.Mount{{ContainerPath: at, HostPath: volume, Readonly: ro}, {ContainerPath: "/etc/hosts", HostPath: "/pod-hosts"}}
		}
	}
	must(t, os.WriteFile(filepath.Join(l.dir, "pod-hosts"), []byte("10.244.1.2 pod-1\n"), 0o644))
	a := l.start(pod, "sleep 1h", mount("/cache", false))
	b := l.start(pod, "sleep 1h", mount("/deep/down", true))
	if out, code := l.exec(a, "write", "/cache/f", "shared"); code != 0 {
		t.Fatal(out)
	}
	if out, _ := l.exec(b, "cat", "/deep/down/f"); out != "shared" {
		t.Errorf("the other container reads %q", out)
	}
	if out, code := l.exec(b, "write", "/deep/down/f", "x"); code == 0 || !strings.Contains(out, "Read-only file system") {
		t.Errorf("wrote to a read-only mount: %q", out)
	}
	if out, _ := l.exec(b, "cat", "/etc/hosts"); out != "10.244.1.2 pod-1\n" {
		t.Errorf("hosts: %q", out)
	}
	if got, err := os.ReadFile(filepath.Join(l.dir, volume, "f")); string(got) != "shared" {
		t.Errorf("on the node: %q, %v", got, err)
	}
}

func TestRootFileSystem(t *testing.T) {
	l := newLab(t, func(c *Config) { c.Quota = vfs.Quota{Bytes: 3 << 20, Inodes: 50} })
	pod := l.pod()
	full := l.start(pod, "fill /tmp/f")
	if got := l.end(full); got.ExitCode != 1 || l.logs(full) != "stderr F write /tmp/f: No space left on device\n" {
		t.Errorf("%d, %q", got.ExitCode, l.logs(full))
	}
	const volume = "/var/lib/kubelet/pods/uid/volumes/kubernetes.io~empty-dir/v"
	fullVolume := l.start(pod, "fill /v/f", func(c *v1.ContainerConfig) { c.Mounts = []*v1.Mount{{ContainerPath: "/v", HostPath: volume}} })
	if got := l.end(fullVolume); got.ExitCode != 1 || l.logs(fullVolume) != "stderr F write /v/f: No space left on device\n" {
		t.Errorf("%d, %q", got.ExitCode, l.logs(fullVolume))
	}
	stats, err := l.ContainerStats(t.Context(), full)
	must(t, err)
	if used := stats.GetWritableLayer().GetUsedBytes().GetValue(); used < 2<<20 || used > 3<<20 {
		t.Errorf("%d bytes used", used)
	}
	readOnly := l.start(pod, "write /tmp/f x", func(c *v1.ContainerConfig) {
		c.Linux.SecurityContext = &v1.LinuxContainerSecurityContext{ReadonlyRootfs: true}
	})
	if got := l.end(readOnly); got.ExitCode != 1 || !strings.Contains(l.logs(readOnly), "Read-only file system") {
		t.Errorf("%d, %q", got.ExitCode, l.logs(readOnly))
	}
	user := l.start(pod, "write /etc/f x", func(c *v1.ContainerConfig) {
		c.Linux.SecurityContext = &v1.LinuxContainerSecurityContext{RunAsUser: &v1.Int64Value{Value: 1000}}
	})
	if got := l.end(user); got.ExitCode != 1 || !strings.Contains(l.logs(user), "Permission denied") {
		t.Errorf("%d, %q", got.ExitCode, l.logs(user))
	}
}

func TestPIDNamespaces(t *testing.T) {
	l := newLab(t)
	pod := l.pod()
	pid := func(o *v1.NamespaceOption) (string, int) {
		id := l.start(pod, "sleep 1h", func(c *v1.ContainerConfig) { c.Linux.SecurityContext.NamespaceOptions = o })
		c, _ := l.container(id)
		return id, c.process.PID()
	}
	own, n := pid(&v1.NamespaceOption{Pid: v1.NamespaceMode_CONTAINER})
	if n != 1 {
		t.Errorf("PID %d in a namespace of its own", n)
	}
	if _, n := pid(&v1.NamespaceOption{Pid: v1.NamespaceMode_TARGET, TargetId: own}); n != 2 {
		t.Errorf("PID %d in the namespace of another container", n)
	}
	shared, n := pid(&v1.NamespaceOption{Pid: v1.NamespaceMode_POD})
	if n != 2 {
		t.Errorf("PID %d in the pod's namespace, where the infra container is 1", n)
	}
	must(t, l.StopContainer(t.Context(), shared, 0)) // and nothing else
	st, err := l.PodSandboxStatus(t.Context(), pod)
	must(t, err)
	if st.State != v1.PodSandboxState_SANDBOX_READY {
		t.Errorf("sandbox is %v", st.State)
	}
}

func TestHostNetwork(t *testing.T) {
	l := newLab(t)
	pod := l.pod(func(c *v1.PodSandboxConfig) {
		c.Linux = &v1.LinuxPodSandboxConfig{SecurityContext: &v1.LinuxSandboxSecurityContext{
			NamespaceOptions: &v1.NamespaceOption{Network: v1.NamespaceMode_NODE},
		}}
	})
	st, err := l.PodSandboxStatus(t.Context(), pod)
	must(t, err)
	if ip := st.GetNetwork().GetIp(); ip != "" {
		t.Errorf("address %s", ip)
	}
	id := l.start(pod, "cat /etc/hostname")
	if l.end(id); l.logs(id) != "stdout F node-1\n" {
		t.Errorf("host name %q", l.logs(id))
	}
}

func TestStatus(t *testing.T) {
	l := newLab(t)
	st, err := l.Status(t.Context())
	must(t, err)
	for _, c := range st.GetStatus().GetConditions() {
		if !c.Status {
			t.Errorf("%s is false: %s", c.Type, c.Message)
		}
	}
	v, err := l.Version(t.Context())
	if err != nil || v.RuntimeName != "wazero" || v.RuntimeApiVersion != "v1" {
		t.Errorf("%v, %v", v, err)
	}
	if err := l.UpdateRuntimeConfig(t.Context(), &v1.RuntimeConfig{NetworkConfig: &v1.NetworkConfig{PodCidr: "nonsense"}}); err == nil {
		t.Error("a nonsense CIDR was taken")
	}
	pod := l.pod()
	id := l.start(pod, "sleep 1h", func(c *v1.ContainerConfig) {
		c.StopSignal = v1.Signal_SIGUSR1
		c.Linux.SecurityContext.RunAsUser = &v1.Int64Value{Value: 1000}
		c.Labels = map[string]string{"io.kubernetes.container.name": "c"}
	})
	if got := l.status(id); got.StopSignal != v1.Signal_SIGUSR1 || got.GetUser().GetLinux().GetUid() != 1000 {
		t.Errorf("stop signal %v, user %v", got.StopSignal, got.User)
	}
	all, err := l.ListContainerStats(t.Context(), &v1.ContainerStatsFilter{PodSandboxId: pod})
	must(t, err)
	if len(all) != 1 || all[0].GetAttributes().GetLabels()["io.kubernetes.container.name"] != "c" || all[0].GetMemory().GetWorkingSetBytes().GetValue() < 1<<20 {
		t.Errorf("stats %v", all)
	}
	must(t, l.ReopenContainerLog(t.Context(), id))
}

func TestSandboxErrors(t *testing.T) {
	l := newLab(t)
	_, err := l.RunPodSandbox(t.Context(), &v1.PodSandboxConfig{}, "runc")
	if err == nil || err.Error() != `failed to get sandbox runtime: no runtime for "runc" is configured` {
		t.Errorf("got %v", err)
	}
	if err := l.PortForward(t.Context(), "nosuch", 80, nil); !errors.Is(err, cri.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := l.ContainerStats(t.Context(), "nosuch"); !errors.Is(err, cri.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestStopPodSandbox(t *testing.T) {
	l := newLab(t)
	pod := l.pod()
	a, b := l.start(pod, "sleep 1h"), l.start(pod, "spin")
	created := l.create(pod, "sleep 1h")
	must(t, l.StopPodSandbox(t.Context(), pod))
	for _, id := range []string{a, b} {
		if got := l.end(id); got.ExitCode != 137 || got.Reason != "Error" {
			t.Errorf("ended with %d, %s", got.ExitCode, got.Reason)
		}
	}
	st, err := l.PodSandboxStatus(t.Context(), pod)
	must(t, err)
	if st.State != v1.PodSandboxState_SANDBOX_NOTREADY {
		t.Errorf("sandbox is %v", st.State)
	}
	if err := l.StartContainer(t.Context(), created); err == nil {
		t.Error("a container of a stopped sandbox has started")
	}
	must(t, l.StopPodSandbox(t.Context(), pod))
	must(t, l.StopPodSandbox(t.Context(), "nosuch"))
}

func TestImages(t *testing.T) {
	l := newLab(t)
	ctx := t.Context()
	for _, name := range []string{"nginx:1.27", "nginx:1.26", "docker.io/library/busybox:latest"} {
		_, err := l.PullImage(ctx, &v1.ImageSpec{Image: name}, nil, nil)
		must(t, err)
	}
	all, err := l.ListImages(ctx, nil)
	must(t, err)
	var tags []string
	for _, i := range all {
		tags = append(tags, strings.Join(i.RepoTags, ","))
	}
	if diff := cmp.Diff([]string{"docker.io/library/busybox:latest", "docker.io/library/nginx:1.26", "docker.io/library/nginx:1.27"}, tags); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"busybox", all[0].Id, all[0].RepoDigests[0]} {
		if i, err := l.ImageStatus(ctx, &v1.ImageSpec{Image: name}); err != nil || i.GetId() != all[0].Id {
			t.Errorf("status of %s: %v, %v", name, i, err)
		}
	}
	if i, err := l.ImageStatus(ctx, &v1.ImageSpec{Image: "nginx:1.25"}); i != nil || err != nil {
		t.Errorf("not pulled, but %v, %v", i, err)
	}
	_, err = l.PullImage(ctx, &v1.ImageSpec{Image: "nosuch"}, nil, nil)
	const want = `rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nosuch:latest": failed to resolve reference "docker.io/library/nosuch:latest": docker.io/library/nosuch:latest: not found (the offline catalog has no such image)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	must(t, l.RemoveImage(ctx, &v1.ImageSpec{Image: "nginx:1.27"}))
	if i, _ := l.ImageStatus(ctx, &v1.ImageSpec{Image: "nginx:1.27"}); i != nil {
		t.Error("still there")
	}
	info, err := l.ImageFsInfo(ctx)
	must(t, err)
	if info.ImageFilesystems[0].GetUsedBytes().GetValue() == 0 {
		t.Error("images take no room")
	}
}
