package kubelet

// Upstream: pkg/kubelet/kubelet.go

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/tools/record"

	"kubergarten/engine/client"
	"kubergarten/engine/component"
	"kubergarten/engine/cri"
	"kubergarten/engine/kubelet/config"
	"kubergarten/engine/kubelet/dns"
	"kubergarten/engine/kubelet/fswatch"
	"kubergarten/engine/kubelet/images"
	"kubergarten/engine/kubelet/kuberuntime"
	"kubergarten/engine/kubelet/lifecycle"
	"kubergarten/engine/kubelet/objects"
	"kubergarten/engine/kubelet/pleg"
	"kubergarten/engine/kubelet/prober"
	"kubergarten/engine/kubelet/server"
	"kubergarten/engine/kubelet/status"
	"kubergarten/engine/kubelet/volume"
)

// Kubelet is the agent of one node.
type Kubelet struct {
	cfg  Config
	deps Deps

	patient   client.Interface // waits at a closed door
	informers *client.Informers
	services  client.Informer[*corev1.Service]
	nodes     client.Informer[*corev1.Node]
	classes   client.Informer[*nodev1.RuntimeClass]
	events    *client.Events
	recorder  record.EventRecorder

	pods    *podManager
	workers *podWorkers
	runtime *kuberuntime.Manager
	images  *images.Manager
	probes  *prober.Manager
	status  *status.Manager
	objects *objects.Manager
	volumes *volume.Manager
	dns     *dns.Configurer
	file    *config.File
	srv     *server.Server

	reasons *reasonCache
	mounted *mounts

	admission sync.Mutex                 // one pod at a time
	network   atomic.Pointer[conditions] // of the runtimes, as last seen
	self      nodeState
	fromAPI   atomic.Bool // the API server's pods are known
	fromSince time.Time   // since when; read it once fromAPI says so
}

var _ component.Component = (*Kubelet)(nil)

// New returns a kubelet that does nothing until it is run.
func New(cfg Config, deps Deps) (*Kubelet, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	if err := deps.complete(); err != nil {
		return nil, err
	}
	if deps.Files == nil {
		deps.Files = fswatch.New()
	}
	k := &Kubelet{cfg: cfg, deps: deps, pods: newPodManager(), reasons: newReasonCache(), mounted: newMounts()}
	k.self.known, k.self.kick = make(chan struct{}), make(chan struct{}, 1)
	k.newClients()
	k.workers = newPodWorkers(k, deps.Clock, deps.Log, cfg.Kubelet.SyncFrequency.Duration)
	k.newStatus()
	k.newVolumes()
	k.newRuntime()
	k.newSources()
	return k, nil
}

func (k *Kubelet) newClients() {
	k.patient = client.Waiting(k.deps.API, k.deps.Door)
	k.informers = client.NewInformers(k.patient)
	k.services = client.InformerFor[*corev1.Service](k.informers, metav1.ListOptions{})
	k.classes = client.InformerFor[*nodev1.RuntimeClass](k.informers, metav1.ListOptions{})
	k.nodes = client.InformerFor[*corev1.Node](k.informers, metav1.ListOptions{
		FieldSelector: fields.OneTermEqualSelector("metadata.name", k.cfg.NodeName).String(),
	})
	k.events = client.NewEvents(k.patient, Name, k.cfg.NodeName)
	k.recorder = k.events
}

func (k *Kubelet) newStatus() {
	k.status = status.New(status.Config{
		API: k.deps.API, Clock: k.deps.Clock, Log: k.deps.Log, Trace: k.deps.Trace,
		Who: Name, Node: k.cfg.NodeName, Opened: k.opened(),
		Pods: struct {
			*podManager
			*podWorkers
		}{k.pods, k.workers},
	})
}

// opened tells whether the API server is there; nil if it always is.
func (k *Kubelet) opened() func() (bool, <-chan struct{}) {
	if k.deps.Door == nil {
		return nil
	}
	return func() (bool, <-chan struct{}) {
		_, open, changed := k.deps.Door.Look()
		return open, changed
	}
}

func (k *Kubelet) newVolumes() {
	k.objects = objects.New(k.patient, k.deps.Clock, k.objectChanged)
	k.volumes = volume.New(volume.Config{
		Root: k.cfg.Root, PodsDir: "/var/lib/kubelet/pods", Objects: k.objects, Clock: k.deps.Clock,
		Token: k.requestToken,
		Field: func(pod *corev1.Pod, sel *corev1.ObjectFieldSelector) (string, error) { return k.field(pod, sel, nil) },
		Resource: func(pod *corev1.Pod, sel *corev1.ResourceFieldSelector) (string, error) {
			return k.resource(pod, nil, sel)
		},
	})
}

