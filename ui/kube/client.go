package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// largest is how much of an answer is read.
const largest = 32 << 20

// plain asks for an object as it is.
const plain = "application/json"

// A Target is what a request is about: a collection, an object or a
// subresource of it.
type Target struct {
	schema.GroupVersionResource
	Namespace, Name, Subresource string
}

// ParseGVR reads a kind's name in our addresses: "v1.pods" of the core group,
// "apps.v1.deployments" of another.
func ParseGVR(s string) (schema.GroupVersionResource, error) {
	rest, resource, ok := cutLast(s)
	group, version, named := cutLast(rest)
	if !named {
		group, version = "", rest
	}
	if !ok || resource == "" || version == "" || named && group == "" {
		return schema.GroupVersionResource{}, apierrors.NewBadRequest(fmt.Sprintf("%q is not group.version.resource", s))
	}
	for _, part := range []string{group, version, resource} {
		if why := content.IsPathSegmentName(part); part != "" && len(why) > 0 {
			return schema.GroupVersionResource{}, apierrors.NewBadRequest(fmt.Sprintf("%q is not group.version.resource: %s", s, why[0]))
		}
	}
	return schema.GroupVersionResource{Group: group, Version: version, Resource: resource}, nil
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// FormatGVR is the reverse of ParseGVR.
func FormatGVR(r schema.GroupVersionResource) string {
	if r.Group == "" {
		return r.Version + "." + r.Resource
	}
	return r.Group + "." + r.Version + "." + r.Resource
}

// path is the target's path at the API server.
func (t Target) path() (string, error) {
	parts := append(root(t.GroupVersion()), t.Resource)
	if t.Namespace != "" {
		parts = append(root(t.GroupVersion()), "namespaces", t.Namespace, t.Resource)
	}
	if t.Name != "" {
		parts = append(parts, t.Name)
	}
	if t.Subresource != "" {
		parts = append(parts, t.Subresource)
	}
	for i, p := range parts {
		if why := content.IsPathSegmentName(p); len(why) > 0 || p == "" {
			return "", apierrors.NewBadRequest(fmt.Sprintf("%q in a path: %s", p, strings.Join(why, ", ")))
		}
		parts[i] = url.PathEscape(p)
	}
	return "/" + strings.Join(parts, "/"), nil
}

func root(gv schema.GroupVersion) []string {
	if gv.Group == "" {
		return []string{"api", gv.Version}
	}
	return []string{"apis", gv.Group, gv.Version}
}

// A Client speaks to the API server as one visitor.
type Client struct {
	http *http.Client
	base *url.URL
}

// New returns a client with the credential of c. Clients of one credential
// share their connections.
func New(c *rest.Config) (*Client, error) {
	if c == nil {
		return nil, apierrors.NewUnauthorized("no credential")
	}
	c = rest.CopyConfig(c)
	c.UserAgent = "kubergarten-ui"
	h, err := rest.HTTPClientFor(c)
	if err != nil {
		return nil, fmt.Errorf("reach the API server: %w", err)
	}
	base, _, err := rest.DefaultServerUrlFor(c)
	if err != nil {
		return nil, fmt.Errorf("reach the API server: %w", err)
	}
	// A redirect would carry the credential to wherever it points.
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{h, base}, nil
}

// A call is one request.
type call struct {
	method, path string
	query        url.Values
	accept       string
	contentType  string
	body         []byte
}

// open sends a call; an answer other than success is an error in the API
// server's words.
func (c *Client) open(ctx context.Context, k call) (*http.Response, error) {
	at := strings.TrimSuffix(c.base.String(), "/") + k.path
	if len(k.query) > 0 {
		at += "?" + k.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, k.method, at, bytes.NewReader(k.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", k.accept)
	if k.contentType != "" {
		req.Header.Set("Content-Type", k.contentType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, bare(err)
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, refusal(resp)
}

// bare is a failed request without its address, which says nothing to a reader.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// refusal is the Status of an answer, or the nearest to one.
func refusal(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	var status metav1.Status
	if json.Unmarshal(body, &status) == nil && status.Kind == "Status" && status.Status != metav1.StatusSuccess {
		return &apierrors.StatusError{ErrStatus: status}
	}
	return apierrors.NewGenericServerResponse(resp.StatusCode, resp.Request.Method, schema.GroupResource{}, "", strings.TrimSpace(string(body)), 0, true)
}

// read sends a call and returns the whole answer.
func (c *Client) read(ctx context.Context, k call) ([]byte, http.Header, error) {
	resp, err := c.open(ctx, k)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, largest+1))
	if err == nil && len(body) > largest {
		err = fmt.Errorf("the answer is larger than %d MiB", largest>>20)
	}
	return body, resp.Header, err
}

// decode sends a call and reads the answer's JSON into out.
func (c *Client) decode(ctx context.Context, k call, out any) error {
	body, _, err := c.read(ctx, k)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, out)
}
