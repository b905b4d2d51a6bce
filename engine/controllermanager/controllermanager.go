package controllermanager

// Upstream: cmd/kube-controller-manager/app/controllermanager.go

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
	"kubergarten/engine/component"
	"kubergarten/engine/controller"
	"kubergarten/engine/controller/daemon"
	"kubergarten/engine/controller/endpointslice"
	"kubergarten/engine/controller/garbagecollector"
	"kubergarten/engine/controller/nodeipam"
	"kubergarten/engine/controller/tainteviction"
	"kubergarten/engine/trace"
)

// Name is the component's name.
const Name = "kube-controller-manager"

// Deps is what the manager needs.
type Deps struct {
	API   client.Interface                      // as system:kube-controller-manager, for the informers
	As    func(account string) client.Interface // as a service account of kube-system
	Clock clock.Clock
	Log   *slog.Logger
	Trace *trace.Recorder
}

// Manager runs controllers.
type Manager struct {
	deps        Deps
	informers   *client.Informers
	events      []*client.Events
	controllers []component.Component
}

// New returns a manager of the controllers that the flags enable.
func New(f Flags, deps Deps) (*Manager, error) {
	m := &Manager{deps: deps, informers: client.NewInformers(deps.API)}
	for _, d := range Controllers() {
		if !f.Enabled(d.Name) {
			deps.Log.Warn("Controller is disabled", "controller", d.Name)
			continue
		}
		if d.Name == nodeipam.Name && !f.AllocateNodeCIDRs {
			deps.Log.Warn("Skipping controller, allocate-node-cidrs is not set", "controller", d.Name)
			continue
		}
		c, err := d.New(m.context(d), f)
		if err != nil {
			return nil, fmt.Errorf("start controller %q: %w", d.Name, err)
		}
		m.controllers = append(m.controllers, c)
	}
	return m, nil
}

// context is what the controller of d gets.
func (m *Manager) context(d Descriptor) controller.Context {
	api := m.deps.As(d.Account)
	events := client.NewEvents(api, eventSource(d), "")
	m.events = append(m.events, events)
	return controller.Context{
		Client: api, Informers: m.informers, Events: events,
		Clock: m.deps.Clock, Log: m.deps.Log.With("controller", d.Name), Trace: m.deps.Trace,
	}
}

// eventSource is who the controller's events are from. Upstream's controllers
// name themselves there as they were named long ago.
func eventSource(d Descriptor) string {
	switch d.Name {
	case daemon.Name, garbagecollector.Name, tainteviction.Name:
		return d.Name
	case endpointslice.Name:
		return "endpoint-slice-controller"
	case nodeipam.Name:
		return "cidrAllocator"
	}
	return d.Account
}

// Name returns the component's name.
func (m *Manager) Name() string { return Name }

// Run runs all controllers until ctx is done.
func (m *Manager) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	run := func(f func(context.Context) error, errs *error) {
		wg.Go(func() {
			if err := f(ctx); err != nil {
				*errs = err
				cancel() // one that cannot go on takes all down, to be started afresh
			}
		})
	}
	results := make([]error, 1+len(m.events)+len(m.controllers))
	run(m.informers.Run, &results[0])
	for i, e := range m.events {
		run(e.Run, &results[1+i])
	}
	for i, c := range m.controllers {
		m.deps.Log.Info("Started controller", "controller", c.Name())
		run(c.Run, &results[1+len(m.events)+i])
	}
	wg.Wait()
	return errors.Join(results...)
}
