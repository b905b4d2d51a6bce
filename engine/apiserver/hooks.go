package apiserver

// Upstream: pkg/controlplane (post-start hooks)

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/authentication/user"

	"kubergarten/engine/client"
)

// A hook puts in place something that every cluster starts with.
type hook struct {
	name string
	run  func(context.Context, client.Interface) error
}

// hooks are run in this order.
func (s *Server) hooks() []hook {
	return []hook{
		{"start-system-namespaces-controller", s.systemNamespaces},
		{"rbac/bootstrap-roles", s.bootstrapRoles},
		{"bootstrap-controller", s.kubernetesService},
	}
}

// loopback is the API as the server itself sees it.
func (s *Server) loopback() client.Interface {
	return s.As(&user.DefaultInfo{Name: user.APIServerUser, Groups: []string{user.SystemPrivilegedGroup, user.AllAuthenticated}})
}

// start runs the hooks. Etcd may be slow to come, so a hook that fails is tried
// again for half a minute.
func (s *Server) start(ctx context.Context) error {
	api := s.loopback()
	for _, h := range s.hooks() {
		err := h.run(ctx, api)
		for try := 0; err != nil && try < 30 && ctx.Err() == nil; try++ {
			s.log.WarnContext(ctx, "post-start hook failed, trying again", "hook", h.name, "err", err)
			select {
			case <-s.deps.Clock.After(time.Second):
			case <-ctx.Done():
			}
			err = h.run(ctx, api)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return fmt.Errorf("PostStartHook %q failed: %w", h.name, err)
		}
		s.hooked.Store(h.name, true)
		s.log.InfoContext(ctx, "PostStartHook finished", "hook", h.name)
	}
	if s.deps.Synced == nil {
		return nil
	}
	return s.deps.Synced(ctx)
}

func (s *Server) hookDone(name string) func(context.Context) error {
	return func(context.Context) error {
		if _, ok := s.hooked.Load(name); !ok {
			return errors.New("not finished")
		}
		return nil
	}
}

// systemNamespaces creates the namespaces that every cluster has.
func (s *Server) systemNamespaces(ctx context.Context, api client.Interface) error {
	for _, name := range []string{metav1.NamespaceSystem, metav1.NamespacePublic, corev1.NamespaceNodeLease, metav1.NamespaceDefault} {
		_, err := client.For[*corev1.Namespace](api).Get(ctx, "", name)
		if apierrors.IsNotFound(err) {
			_, err = client.For[*corev1.Namespace](api).Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
		}
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("unable to create required kubernetes system Namespace %s: %w", name, err)
		}
	}
	return nil
}

// keep puts back what somebody deletes of it, until ctx is done.
func (s *Server) keep(ctx context.Context) {
	api := s.loopback()
	done := make(chan struct{})
	go func() {
		defer close(done)
		at := client.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("services"), Namespace: metav1.NamespaceDefault}
		s.whenDeleted(ctx, api, at, s.kubernetesService)
	}()
	s.whenDeleted(ctx, api, client.Target{GroupVersionResource: namespaces()}, s.systemNamespaces)
	<-done
}

// whenDeleted calls put after each deletion at the target, and whenever one may
// have been missed.
func (s *Server) whenDeleted(ctx context.Context, api client.Interface, at client.Target, put func(context.Context, client.Interface) error) {
	for ctx.Err() == nil {
		w, err := api.Watch(ctx, at, metav1.ListOptions{})
		if err != nil {
			s.log.ErrorContext(ctx, "cannot watch", "resource", at.Resource, "err", err)
			select {
			case <-s.deps.Clock.After(time.Second):
			case <-ctx.Done():
			}
			continue
		}
		s.putBack(ctx, api, at, put)
		for e := range w.ResultChan() {
			if e.Type == watch.Deleted {
				s.putBack(ctx, api, at, put)
			}
		}
		w.Stop()
	}
}

func (s *Server) putBack(ctx context.Context, api client.Interface, at client.Target, put func(context.Context, client.Interface) error) {
	if err := put(ctx, api); err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "cannot put back", "resource", at.Resource, "err", err)
	}
}
