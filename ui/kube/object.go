package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"sigs.k8s.io/yaml"
)

// manager is whose fields the page's changes are.
const manager = "kubergarten-ui"

// An Answer is what became of a write: the object, and the API server's
// warnings about it.
type Answer struct {
	*unstructured.Unstructured
	Warnings []string
}

// Get reads an object.
func (c *Client) Get(ctx context.Context, t Target) (*unstructured.Unstructured, error) {
	a, err := c.write(ctx, http.MethodGet, t, nil, "", nil)
	return a.Unstructured, err
}

// YAML prints an object as "kubectl get -o yaml" does: without managed fields.
func YAML(u *unstructured.Unstructured) (string, error) {
	u = u.DeepCopy()
	u.SetManagedFields(nil)
	out, err := yaml.Marshal(u.Object)
	return string(out), err
}

// strict refuses unknown and doubled fields; dry changes nothing.
func strict(dry bool) url.Values {
	q := url.Values{"fieldValidation": {metav1.FieldValidationStrict}, "fieldManager": {manager}}
	if dry {
		q.Set("dryRun", metav1.DryRunAll)
	}
	return q
}

// Replace writes an object as YAML in place of the one that is there.
func (c *Client) Replace(ctx context.Context, t Target, text string, dry bool) (Answer, error) {
	return c.write(ctx, http.MethodPut, t, strict(dry), "application/yaml", []byte(text))
}

// Create creates an object from YAML in t's collection.
func (c *Client) Create(ctx context.Context, t Target, text string, dry bool) (Answer, error) {
	t.Name = ""
	return c.write(ctx, http.MethodPost, t, strict(dry), "application/yaml", []byte(text))
}

// Delete deletes an object, and in the background what it owns. uid guards
// against another object of the same name; grace in seconds may be nil.
func (c *Client) Delete(ctx context.Context, t Target, uid types.UID, grace *int64) error {
	background := metav1.DeletePropagationBackground
	o := metav1.DeleteOptions{GracePeriodSeconds: grace, PropagationPolicy: &background}
	o.APIVersion, o.Kind = "v1", "DeleteOptions"
	if uid != "" {
		o.Preconditions = metav1.NewUIDPreconditions(string(uid))
	}
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	_, err = c.write(ctx, http.MethodDelete, t, nil, plain, body)
	return err
}

// Scale asks for so many replicas, by the scale subresource.
func (c *Client) Scale(ctx context.Context, t Target, replicas int32) error {
	t.Subresource = "scale"
	body := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas)
	return c.Patch(ctx, t, types.MergePatchType, manager, body)
}

// Patch changes an object, as the field manager by.
func (c *Client) Patch(ctx context.Context, t Target, kind types.PatchType, by string, body []byte) error {
	_, err := c.write(ctx, http.MethodPatch, t, url.Values{"fieldManager": {by}}, string(kind), body)
	return err
}

// Restarted is the annotation by which "kubectl rollout restart" makes a
// template a new one.
const Restarted = "kubectl.kubernetes.io/restartedAt"

// Restart rolls out the template anew.
//
// Upstream: k8s.io/kubectl/pkg/polymorphichelpers/objectrestarter.go
func (c *Client) Restart(ctx context.Context, t Target, now time.Time) error {
	body := fmt.Appendf(nil, `{"spec":{"template":{"metadata":{"annotations":{%q:%q}}}}}`, Restarted, now.Format(time.RFC3339))
	return c.Patch(ctx, t, types.StrategicMergePatchType, "kubectl-rollout", body)
}

func (c *Client) write(ctx context.Context, method string, t Target, q url.Values, contentType string, body []byte) (Answer, error) {
	at, err := t.path()
	if err != nil {
		return Answer{}, err
	}
	data, header, err := c.read(ctx, call{method: method, path: at, query: q, accept: plain, contentType: contentType, body: body})
	if err != nil {
		return Answer{}, err
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(data); err != nil {
		return Answer{}, fmt.Errorf("read the API server's answer: %w", err)
	}
	var warnings []string
	parsed, _ := utilnet.ParseWarningHeaders(header.Values("Warning")) // what cannot be read warns of nothing
	for _, w := range parsed {
		warnings = append(warnings, w.Text)
	}
	return Answer{u, warnings}, nil
}
