package kubelet

import (
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/client"
	"kubergarten/engine/cri"
	"kubergarten/engine/cri/fakecri"
)

func quantity(s string) resource.Quantity { return resource.MustParse(s) }

// recorded keeps the configuration with which containers are made.
type recorded struct{ c chan *v1.ContainerConfig }

func newRecorded() *recorded { return &recorded{make(chan *v1.ContainerConfig, 100)} }

func (r *recorded) script(c *v1.ContainerConfig) fakecri.Life {
	select {
	case r.c <- c:
	default:
	}
	return fakecri.Life{}
}

func (r *recorded) next(t *testing.T) *v1.ContainerConfig {
	t.Helper()
	select {
	case c := <-r.c:
		return c
	case <-time.After(patience):
		t.Fatal("no container was started")
	}
	return nil
}

func envOf(c *v1.ContainerConfig) map[string]string {
	m := map[string]string{}
	for _, e := range c.Envs {
		m[e.Key] = string(e.Value)
	}
	return m
}

func TestEnvironment(t *testing.T) {
	r := newRecorded()
	b := newBed(t, options{cri: fakecri.Config{Script: r.script}, objects: []client.Object{
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "cm"}, Data: map[string]string{"COLOR": "red"}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "s"}, Data: map[string][]byte{"password": []byte("secret")}},
		&corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kubernetes"}, Spec: corev1.ServiceSpec{ClusterIP: "10.96.0.1", Ports: []corev1.ServicePort{{Name: "https", Port: 443}}}},
	}})
	p := pod("web", "app")
	c := &p.Spec.Containers[0]
	c.Command, c.Args = []string{"echo", "$(GREETING)"}, []string{"$(NOBODY) $$(GREETING)"}
	c.EnvFrom = []corev1.EnvFromSource{{Prefix: "X_", ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "cm"}}}}
	c.Env = []corev1.EnvVar{
		{Name: "GREETING", Value: "hello $(X_COLOR)"},
		{Name: "PASSWORD", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "s"}, Key: "password"}}},
		{Name: "IP", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "status.podIP"}}},
		{Name: "NAME", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.name"}}},
		{Name: "CPUS", ValueFrom: &corev1.EnvVarSource{ResourceFieldRef: &corev1.ResourceFieldSelector{Resource: "limits.cpu"}}},
	}
	b.create(p)
	got := r.next(t)
	env := envOf(got)
	for name, want := range map[string]string{
		"GREETING": "hello red", "PASSWORD": "secret", "NAME": "web", "CPUS": "4",
		"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT_HTTPS": "443", "KUBERNETES_PORT": "tcp://10.96.0.1:443",
		"KUBERNETES_PORT_443_TCP_ADDR": "10.96.0.1",
	} {
		if env[name] != want {
			t.Errorf("%s is %q, want %q", name, env[name], want)
		}
	}
	if !strings.HasPrefix(env["IP"], "10.244.") {
		t.Errorf("IP is %q", env["IP"])
	}
	if got.Command[1] != "hello red" || got.Args[0] != "$(NOBODY) $(GREETING)" {
		t.Errorf("command %q, args %q", got.Command, got.Args)
	}
}

func TestMissingConfigMapIsWaitedFor(t *testing.T) {
	b := newBed(t, options{})
	p := pod("web", "app")
	p.Spec.Containers[0].EnvFrom = []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "cm"}}}}
	b.create(p)
	got := b.until("web", "waits for its config map", waitingFor("CreateContainerConfigError"))
	if m := got.Status.ContainerStatuses[0].State.Waiting.Message; m != `configmap "cm" not found` {
		t.Errorf("message %q", m)
	}
	b.event("Warning Failed web spec.containers{app}: Error: configmap \"cm\" not found")
	if _, err := client.For[*corev1.ConfigMap](b.api).Create(context.Background(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "cm"}}); err != nil {
		t.Fatal(err)
	}
	b.until("web", "runs at once", running)
}