func (k *Kubelet) requestToken(ctx context.Context, ns, account string, req *authenticationv1.TokenRequest) (*authenticationv1.TokenRequest, error) {
	at := client.Target{GroupVersionResource: client.ResourceOf[*corev1.ServiceAccount](), Namespace: ns, Name: account, Subresource: "token"}
	obj, err := k.deps.API.Create(ctx, at, req, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	got, ok := obj.(*authenticationv1.TokenRequest)
	if !ok {
		return nil, fmt.Errorf("expected a TokenRequest, the API server sent %T", obj)
	}
	return got, nil
}

func (k *Kubelet) newRuntime() {
	cfg, clk := &k.cfg, k.deps.Clock
	k.images = images.New(k.recorder, clk)
	k.dns = &dns.Configurer{ClusterDNS: cfg.Kubelet.ClusterDNS, ClusterDomain: cfg.Kubelet.ClusterDomain, Host: k.resolvConf, Recorder: k.recorder}
	readiness, startup, liveness := prober.NewResults(k.readinessChanged), prober.NewResults(k.startupChanged), prober.NewResults(k.livenessChanged)
	hooks := &lifecycle.Handlers{Clock: clk, Network: k.deps.Network}
	k.runtime = kuberuntime.New(kuberuntime.Config{
		Node: cfg.NodeName, Who: Name, Root: cfg.Root, PodLogsDir: cfg.Kubelet.PodLogsDir, Handlers: handlers(cfg.Runtimes),
		Images: k.images, Hooks: hooks, Liveness: liveness, Startup: startup, Helper: k,
		Recorder: k.recorder, Clock: clk, Trace: k.deps.Trace, Log: k.deps.Log,
		MaxBackOff: cfg.Kubelet.CrashLoopBackOff.MaxContainerRestartPeriod.Duration,
		CFSQuota:   *cfg.Kubelet.CPUCFSQuota, CFSPeriod: cfg.Kubelet.CPUCFSQuotaPeriod.Duration,
		MemoryCapacity: cfg.Capacity.Memory().Value(),
	})
	hooks.Runner = k.runtime
	k.probes = prober.New(prober.Config{
		Clock: clk, Network: k.deps.Network, Runner: k.runtime, Recorder: k.recorder, Status: k.status.Get,
		Readiness: readiness, Startup: startup, Liveness: liveness,
	})
	k.srv = server.New(server.Config{
		Root: cfg.Root, RootDir: cfg.RootDir, Files: k.deps.Files, Clock: clk,
		Pod: k.podForServer, Runtime: k.runtime,
		NodeName: cfg.NodeName, Started: clk.Now(), Runtimes: k.runtimes(),
	})
}

func handlers(in map[string]Handler) map[string]kuberuntime.Handler {
	out := map[string]kuberuntime.Handler{}
	for name, h := range in {
		out[name] = kuberuntime.Handler(h)
	}
	return out
}

func (k *Kubelet) newSources() {
	k.file = &config.File{
		Root: k.cfg.Root, RootDir: k.cfg.RootDir, Path: k.cfg.Kubelet.StaticPodPath, NodeName: k.cfg.NodeName,
		Every: k.cfg.Kubelet.FileCheckFrequency.Duration, Files: k.deps.Files, Clock: k.deps.Clock, Log: k.deps.Log,
		Default: k.deps.Default, Validate: k.deps.Validate,
	}
}

// Name implements component.Component.
func (k *Kubelet) Name() string { return Name }

// Server answers the API server: logs, exec, attach, port-forward.
func (k *Kubelet) Server() *server.Server { return k.srv }

// Run is the node's life until ctx is done. The containers that then run are
// left to their runtime.
func (k *Kubelet) Run(ctx context.Context) error {
	if err := k.makeDirectories(); err != nil {
		return err
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	stopping, stop := context.WithCancel(ctx)
	defer stop()
	run := func(part func(context.Context) error) {
		wg.Go(func() {
			if err := part(stopping); err != nil && ctx.Err() == nil {
				k.deps.Log.ErrorContext(ctx, "Part of the kubelet ended", "err", err)
			}
		})
	}
	run(k.events.Run)
	<-k.events.Started() // nothing that the others record is lost
	for _, part := range []func(context.Context) error{
		k.informers.Run, k.objects.Run, k.probes.Run, k.status.Run, k.plegs().Run, k.workers.run, k.runFiles, k.followAPI, k.runNode,
	} {
		run(part)
	}
	settle := k.deps.Clock.AfterFunc(time.Second, k.workers.kickAll) // what ended before the runtimes' events were heard
	defer settle.Stop()
	k.deps.Log.InfoContext(ctx, "Started kubelet")
	<-ctx.Done()
	return nil
}

func (k *Kubelet) runFiles(ctx context.Context) error { return k.file.Run(ctx, k.setStaticPods) }

func (k *Kubelet) makeDirectories() error {
	for _, dir := range []string{k.cfg.Kubelet.StaticPodPath, k.cfg.Kubelet.PodLogsDir, "/var/lib/kubelet/pods"} {
		if err := k.cfg.Root.MkdirAll(rel(dir), 0o755); err != nil {
			return fmt.Errorf("make kubelet directories: %w", err)
		}
	}
	return nil
}

func (k *Kubelet) plegs() *pleg.Generator {
	g := &pleg.Generator{
		Clock: k.deps.Clock, Log: k.deps.Log, Trace: k.deps.Trace, Who: Name, Node: k.cfg.NodeName,
		Handle: func(e pleg.Event) { k.workers.kick(e.Pod) },
		Relist: func(ctx context.Context) { k.workers.kickAll(); k.cleanUp(ctx) },
	}
	g.Runtimes = k.runtimes()
	return g
}

// runtimes are those of all handlers, each once.
func (k *Kubelet) runtimes() (all []cri.Runtime) {
	for _, h := range k.cfg.Runtimes {
		if !slices.Contains(all, h.Runtime) {
			all = append(all, h.Runtime)
		}
	}
	return all
}

// panicError makes an error of what a panic left.
func panicError(r any) error { return fmt.Errorf("panic: %v", r) }

// now is the cluster's time as the API keeps it.
func (k *Kubelet) now() metav1.Time {
	return metav1.NewTime(k.deps.Clock.Now().Truncate(time.Second)).Rfc3339Copy()
}
