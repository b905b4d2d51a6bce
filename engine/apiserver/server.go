package apiserver

import (
	"context"

	"k8s.io/apiserver/pkg/authentication/user"

	"kubergarten/engine/client"
)

// Server is the API of one cluster.
type Server struct {
	cfg   Config
	deps  Deps
	ready chan struct{}
}

var _ client.Server = (*Server)(nil)

// New returns a server that does nothing yet.
func New(cfg Config, deps Deps) (*Server, error) {
	cfg, err := cfg.complete(deps)
	if err != nil {
		return nil, err
	}
	return &Server{cfg: cfg, deps: deps, ready: make(chan struct{})}, nil
}

// Name returns the component's name.
func (s *Server) Name() string { return Name }

// Ready is closed when the API is served and what every cluster starts with
// (namespaces, roles, the kubernetes Service) is there.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Run serves until ctx is done.
func (s *Server) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// As returns the API as who sees it.
func (s *Server) As(who user.Info) client.Interface { return nil }
