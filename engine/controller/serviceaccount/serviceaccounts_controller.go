package serviceaccount

// Upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// Name is the controller's name.
const Name = "serviceaccount-controller"

// account is the ServiceAccount that pods have if they name none.
const account = "default"

// Controller sees to it that each namespace has its default account.
type Controller struct {
	*controller.Loop
	namespaces client.Informer[*corev1.Namespace]
	accounts   client.Informer[*corev1.ServiceAccount]
	api        client.Of[*corev1.ServiceAccount]
}

// New returns the controller.
func New(cc controller.Context) (*Controller, error) {
	c := &Controller{
		namespaces: client.InformerFor[*corev1.Namespace](cc.Informers, metav1.ListOptions{}),
		accounts:   client.InformerFor[*corev1.ServiceAccount](cc.Informers, metav1.ListOptions{}),
		api:        client.For[*corev1.ServiceAccount](cc.Client),
	}
	c.Loop = controller.NewLoop(Name, cc, 1, c.sync)
	if err := controller.On(c.Loop, c.namespaces, func(ns *corev1.Namespace) { c.Enqueue(ns) }); err != nil {
		return nil, err
	}
	return c, controller.Watch(c.Loop, c.accounts, client.Handler[*corev1.ServiceAccount]{
		Delete: func(sa *corev1.ServiceAccount) { c.EnqueueKey(sa.Namespace) },
	})
}

func (c *Controller) sync(ctx context.Context, name string) error {
	ns, ok := c.namespaces.Get("", name)
	if !ok || ns.Status.Phase != corev1.NamespaceActive {
		return nil
	}
	if _, ok := c.accounts.Get(name, account); ok {
		return nil
	}
	_, err := c.api.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: account}})
	if apierrors.IsAlreadyExists(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create service account %s/%s: %w", name, account, err)
	}
	return nil
}