func TestVolumes(t *testing.T) {
	r := newRecorded()
	b := newBed(t, options{cri: fakecri.Config{Script: r.script}, objects: []client.Object{
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "cm"}, Data: map[string]string{"color": "red"}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kube-root-ca.crt"}, Data: map[string]string{"ca.crt": "CA"}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "default"}},
	}})
	p := pod("web", "app")
	hour := int64(3607)
	p.Spec.Volumes = []corev1.Volume{
		{Name: "scratch", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
		{Name: "conf", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "cm"}}}},
		{Name: "token", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
			{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token", ExpirationSeconds: &hour}},
			{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}, Items: []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}}}},
			{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{{Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.namespace"}}}}},
		}}}},
	}
	p.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{
		{Name: "scratch", MountPath: "/scratch"},
		{Name: "conf", MountPath: "/conf"},
		{Name: "token", MountPath: "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly: true},
		{Name: "conf", MountPath: "/one", SubPath: "color"},
	}
	b.create(p)
	at := map[string]*v1.Mount{}
	for _, m := range r.next(t).Mounts {
		at[m.ContainerPath] = m
	}
	read := func(mount, file string) string {
		data, err := b.root.ReadFile(rel(at[mount].HostPath + file))
		if err != nil {
			return err.Error()
		}
		return string(data)
	}
	const sa = "/var/run/secrets/kubernetes.io/serviceaccount"
	if got := read("/conf", "/color"); got != "red" {
		t.Errorf("color is %q", got)
	}
	if got := read("/one", ""); got != "red" {
		t.Errorf("sub path is %q", got)
	}
	if got := read(sa, "/namespace") + read(sa, "/ca.crt"); got != "defaultCA" {
		t.Errorf("namespace and CA: %q", got)
	}
	token := read(sa, "/token")
	if !strings.HasPrefix(token, "token-of-default-default-") {
		t.Errorf("token is %q", token)
	}
	if !strings.HasPrefix(read("/etc/hosts", ""), "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n") {
		t.Errorf("hosts: %q", read("/etc/hosts", ""))
	}
	cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "cm"}, Data: map[string]string{"color": "blue"}}
	if _, err := client.For[*corev1.ConfigMap](b.api).Update(context.Background(), cm); err != nil {
		t.Fatal(err)
	}
	b.eventually("the file changes", func() bool { return read("/conf", "/color") == "blue" }, nil)
	if got := read("/one", ""); got != "red" {
		t.Errorf("sub path is %q after the update, want what it was", got)
	}
	b.until("web", "runs", running)
	b.eventually("the token is renewed", func() bool { b.clock.Step(5 * time.Minute); return read(sa, "/token") != token }, nil)
}

func TestMountProblems(t *testing.T) {
	b := newBed(t, options{})
	p := pod("web", "app")
	p.Spec.Volumes = []corev1.Volume{
		{Name: "conf", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "nope"}}},
		{Name: "disk", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "x"}}},
	}
	b.create(p)
	b.event("Warning FailedMount web : MountVolume.SetUp failed for volume \"conf\" : secret \"nope\" not found")
	b.event("Warning FailedMount web : MountVolume.SetUp failed for volume \"disk\" : no volume plugin matched")
	if got := b.until("web", "waits", waitingFor("ContainerCreating")); got.Status.Phase != corev1.PodPending {
		t.Errorf("phase %s", got.Status.Phase)
	}
}

func TestResources(t *testing.T) {
	r := newRecorded()
	b := newBed(t, options{cri: fakecri.Config{Script: r.script}})
	p := pod("web", "app")
	p.Spec.Containers[0].Resources = corev1.ResourceRequirements{
		Requests: corev1.ResourceList{"cpu": quantity("250m"), "memory": quantity("32Mi")},
		Limits:   corev1.ResourceList{"cpu": quantity("500m"), "memory": quantity("64Mi")},
	}
	b.create(p)
	got := r.next(t).GetLinux().GetResources()
	if got.CpuShares != 256 || got.CpuQuota != 50000 || got.CpuPeriod != 100000 || got.MemoryLimitInBytes != 64<<20 {
		t.Errorf("resources: %v", got)
	}
	st := b.until("web", "runs", running).Status
	if st.QOSClass != corev1.PodQOSBurstable || st.ContainerStatuses[0].Resources.Limits.Memory().String() != "64Mi" {
		t.Errorf("status: %v, %v", st.QOSClass, st.ContainerStatuses[0].Resources)
	}
}

