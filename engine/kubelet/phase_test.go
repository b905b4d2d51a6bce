package kubelet

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// shorthand: r runs, w waits, 0 and 1 have ended with that code, W1 waits and
// ended with 1 before.
func stateOf(s string) (now, last corev1.ContainerState) {
	end := func(code int32) corev1.ContainerState {
		return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code}}
	}
	wait := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{}}
	switch s {
	case "r":
		return corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}, last
	case "0":
		return end(0), last
	case "1":
		return end(1), last
	case "W0":
		return wait, end(0)
	case "W1":
		return wait, end(1)
	}
	return wait, last
}

func TestPhase(t *testing.T) {
	const always, failure, never = corev1.RestartPolicyAlways, corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever
	for _, tt := range []struct {
		policy     corev1.RestartPolicy
		init, apps []string
		terminal   bool
		want       corev1.PodPhase
	}{
		{always, nil, []string{"w"}, false, corev1.PodPending},
		{always, nil, []string{"r"}, false, corev1.PodRunning},
		{always, nil, []string{"r", "w"}, false, corev1.PodPending},
		{always, nil, []string{"r", "W1"}, false, corev1.PodRunning},
		{always, nil, []string{"1"}, false, corev1.PodRunning},
		{always, nil, []string{"0"}, false, corev1.PodRunning},
		{always, nil, []string{"0"}, true, corev1.PodSucceeded},
		{always, nil, []string{"1"}, true, corev1.PodFailed},
		{failure, nil, []string{"0", "0"}, false, corev1.PodSucceeded},
		{failure, nil, []string{"0", "1"}, false, corev1.PodRunning},
		{never, nil, []string{"0", "1"}, false, corev1.PodFailed},
		{never, nil, []string{"0", "r"}, false, corev1.PodRunning},
		{never, nil, []string{"W1"}, false, corev1.PodFailed},
		{always, []string{"r"}, []string{"w"}, false, corev1.PodPending},
		{always, []string{"W1"}, []string{"w"}, false, corev1.PodPending},
		{always, []string{"0"}, []string{"r"}, false, corev1.PodRunning},
		{never, []string{"1"}, []string{"w"}, false, corev1.PodFailed},
		{never, []string{"0", "w"}, []string{"w"}, false, corev1.PodPending},
	} {
		p := &corev1.Pod{Spec: corev1.PodSpec{RestartPolicy: tt.policy}}
		var all []corev1.ContainerStatus
		add := func(to *[]corev1.Container, prefix string, states []string) {
			for i, s := range states {
				name := prefix + string(rune('a'+i))
				*to = append(*to, corev1.Container{Name: name})
				now, last := stateOf(s)
				all = append(all, corev1.ContainerStatus{Name: name, State: now, LastTerminationState: last})
			}
		}
		add(&p.Spec.InitContainers, "i", tt.init)
		add(&p.Spec.Containers, "c", tt.apps)
		if got := phaseOf(p, all, tt.terminal, false); got != tt.want {
			t.Errorf("%s init %v apps %v terminal %v: %s, want %s", tt.policy, tt.init, tt.apps, tt.terminal, got, tt.want)
		}
	}
}

func TestParseConfig(t *testing.T) {
	cfg, ignored, err := ParseConfig([]byte("apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: 7\ncgroupDriver: systemd\n"))
	if err != nil || cfg.MaxPods != 7 || len(ignored) != 1 || ignored[0] != "cgroupDriver" {
		t.Errorf("%v, %v, %v", cfg.MaxPods, ignored, err)
	}
	for _, bad := range []string{"apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nnope: 1\n", "kind: Pod\napiVersion: v1\n", "a: ["} {
		if _, _, err := ParseConfig([]byte(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte("apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nclusterDNS: [x]\n"))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _, _ = ParseConfig(data) })
}

func TestParseFlags(t *testing.T) {
	f, err := ParseFlags([]string{"--node-labels=a=b", "--register-with-taints=k=v:NoSchedule,x:NoExecute", "--node-ip=1.2.3.4"})
	if err != nil || f.NodeLabels["a"] != "b" || len(f.Taints) != 2 || f.Taints[1].Effect != corev1.TaintEffectNoExecute || f.NodeIP != "1.2.3.4" {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := ParseFlags([]string{"--nope"}); err == nil || err.Error() != "unknown flag: --nope" {
		t.Errorf("unknown flag: %v", err)
	}
	if _, err := ParseFlags([]string{"--register-with-taints=k=v:Never"}); err == nil {
		t.Error("a bad taint is accepted")
	}
}
