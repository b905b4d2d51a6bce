package kubeadm

// Upstream: cmd/kubeadm/app/phases/{addons,markcontrolplane}

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/template"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/kubernetes/scheme"

	"kubergarten/engine/client"
)

//go:embed addons/*.yaml
var addons embed.FS

// SuperAdmin is whom Bootstrap acts as: it must work before any role is there.
func SuperAdmin() user.Info {
	return &user.DefaultInfo{Name: "kubernetes-super-admin", Groups: []string{user.SystemPrivilegedGroup, user.AllAuthenticated}}
}

// Bootstrap brings what a new cluster needs beyond its control plane. What is
// there already stays as it is. api acts as SuperAdmin.
func Bootstrap(ctx context.Context, api client.Interface, cfg Config) error {
	for _, file := range []string{"base", "kube-proxy", "coredns"} {
		if err := apply(ctx, api, cfg, file); err != nil {
			return fmt.Errorf("add-on %s: %w", file, err)
		}
	}
	return nil
}

// apply creates the objects of one embedded file.
func apply(ctx context.Context, api client.Interface, cfg Config, file string) error {
	t, err := template.ParseFS(addons, "addons/"+file+".yaml")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, cfg.values()); err != nil {
		return err
	}
	docs := yaml.NewYAMLToJSONDecoder(&b)
	for {
		var raw yamlDoc
		if err := docs.Decode(&raw); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := create(ctx, api, raw); err != nil {
			return err
		}
	}
}

// yamlDoc is one document, as JSON.
type yamlDoc []byte

// UnmarshalJSON keeps the bytes.
func (d *yamlDoc) UnmarshalJSON(b []byte) error {
	*d = slices.Clone(b)
	return nil
}

func create(ctx context.Context, api client.Interface, doc []byte) error {
	obj, gvk, err := scheme.Codecs.UniversalDeserializer().Decode(doc, nil, nil)
	if err != nil {
		return err
	}
	gvr, err := resourceOf(*gvk)
	if err != nil {
		return err
	}
	m := obj.(client.Object)
	at := client.Target{GroupVersionResource: gvr, Namespace: m.GetNamespace(), Name: m.GetName()}
	// Asked for first, for a Service that is there already is refused for its
	// cluster IP, not for its name.
	if _, err := api.Get(ctx, at, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		return err
	}
	at.Name = ""
	_, err = api.Create(ctx, at, obj, metav1.CreateOptions{FieldManager: "kubeadm"})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create %s %s: %w", gvk.Kind, m.GetName(), err)
	}
	return nil
}

func resourceOf(gvk schema.GroupVersionKind) (schema.GroupVersionResource, error) {
	for _, k := range client.Kinds() {
		if k.GroupVersionKind == gvk {
			return k.Resource, nil
		}
	}
	return schema.GroupVersionResource{}, fmt.Errorf("no resource for %s", gvk)
}

// ControlPlaneTaint keeps ordinary pods off the control plane's node.
func ControlPlaneTaint() corev1.Taint {
	return corev1.Taint{Key: "node-role.kubernetes.io/control-plane", Effect: corev1.TaintEffectNoSchedule}
}

// MarkControlPlane labels the node, which a kubelet may not do for itself. It
// returns a NotFound error until the node is registered.
func MarkControlPlane(ctx context.Context, api client.Interface, name string) error {
	const labels = `{"metadata":{"labels":{"node-role.kubernetes.io/control-plane":"","node.kubernetes.io/exclude-from-external-load-balancers":""}}}`
	_, err := client.For[*corev1.Node](api).Patch(ctx, "", name, types.MergePatchType, []byte(labels), "")
	if err != nil {
		return fmt.Errorf("mark control plane: %w", err)
	}
	return nil
}