func TestOOMKilled(t *testing.T) {
	b := newBed(t, options{})
	p := pod("web", "app")
	p.Spec.RestartPolicy = corev1.RestartPolicyNever
	b.create(p)
	b.until("web", "runs", running)
	b.cri.Exit(b.containers("web")[0].Id, cri.Exit{Code: 137, Reason: "OOMKilled"})
	got := b.until("web", "fails", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodFailed })
	if end := got.Status.ContainerStatuses[0].State.Terminated; end.Reason != "OOMKilled" || end.ExitCode != 137 {
		t.Errorf("ended: %+v", end)
	}
}

func TestActiveDeadline(t *testing.T) {
	b := newBed(t, options{})
	p := pod("web", "app")
	ten := int64(10)
	p.Spec.ActiveDeadlineSeconds = &ten
	b.create(p)
	b.until("web", "runs", running)
	b.eventually("it is past its deadline", func() bool {
		b.clock.Step(time.Second)
		return b.get("web").Status.Reason == "DeadlineExceeded"
	}, nil)
	if st := b.get("web").Status; st.Phase != corev1.PodFailed || st.Message != "Pod was active on the node longer than the specified deadline" {
		t.Errorf("status: %+v", st)
	}
}

func TestPreStopAndDeafContainer(t *testing.T) {
	hook := make(chan []string, 1)
	b := newBed(t, options{cri: fakecri.Config{
		Script: func(*v1.ContainerConfig) fakecri.Life { return fakecri.Life{Deaf: true} },
		Exec: func(_ *v1.ContainerConfig, cmd []string, _ cri.Streams) (int32, error) {
			hook <- cmd
			return 0, nil
		},
	}})
	p := pod("web", "app")
	p.Spec.Containers[0].Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: []string{"bye"}}}}
	b.create(p)
	b.until("web", "runs", running)
	if err := client.For[*corev1.Pod](b.api).Delete(context.Background(), "default", "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if cmd := <-hook; cmd[0] != "bye" {
		t.Errorf("hook %v", cmd)
	}
	b.eventually("it is killed after its grace period", func() bool { b.clock.Step(time.Second); return b.get("web") == nil }, nil)
}

func TestPostStartFails(t *testing.T) {
	b := newBed(t, options{cri: fakecri.Config{Exec: func(*v1.ContainerConfig, []string, cri.Streams) (int32, error) { return 1, nil }}})
	p := pod("web", "app")
	p.Spec.Containers[0].Lifecycle = &corev1.Lifecycle{PostStart: &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: []string{"hello"}}}}
	b.create(p)
	b.event("Warning FailedPostStartHook web spec.containers{app}: PostStartHook failed")
	b.event("Normal Killing web spec.containers{app}: FailedPostStartHook")
	b.until("web", "waits", func(p *corev1.Pod) bool {
		return waitingFor("PostStartHookError")(p) || waitingFor("CrashLoopBackOff")(p)
	})
}

func TestSidecarStartsFirstAndStopsLast(t *testing.T) {
	b := newBed(t, options{})
	p := pod("web", "app")
	always := corev1.ContainerRestartPolicyAlways
	p.Spec.InitContainers = []corev1.Container{{Name: "side", Image: "busybox:1.28", RestartPolicy: &always}}
	b.create(p)
	got := b.until("web", "ready", ready)
	if !got.Status.InitContainerStatuses[0].Ready {
		t.Errorf("sidecar: %+v", got.Status.InitContainerStatuses[0])
	}
	if err := client.For[*corev1.Pod](b.api).Delete(context.Background(), "default", "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	b.until("web", "gone", gone)
	calls := strings.Join(b.cri.Calls(), "; ")
	if strings.Index(calls, "StopContainer app") > strings.Index(calls, "StopContainer side") {
		t.Errorf("calls: %s", calls)
	}
}

func TestSandboxDies(t *testing.T) {
	b := newBed(t, options{})
	b.create(pod("web", "app"))
	b.until("web", "runs", running)
	all, _ := b.cri.ListPodSandbox(context.Background(), nil)
	if err := b.cri.StopPodSandbox(context.Background(), all[0].Id); err != nil {
		t.Fatal(err)
	}
	b.event("Normal SandboxChanged web : Pod sandbox changed, it will be killed and re-created.")
	b.eventually("it runs again", func() bool {
		b.clock.Step(time.Second)
		p := b.get("web")
		return running(p) && p.Status.ContainerStatuses[0].RestartCount == 1
	}, func() any { return b.get("web").Status })
}
