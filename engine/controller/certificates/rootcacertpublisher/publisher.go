package rootcacertpublisher

// Upstream: pkg/controller/certificates/rootcacertpublisher/publisher.go

import (
	"context"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// Name is the controller's name.
const Name = "root-ca-certificate-publisher-controller"

const (
	configMap   = "kube-root-ca.crt"
	description = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."
)

// Controller publishes one certificate.
type Controller struct {
	*controller.Loop
	namespaces client.Informer[*corev1.Namespace]
	configMaps client.Informer[*corev1.ConfigMap]
	api        client.Of[*corev1.ConfigMap]
	rootCA     []byte // PEM
}

// New returns the controller that publishes rootCA, in PEM.
func New(cc controller.Context, rootCA []byte) (*Controller, error) {
	c := &Controller{
		namespaces: client.InformerFor[*corev1.Namespace](cc.Informers, metav1.ListOptions{}),
		configMaps: client.InformerFor[*corev1.ConfigMap](cc.Informers, metav1.ListOptions{}),
		api:        client.For[*corev1.ConfigMap](cc.Client),
		rootCA:     rootCA,
	}
	c.Loop = controller.NewLoop(Name, cc, 1, c.sync)
	if err := controller.On(c.Loop, c.namespaces, func(ns *corev1.Namespace) { c.Enqueue(ns) }); err != nil {
		return nil, err
	}
	enqueue := func(cm *corev1.ConfigMap) {
		if cm.Name == configMap {
			c.EnqueueKey(cm.Namespace)
		}
	}
	return c, controller.Watch(c.Loop, c.configMaps, client.Handler[*corev1.ConfigMap]{
		Update: func(_, cm *corev1.ConfigMap) { enqueue(cm) }, Delete: enqueue,
	})
}

func (c *Controller) sync(ctx context.Context, name string) error {
	ns, ok := c.namespaces.Get("", name)
	if !ok || ns.Status.Phase != corev1.NamespaceActive {
		return nil
	}
	want := map[string]string{"ca.crt": string(c.rootCA)}
	cm, ok := c.configMaps.Get(name, configMap)
	if !ok {
		return c.create(ctx, name, want)
	}
	if maps.Equal(cm.Data, want) && cm.Annotations["kubernetes.io/description"] == description {
		return nil
	}
	fresh := cm.DeepCopy()
	fresh.Data = want
	metav1.SetMetaDataAnnotation(&fresh.ObjectMeta, "kubernetes.io/description", description)
	if _, err := c.api.Update(ctx, fresh); err != nil {
		return fmt.Errorf("update %s/%s: %w", name, configMap, err)
	}
	return nil
}

func (c *Controller) create(ctx context.Context, ns string, data map[string]string) error {
	_, err := c.api.Create(ctx, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: ns, Name: configMap,
			Annotations: map[string]string{"kubernetes.io/description": description},
		},
		Data: data,
	})
	if apierrors.IsAlreadyExists(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create %s/%s: %w", ns, configMap, err)
	}
	return nil
}
