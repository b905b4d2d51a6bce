package kuberuntime

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/prober"
)

// podOf reads "init1 side+ | app1 app2": init containers, sidecars marked by +,
// then the app's.
func podOf(policy corev1.RestartPolicy, s string) *corev1.Pod {
	p := &corev1.Pod{Spec: corev1.PodSpec{RestartPolicy: policy}}
	always := corev1.ContainerRestartPolicyAlways
	init, apps, _ := strings.Cut(s, "|")
	for _, name := range strings.Fields(init) {
		c := corev1.Container{}
		if c.Name = strings.TrimSuffix(name, "+"); c.Name != name {
			c.RestartPolicy = &always
		}
		p.Spec.InitContainers = append(p.Spec.InitContainers, c)
	}
	for _, name := range strings.Fields(apps) {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: name})
	}
	return p
}

// statusOf reads "S1 i=0 a=r": the sandbox's state (S1 ready, S0 not), and
// containers: r runs, a number is an exit code.
func statusOf(p *corev1.Pod, s string) *container.PodStatus {
	st := &container.PodStatus{}
	for _, f := range strings.Fields(s) {
		if f == "S1" || f == "S0" {
			box := &v1.PodSandboxStatus{Id: "box", Metadata: &v1.PodSandboxMetadata{}, Network: &v1.PodSandboxNetworkStatus{Ip: "1.2.3.4"}}
			if f == "S0" {
				box.State = v1.PodSandboxState_SANDBOX_NOTREADY
			}
			st.Sandboxes = append(st.Sandboxes, box)
			continue
		}
		name, how, _ := strings.Cut(f, "=")
		c := &container.Status{Name: name, ID: container.ID{ID: name}, SandboxID: "box", State: container.Running, CreatedAt: time.Now()}
		if spec := container.Spec(p, name); spec != nil {
			c.Hash = container.Hash(spec)
		}
		if how != "r" {
			c.State = container.Exited
			_, _ = fmt.Sscan(how, &c.ExitCode)
		}
		st.Containers = append(st.Containers, c)
	}
	return st
}

func words(p *corev1.Pod, a Actions) string {
	var out []string
	if a.KillPod {
		out = append(out, "kill pod")
	}
	if a.CreateSandbox {
		out = append(out, fmt.Sprintf("sandbox %d", a.Attempt))
	}
	for _, k := range a.Kill {
		out = append(out, "kill "+k.Status.Name+" ("+k.Message+")")
	}
	for _, i := range a.StartInit {
		out = append(out, "init "+p.Spec.InitContainers[i].Name)
	}
	for _, i := range a.Start {
		out = append(out, "start "+p.Spec.Containers[i].Name)
	}
	return strings.Join(out, ", ")
}

func TestActions(t *testing.T) {
	const always, failure, never = corev1.RestartPolicyAlways, corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever
	for _, tt := range []struct {
		policy            corev1.RestartPolicy
		pod, status, want string
	}{
		{always, "| a b", "", "kill pod, sandbox 0, start a, start b"},
		{always, "i j | a", "", "kill pod, sandbox 0, init i"},
		{always, "i j | a", "S1", "init i"},
		{always, "i j | a", "S1 i=r", ""},
		{always, "i j | a", "S1 i=0", "init j"},
		{always, "i j | a", "S1 i=1", "init i"},
		{never, "i j | a", "S1 i=1", "kill pod"},
		{always, "i j | a", "S1 i=0 j=0", "start a"},
		{always, "i j | a", "S1 j=0", "start a"},
		{always, "i | a", "S1 i=0 a=r", ""},
		{always, "i | a", "S1 a=r", ""},
		{always, "i | a b", "S1 i=0 a=r b=1", "start b"},
		{never, "| a b", "S1 a=0 b=r", ""},
		{never, "| a", "S1 a=1", "kill pod"},
		{failure, "| a b", "S1 a=0 b=1", "start b"},
		{failure, "| a", "S1 a=0", "kill pod"},
		{always, "| a", "S0 a=r", "kill pod, sandbox 1, start a"},
		{always, "i | a", "S0 i=0 a=1", "kill pod, sandbox 1, init i"},
		{never, "| a", "S0 a=1", "kill pod"},
		{failure, "| a", "S0 a=0", "kill pod"},
		{always, "s+ | a", "", "kill pod, sandbox 0, init s"},
		{always, "s+ | a", "S1 s=r", "start a"},
		{always, "s+ i | a", "S1 s=r", "init i"},
		{always, "s+ i | a", "S1 s=1 i=r", "init s"},
		{always, "s+ | a", "S1 s=1 a=r", "init s"},
		{never, "s+ | a", "S1 s=r a=0", "kill pod"},
	} {
		p := podOf(tt.policy, tt.pod)
		none := func(container.ID) (prober.Result, bool) { return 0, false }
		v := &view{p, statusOf(p, tt.status), none, none}
		if got := words(p, v.compute()); got != tt.want {
			t.Errorf("%s %q with %q: %q, want %q", tt.policy, tt.pod, tt.status, got, tt.want)
		}
	}
}

func TestActionsByProbes(t *testing.T) {
	failed := func(container.ID) (prober.Result, bool) { return prober.Failure, true }
	none := func(container.ID) (prober.Result, bool) { return 0, false }
	for _, tt := range []struct {
		policy corev1.RestartPolicy
		v      view
		want   string
	}{
		{corev1.RestartPolicyAlways, view{liveness: failed, startup: none}, "kill a (Container a failed liveness probe, will be restarted), start a"},
		{corev1.RestartPolicyAlways, view{liveness: none, startup: failed}, "kill a (Container a failed startup probe, will be restarted), start a"},
		{corev1.RestartPolicyNever, view{liveness: failed, startup: none}, "kill pod, kill a (Container a failed liveness probe)"},
	} {
		p := podOf(tt.policy, "| a")
		tt.v.pod, tt.v.status = p, statusOf(p, "S1 a=r")
		if got := words(p, tt.v.compute()); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.policy, got, tt.want)
		}
	}
	p := podOf(corev1.RestartPolicyAlways, "| a")
	st := statusOf(p, "S1 a=r")
	p.Spec.Containers[0].Image = "new"
	v := &view{p, st, none, none}
	if got, want := words(p, v.compute()), "kill a (Container a definition changed, will be restarted), start a"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestShares(t *testing.T) {
	for milli, want := range map[int64]int64{0: 2, 1: 2, 250: 256, 1000: 1024, 1 << 40: 262144} {
		if got := shares(milli); got != want {
			t.Errorf("%dm: %d shares, want %d", milli, got, want)
		}
	}
	for milli, want := range map[int64]int64{0: 0, 1: 1000, 100: 10000, 2000: 200000} {
		if got := quota(milli, 100*time.Millisecond); got != want {
			t.Errorf("%dm: quota %d, want %d", milli, got, want)
		}
	}
}
