package pleg

// Upstream: pkg/kubelet/pleg/evented.go

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/cri"
	kubetypes "kubergarten/engine/kubelet/types"
	"kubergarten/engine/trace"
)

// RelistPeriod is how often the runtimes are asked for everything they have.
const RelistPeriod = 5 * time.Minute

// An Event is a change of one pod in the runtime.
type Event struct {
	Pod         types.UID
	Type        v1.ContainerEventType
	ContainerID string
	Sandbox     bool // it is the sandbox that changed
}

// Generator notices changes.
type Generator struct {
	Runtimes []cri.Runtime
	Clock    clock.Clock
	Log      *slog.Logger
	Trace    *trace.Recorder
	Who      string
	Node     string
	// Handle is told of each event. It must not block.
	Handle func(Event)
	// Relist looks at everything.
	Relist func(context.Context)
}

// Run generates events until ctx is done.
func (g *Generator) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, r := range g.Runtimes {
		wg.Go(func() {
			if err := r.GetContainerEvents(ctx, g.report); err != nil && ctx.Err() == nil {
				g.Log.ErrorContext(ctx, "Runtime reports no more events", "err", err)
			}
		})
	}
	defer wg.Wait()
	t := g.Clock.NewTicker(RelistPeriod)
	defer t.Stop()
	for {
		select {
		case <-t.C():
			g.Relist(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}

func (g *Generator) report(e *v1.ContainerEventResponse) {
	s := e.GetPodSandboxStatus()
	uid := s.GetMetadata().GetUid()
	if uid == "" {
		return
	}
	event := Event{Pod: types.UID(uid), Type: e.ContainerEventType, ContainerID: e.ContainerId, Sandbox: e.ContainerId == s.GetId()}
	g.emit(e, event)
	g.Handle(event)
}

func (g *Generator) emit(e *v1.ContainerEventResponse, event Event) {
	if g.Trace == nil {
		return
	}
	meta := e.GetPodSandboxStatus().GetMetadata()
	ref := trace.Ref{Resource: "pods", Namespace: meta.GetNamespace(), Name: meta.GetName()}
	name := "the infra container"
	for _, c := range e.ContainersStatuses {
		if c.Id != e.ContainerId {
			continue
		}
		name = "container " + c.Labels[kubetypes.KubernetesContainerNameLabel]
		if event.Type == v1.ContainerEventType_CONTAINER_STOPPED_EVENT {
			g.Trace.Emit(trace.Record{Who: g.Who, Node: g.Node, Step: trace.Exited, Object: ref, Words: fmt.Sprintf("%s ended with exit code %d: %s", name, c.ExitCode, c.Reason)})
		}
	}
	g.Trace.Emit(trace.Record{Who: g.Who, Node: g.Node, Step: trace.Noticed, Object: ref, Words: "the runtime says: " + name + " " + verb(event.Type)})
}

func verb(t v1.ContainerEventType) string {
	switch t {
	case v1.ContainerEventType_CONTAINER_CREATED_EVENT:
		return "was created"
	case v1.ContainerEventType_CONTAINER_STARTED_EVENT:
		return "was started"
	case v1.ContainerEventType_CONTAINER_STOPPED_EVENT:
		return "stopped"
	}
	return "was removed"
}
