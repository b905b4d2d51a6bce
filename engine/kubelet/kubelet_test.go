package kubelet

import (
	"context"
	"io/fs"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/client"
	"kubergarten/engine/cri"
	"kubergarten/engine/cri/fakecri"
)

func TestPodRuns(t *testing.T) {
	b := newBed(t, options{})
	b.create(pod("web", "app"))
	p := b.until("web", "ready", ready)
	st := p.Status
	if st.PodIP == "" || st.HostIP != "172.18.0.3" || st.QOSClass != corev1.PodQOSBestEffort || st.ObservedGeneration != 1 {
		t.Errorf("status: %+v", st)
	}
	for _, c := range []corev1.PodConditionType{corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.ContainersReady, corev1.PodScheduled} {
		if conditionOf(p, c).Status != corev1.ConditionTrue {
			t.Errorf("condition %s is not true", c)
		}
	}
	c := st.ContainerStatuses[0]
	if !strings.HasPrefix(c.ContainerID, "fakecri://") || !c.Ready || c.Started == nil || !*c.Started || c.RestartCount != 0 {
		t.Errorf("container status: %+v", c)
	}
	b.event("Normal Pulling web spec.containers{app}", `Pulling image "busybox:1.28"`)
	b.event("Normal Pulled web", `Successfully pulled image "busybox:1.28" in 0s (0s including waiting). Image size: 1048576 bytes.`)
	b.event("Normal Created web spec.containers{app}: Container created")
	b.event("Normal Started web spec.containers{app}: Container started")
}

