package apiserver

// Upstream: pkg/controlplane (post-start hooks)

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
			s.second(ctx)
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
