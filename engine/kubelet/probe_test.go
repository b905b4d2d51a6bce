package kubelet

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
	"kubergarten/engine/cri/fakecri"
)

// verdict answers exec probes with an exit code that a test may change.
type verdict struct{ code atomic.Int32 }

func (v *verdict) exec(_ *v1.ContainerConfig, _ []string, s cri.Streams) (int32, error) {
	_, err := s.Stdout.Write([]byte("not well"))
	return v.code.Load(), err
}

func execProbe() *corev1.Probe {
	return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"check"}}}, PeriodSeconds: 1, FailureThreshold: 1}
}

// settle lets time go by until there is an event of that reason: a container is
// not probed in its first moment.
func (b *bed) settle(reason string) {
	b.t.Helper()
	b.eventually("event "+reason, func() bool {
		b.clock.Step(time.Second)
		return strings.Contains(strings.Join(b.events(), "; "), " "+reason+" ")
	}, nil)
}

func TestReadinessProbe(t *testing.T) {
	var v verdict
	v.code.Store(1)
	b := newBed(t, options{cri: fakecri.Config{Exec: v.exec}})
	p := pod("web", "app")
	p.Spec.Containers[0].ReadinessProbe = execProbe()
	b.create(p)
	got := b.until("web", "runs", running)
	if c := conditionOf(got, corev1.PodReady); c.Status != corev1.ConditionFalse || c.Reason != "ContainersNotReady" || c.Message != "containers with unready status: [app]" {
		t.Errorf("Ready: %+v", c)
	}
	b.settle("Unhealthy")
	b.event("Warning Unhealthy web spec.containers{app}: Readiness probe failed: not well")
	v.code.Store(0)
	b.eventually("it is ready", func() bool { b.clock.Step(time.Second); return ready(b.get("web")) }, nil)
	v.code.Store(1)
	b.eventually("it is not ready any more", func() bool { b.clock.Step(time.Second); return !ready(b.get("web")) }, nil)
}

func TestLivenessProbeRestarts(t *testing.T) {
	var v verdict
	b := newBed(t, options{cri: fakecri.Config{Exec: v.exec}})
	p := pod("web", "app")
	p.Spec.Containers[0].LivenessProbe = execProbe()
	b.create(p)
	b.until("web", "ready", ready)
	v.code.Store(1)
	b.eventually("it is restarted", func() bool {
		b.clock.Step(time.Second)
		return b.get("web").Status.ContainerStatuses[0].RestartCount > 0
	}, nil)
	b.event("Warning Unhealthy web", "Liveness probe failed: not well")
	b.event("Normal Killing web spec.containers{app}: Container app failed liveness probe, will be restarted")
}

func TestStartupProbeHoldsOthersBack(t *testing.T) {
	var v verdict
	v.code.Store(1)
	b := newBed(t, options{cri: fakecri.Config{Exec: v.exec}})
	p := pod("web", "app")
	p.Spec.Containers[0].StartupProbe = execProbe()
	p.Spec.Containers[0].StartupProbe.FailureThreshold = 100
	b.create(p)
	got := b.until("web", "runs", running)
	if c := got.Status.ContainerStatuses[0]; c.Ready || c.Started == nil || *c.Started {
		t.Errorf("status: %+v", c)
	}
	v.code.Store(0)
	b.eventually("it has started", func() bool { b.clock.Step(time.Second); return ready(b.get("web")) }, nil)
}

func TestHTTPProbeWithoutNetwork(t *testing.T) {
	b := newBed(t, options{})
	p := pod("web", "app")
	p.Spec.Containers[0].ReadinessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/healthz"}}}
	p.Spec.Containers[0].ReadinessProbe.HTTPGet.Port.IntVal = 8080
	b.create(p)
	b.settle("Unhealthy")
	b.event("Warning Unhealthy web", `Readiness probe failed: Get "http://10.244.`, `:8080/healthz": dial tcp 10.244.`, "network is unreachable")
}