func TestPodIsDeletedGracefully(t *testing.T) {
	b := newBed(t, options{})
	b.create(pod("web", "app"))
	b.until("web", "running", running)
	if err := client.For[*corev1.Pod](b.api).Delete(context.Background(), "default", "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	b.until("web", "gone", gone)
	b.event("Normal Killing web spec.containers{app}: Stopping container app")
	b.eventually("nothing is left", func() bool { return len(b.containers("web")) == 0 }, nil)
	b.eventually("no directory is left", func() bool {
		f, err := b.root.Open("var/lib/kubelet/pods")
		if err != nil {
			return false
		}
		defer func() { _ = f.Close() }()
		names, _ := f.Readdirnames(-1)
		return len(names) == 0
	}, nil)
}

// ends scripts containers by name; others live for ever.
func ends(how map[string]fakecri.Life) func(*v1.ContainerConfig) fakecri.Life {
	return func(c *v1.ContainerConfig) fakecri.Life { return how[c.GetMetadata().GetName()] }
}

func TestInitContainersRunInOrder(t *testing.T) {
	b := newBed(t, options{cri: fakecri.Config{Script: ends(map[string]fakecri.Life{"one": {}, "two": {Ends: true, Exit: cri.Completed(0)}})}})
	p := pod("myapp", "app")
	p.Spec.InitContainers = []corev1.Container{{Name: "one", Image: "busybox:1.28"}, {Name: "two", Image: "busybox:1.28"}}
	b.create(p)
	got := b.until("myapp", "runs its first init container", func(p *corev1.Pod) bool {
		return len(p.Status.InitContainerStatuses) == 2 && p.Status.InitContainerStatuses[0].State.Running != nil
	})
	if w := got.Status.InitContainerStatuses[1].State.Waiting; w == nil || w.Reason != "PodInitializing" {
		t.Errorf("second init container: %+v", got.Status.InitContainerStatuses[1].State)
	}
	if c := conditionOf(got, corev1.PodInitialized); c.Reason != "ContainersNotInitialized" || c.Message != "containers with incomplete status: [one two]" {
		t.Errorf("Initialized: %+v", c)
	}
	if got.Status.Phase != corev1.PodPending {
		t.Errorf("phase %s, want Pending", got.Status.Phase)
	}
	b.cri.Exit(b.containers("myapp")[0].Id, cri.Completed(0))
	got = b.until("myapp", "ready", ready)
	if !got.Status.InitContainerStatuses[0].Ready || got.Status.InitContainerStatuses[1].State.Terminated.Reason != "Completed" {
		t.Errorf("init containers: %+v", got.Status.InitContainerStatuses)
	}
	var order []string
	for _, c := range b.cri.Calls() {
		if name, ok := strings.CutPrefix(c, "StartContainer myapp/"); ok {
			order = append(order, name)
		}
	}
	if strings.Join(order, " ") != "one two app" {
		t.Errorf("order: %v", order)
	}
}

func TestCrashLoopBackOff(t *testing.T) {
	b := newBed(t, options{cri: fakecri.Config{Script: ends(map[string]fakecri.Life{"app": {Ends: true, Exit: cri.Completed(1)}})}})
	b.create(pod("crash", "app"))
	p := b.until("crash", "backs off", waitingFor("CrashLoopBackOff"))
	c := p.Status.ContainerStatuses[0]
	if want := "back-off 10s restarting failed container=app pod=crash_default(" + string(p.UID) + ")"; c.State.Waiting.Message != want {
		t.Errorf("message %q, want %q", c.State.Waiting.Message, want)
	}
	if last := c.LastTerminationState.Terminated; last == nil || last.ExitCode != 1 || last.Reason != "Error" {
		t.Errorf("last state: %+v", c.LastTerminationState)
	}
	b.event("Warning BackOff crash spec.containers{app}: Back-off restarting failed container app in pod crash_default(")
	for i, d := range []string{"20s", "40s"} {
		b.clock.Step(300e9)
		p = b.until("crash", "backs off longer", func(p *corev1.Pod) bool {
			c := p.Status.ContainerStatuses[0]
			return c.RestartCount > int32(i+1) && c.State.Waiting != nil && strings.Contains(c.State.Waiting.Message, d)
		})
	}
	if p.Status.Phase != corev1.PodRunning {
		t.Errorf("phase %s, want Running", p.Status.Phase)
	}
	messages, err := fs.ReadDir(b.root.FS(), "var/lib/kubelet/pods/"+string(p.UID)+"/containers/app")
	if err != nil || len(messages) != 2 {
		t.Errorf("files of termination messages: %v, %v; want the last two attempts'", messages, err)
	}
}

func TestRestartPolicies(t *testing.T) {
	for name, tt := range map[string]struct {
		policy corev1.RestartPolicy
		code   int32
		phase  corev1.PodPhase
	}{
		"never, succeeds":      {corev1.RestartPolicyNever, 0, corev1.PodSucceeded},
		"never, fails":         {corev1.RestartPolicyNever, 3, corev1.PodFailed},
		"on failure, succeeds": {corev1.RestartPolicyOnFailure, 0, corev1.PodSucceeded},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, options{cri: fakecri.Config{Script: ends(map[string]fakecri.Life{"app": {Ends: true, Exit: cri.Completed(tt.code)}})}})
			p := pod("job", "app")
			p.Spec.RestartPolicy = tt.policy
			b.create(p)
			p = b.until("job", string(tt.phase), func(p *corev1.Pod) bool { return p.Status.Phase == tt.phase })
			if got := p.Status.ContainerStatuses[0].State.Terminated; got == nil || got.ExitCode != tt.code {
				t.Errorf("state: %+v", p.Status.ContainerStatuses[0].State)
			}
			if n := len(b.containers("job")); n != 1 {
				t.Errorf("%d containers, want 1", n)
			}
		})
	}
}

func TestImageProblems(t *testing.T) {
	b := newBed(t, options{cri: fakecri.Config{PullError: func(image string) error { return cri.ErrNotFound }}})
	b.create(pod("pull", "app"))
	b.until("pull", "waits for its image", func(p *corev1.Pod) bool { return waitingFor("ErrImagePull")(p) || waitingFor("ImagePullBackOff")(p) })
	b.event("Warning Failed pull spec.containers{app}", `Failed to pull image "busybox:1.28": not found`)
	b.event("Warning Failed pull spec.containers{app}: Error: ErrImagePull")
	bad := pod("bad", "app")
	bad.Spec.Containers[0].Image = "busybox:UPPER:case"
	b.create(bad)
	b.until("bad", "has an invalid image name", waitingFor("InvalidImageName"))
	never := pod("never", "app")
	never.Spec.Containers[0].ImagePullPolicy = corev1.PullNever
	b.create(never)
	b.until("never", "is not pulled", waitingFor("ErrImageNeverPull"))
	b.event("Warning ErrImageNeverPull never", `Container image "busybox:1.28" is not present with pull policy of Never`)
}
