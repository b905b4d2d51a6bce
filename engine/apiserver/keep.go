package apiserver

// Upstream: pkg/controlplane/controller/{kubernetesservice,systemnamespaces}

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"kubergarten/engine/client"
)

// A keeper puts back what somebody deletes or changes of what a hook has put in
// place. Upstream looks every ten seconds, or every minute; here a watch tells.
// The Service and the namespaces are only made again, as upstream: what somebody
// changes of them stays.
type keeper struct {
	at   client.Target
	name string // of the one object, "" for all
	put  func(context.Context, client.Interface) error
}

// keepers watch the endpoints beside their Service, for the registry deletes them
// a moment after it: maybe when they have been put back already.
func (s *Server) keepers() []keeper {
	in := metav1.NamespaceDefault
	return []keeper{
		{client.Target{GroupVersionResource: namespaces()}, "", s.systemNamespaces},
		{client.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("services"), Namespace: in}, serviceName, s.kubernetesService},
		{client.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("endpoints"), Namespace: in}, serviceName, s.kubernetesService},
		{client.Target{GroupVersionResource: discoveryv1.SchemeGroupVersion.WithResource("endpointslices"), Namespace: in}, serviceName, s.kubernetesService},
	}
}

// keep runs the keepers until ctx is done.
func (s *Server) keep(ctx context.Context) {
	var all sync.WaitGroup
	for _, k := range s.keepers() {
		all.Go(func() { s.keepOne(ctx, k) })
	}
	all.Wait()
}

// keepOne puts back after each change, and whenever one may have been missed.
func (s *Server) keepOne(ctx context.Context, k keeper) {
	api, opts := s.loopback(), metav1.ListOptions{}
	if k.name != "" {
		opts.FieldSelector = "metadata.name=" + k.name
	}
	for ctx.Err() == nil {
		w, err := api.Watch(ctx, k.at, opts)
		if err != nil {
			s.log.ErrorContext(ctx, "cannot watch", "resource", k.at.Resource, "err", err)
			s.second(ctx)
			continue
		}
		s.putBack(ctx, api, k)
		for e := range w.ResultChan() {
			if e.Type != watch.Added {
				s.putBack(ctx, api, k)
			}
		}
		w.Stop()
	}
}

// putBack tries until it is done: a deleted Service's address is free again only
// a moment after the watch has told of its end.
func (s *Server) putBack(ctx context.Context, api client.Interface, k keeper) {
	for err := k.put(ctx, api); err != nil && ctx.Err() == nil; err = k.put(ctx, api) {
		s.log.WarnContext(ctx, "cannot put back, trying again", "resource", k.at.Resource, "err", err)
		s.second(ctx)
	}
}

// second waits for one, or for the end of ctx.
func (s *Server) second(ctx context.Context) {
	select {
	case <-s.deps.Clock.After(time.Second):
	case <-ctx.Done():
	}
}
