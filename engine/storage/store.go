package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/storage"

	"kubergarten/engine/clock"
	"kubergarten/engine/etcd"
	"kubergarten/engine/trace"
)

// Name is who speaks in the trace: storage is a part of the API server.
const Name = "kube-apiserver"

// Config says what a Store keeps, and where.
type Config struct {
	KV             etcd.KV
	Prefix         string // of all keys; empty: "/registry"
	Resource       schema.GroupResource
	ResourcePrefix string // below Prefix; empty: as upstream, see ResourcePrefix
	Codec          runtime.Codec
	NewFunc        func() runtime.Object
	NewListFunc    func() runtime.Object
	// GetAttrs says what selectors see of an object.
	GetAttrs   func(runtime.Object) (labels.Set, fields.Set, error)
	Namespaced bool
	// TTL is how long an object lives after each write, 0 for ever; may be nil.
	TTL   func(runtime.Object) time.Duration
	Clock clock.Clock
	Trace *trace.Recorder
	Log   *slog.Logger
}

// Preconditions must hold for a write to happen.
type Preconditions = storage.Preconditions

// Store keeps the objects of one resource.
type Store struct {
	cfg       Config
	prefix    string // "/registry/pods/"
	versioner storage.APIObjectVersioner
	leases    leases
	cache     cache
	ready     chan struct{}
	stopped   chan struct{}
}

// New returns a Store that does not follow etcd yet.
func New(cfg Config) (*Store, error) {
	if cfg.KV == nil || cfg.Codec == nil || cfg.NewFunc == nil || cfg.NewListFunc == nil || cfg.GetAttrs == nil || cfg.Clock == nil || cfg.Log == nil {
		return nil, fmt.Errorf("storage of %s: incomplete config", cfg.Resource)
	}
	if cfg.Prefix == "" {
		cfg.Prefix = "/registry"
	}
	if cfg.ResourcePrefix == "" {
		cfg.ResourcePrefix = ResourcePrefix(cfg.Resource)
	}
	return &Store{
		cfg: cfg, prefix: cfg.Prefix + "/" + cfg.ResourcePrefix + "/",
		leases: leases{kv: cfg.KV, clock: cfg.Clock},
		cache:  newCache(), ready: make(chan struct{}), stopped: make(chan struct{}),
	}, nil
}

// Ready is closed when the watch cache has been filled.
func (s *Store) Ready() <-chan struct{} { return s.ready }

// key is where the object lies.
func (s *Store) key(ns, name string) string { return s.dir(ns) + name }

// dir is what the keys of all objects in ns begin with.
func (s *Store) dir(ns string) string {
	if !s.cfg.Namespaced || ns == "" {
		return s.prefix
	}
	return s.prefix + ns + "/"
}

// check refuses a key that would lie elsewhere.
func (s *Store) check(ns, name string) error {
	if name == "" || s.cfg.Namespaced != (ns != "") {
		return storage.NewInternalError(fmt.Errorf("%s: namespace %q, name %q is not the place of one object", s.cfg.Resource, ns, name))
	}
	return nil
}

// Get returns the object. Whatever resourceVersion asks for, it gets the newest;
// it fails if that is older.
func (s *Store) Get(ctx context.Context, ns, name, resourceVersion string) (runtime.Object, error) {
	obj, err := s.get(ctx, ns, name, resourceVersion)
	return obj, interpretGet(err, s.cfg.Resource, name)
}

func (s *Store) get(ctx context.Context, ns, name, resourceVersion string) (runtime.Object, error) {
	if err := s.check(ns, name); err != nil {
		return nil, err
	}
	kv, rev, err := s.cfg.KV.Get(ctx, s.key(ns, name), 0)
	if err != nil {
		return nil, unreachable(err, s.key(ns, name))
	}
	if err := s.atLeast(resourceVersion, rev); err != nil {
		return nil, err
	}
	if kv == nil {
		return nil, storage.NewKeyNotFoundError(s.key(ns, name), rev)
	}
	it, err := s.item(kv)
	if err != nil {
		return nil, err
	}
	return it.obj, nil
}

// atLeast fails if resourceVersion is newer than the store.
func (s *Store) atLeast(resourceVersion string, rev int64) error {
	want, err := s.versioner.ParseResourceVersion(resourceVersion)
	if err != nil {
		return invalidVersion(err)
	}
	if want > uint64(rev) {
		return storage.NewTooLargeResourceVersionError(want, uint64(rev), 0)
	}
	return nil
}

// unreachable tells an etcd that is away from one that refuses.
func unreachable(err error, key string) error {
	if gone(err) {
		return storage.NewUnreachableError(key, 0)
	}
	if errors.Is(err, etcd.ErrTooLarge) {
		return tooLarge(err)
	}
	return err
}

// ResourcePrefix is where upstream keeps the objects of gr. Some names are older
// than the API.
//
// Upstream: pkg/kubeapiserver/default_storage_factory_builder.go
func ResourcePrefix(gr schema.GroupResource) string {
	switch gr {
	case schema.GroupResource{Resource: "replicationcontrollers"}:
		return "controllers"
	case schema.GroupResource{Resource: "endpoints"}:
		return "services/endpoints"
	case schema.GroupResource{Resource: "services"}:
		return "services/specs"
	case schema.GroupResource{Resource: "nodes"}:
		return "minions"
	case schema.GroupResource{Group: "networking.k8s.io", Resource: "ingresses"}:
		return "ingress"
	}
	return gr.Resource
}
