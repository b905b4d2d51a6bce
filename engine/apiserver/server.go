package apiserver

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/endpoints/handlers/fieldmanager"
	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/apiserver/review"
	"kubergarten/engine/client"
	"kubergarten/engine/component"
)

// Server is the API of one cluster.
type Server struct {
	cfg       Config
	deps      Deps
	log       *slog.Logger
	serves    map[where]*endpoint
	admission admission.Interface
	metrics   *metrics

	ready    chan struct{} // closed when the hooks are done
	stopping chan struct{} // closed when Run has been told to stop
	hooked   sync.Map      // names of the hooks that are done
}

var _ client.Server = (*Server)(nil)

// New returns a server that does nothing yet.
func New(cfg Config, deps Deps) (*Server, error) {
	cfg, err := cfg.complete(deps)
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg: cfg, deps: deps, log: deps.Log, metrics: newMetrics(),
		ready: make(chan struct{}), stopping: make(chan struct{}),
	}
	if deps.Admission != nil {
		s.admission = fieldmanager.NewManagedFieldsValidatingAdmissionController(deps.Admission)
	}
	s.serves = s.endpoints(s.storages())
	return s, nil
}

// storages finds what serves a resource: what this package answers itself
// (reviews, streams), else the registry.
func (s *Server) storages() func(schema.GroupVersionResource, string) (rest.Storage, bool) {
	reviews := review.Storages(review.Deps{
		Authorizer: s.deps.Authorizer, Rules: s.deps.Rules, Clock: s.deps.Clock,
		Authenticator: s.deps.Authenticator, Audiences: s.cfg.Audiences,
	})
	return func(gvr schema.GroupVersionResource, sub string) (rest.Storage, bool) {
		if st, ok := reviews[gvr]; ok && sub == "" {
			return st, true
		}
		if st, ok := s.stream(gvr, sub); ok {
			return st, true
		}
		return s.deps.Registry.Storage(gvr, sub)
	}
}

// Name returns the component's name.
func (s *Server) Name() string { return Name }

// Ready is closed when what every cluster starts with (namespaces, roles, the
// kubernetes Service) is there, and the door is open.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Run serves until ctx is done.
func (s *Server) Run(ctx context.Context) error {
	back, err := open(s, s.deps.Loopback)
	if err != nil {
		return err
	}
	defer back()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	defer wg.Wait()
	web := s.web()
	for _, l := range s.deps.Listeners {
		wg.Go(func() {
			if err := web.serve(l); err != nil && ctx.Err() == nil {
				cancel(fmt.Errorf("serve %s: %w", l.Addr(), err))
			}
		})
	}
	wg.Go(func() { <-ctx.Done(); close(s.stopping); web.shut() })
	if err := s.start(ctx); err != nil {
		cancel(err)
		return err
	}
	shut, err := open(s, s.deps.Door)
	if err != nil {
		cancel(err)
		return err
	}
	defer shut()
	close(s.ready)
	s.log.InfoContext(ctx, "Serving securely", "address", s.cfg.AdvertiseAddress, "port", s.cfg.SecurePort)
	s.keep(ctx)
	if err := context.Cause(ctx); err != context.Canceled {
		return err
	}
	return nil
}

// open opens door, if there is one.
func open(s *Server, door *component.Door[client.Server]) (shut func(), err error) {
	if door == nil {
		return func() {}, nil
	}
	return door.Open(s)
}
