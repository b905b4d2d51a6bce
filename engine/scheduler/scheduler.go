package scheduler

// Upstream: pkg/scheduler/scheduler.go

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
	"kubergarten/engine/scheduler/cache"
	"kubergarten/engine/scheduler/framework"
	"kubergarten/engine/scheduler/plugins"
	"kubergarten/engine/scheduler/queue"
	"kubergarten/engine/trace"
)

// Name is the component's name; DefaultName the scheduler name that pods carry.
const (
	Name        = "kube-scheduler"
	DefaultName = corev1.DefaultSchedulerName
)

// Deps is what the scheduler needs.
type Deps struct {
	API   client.Interface // as system:kube-scheduler
	Clock clock.Clock
	Log   *slog.Logger
	Trace *trace.Recorder
	Rand  *rand.Rand // breaks ties; used by one goroutine only
}

// Scheduler binds pods to nodes.
type Scheduler struct {
	deps      Deps
	profiles  map[string]*framework.Profile // by scheduler name
	queue     *queue.Queue
	cache     *cache.Cache
	informers *client.Informers
	pods      client.Informer[*corev1.Pod]
	podAPI    client.Of[*corev1.Pod]
	events    *client.Events
	recorder  record.EventRecorder
	next      int            // the node that is asked first, so that all get their turn
	binding   sync.WaitGroup // binds under way
}

// New returns a scheduler with the default profile.
func New(f Flags, deps Deps) (*Scheduler, error) {
	profile, err := framework.NewProfile(DefaultName, plugins.Default(deps.API))
	if err != nil {
		return nil, err
	}
	s := &Scheduler{
		deps: deps, profiles: map[string]*framework.Profile{DefaultName: profile},
		cache: cache.New(), informers: client.NewInformers(deps.API),
		podAPI: client.For[*corev1.Pod](deps.API), events: client.NewEvents(deps.API, DefaultName, ""),
	}
	s.recorder = s.events
	s.queue = queue.New(deps.Clock, judge{s})
	s.pods = client.InformerFor[*corev1.Pod](s.informers, metav1.ListOptions{FieldSelector: "status.phase!=Succeeded,status.phase!=Failed"})
	return s, s.watch()
}

// Name returns the component's name.
func (s *Scheduler) Name() string { return Name }

// Run schedules until ctx is done.
func (s *Scheduler) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { s.informers.Run(ctx) })
	wg.Go(func() { s.events.Run(ctx) })
	wg.Go(func() { s.queue.Run(ctx) })
	defer wg.Wait()
	defer s.binding.Wait()
	if err := s.informers.Synced(ctx); err != nil {
		return nil // asked to stop before the caches were full
	}
	s.deps.Log.Info("Caches are synced")
	for {
		p := s.queue.Pop(ctx)
		if p == nil {
			return nil
		}
		s.scheduleOne(ctx, p)
	}
}

// judge answers the queue's questions with the pod's profile.
type judge struct{ s *Scheduler }

func (j judge) Less(a, b *framework.QueuedPodInfo) bool {
	return j.s.profiles[DefaultName].Less(a, b)
}

func (j judge) PreEnqueue(ctx context.Context, pod *corev1.Pod) *framework.Status {
	return j.s.profiles[pod.Spec.SchedulerName].PreEnqueue(ctx, pod)
}

func (j judge) Wakes(e framework.Event, p *framework.QueuedPodInfo) bool {
	return j.s.profiles[p.Pod.Spec.SchedulerName].Wakes(e, p.UnschedulablePlugins)
}
