package kube

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

// LogOptions choose a log.
type LogOptions struct {
	Container        string
	Follow, Previous bool
	// Tail is how many of the last lines come first.
	Tail int
}

// Logs opens the log of a pod's container. The reader ends with the log, or
// with ctx; the caller closes it.
func (c *Client) Logs(ctx context.Context, namespace, pod string, o LogOptions) (io.ReadCloser, error) {
	at, err := Target{corev1.SchemeGroupVersion.WithResource("pods"), namespace, pod, "log"}.path()
	if err != nil {
		return nil, err
	}
	q := url.Values{"tailLines": {strconv.Itoa(o.Tail)}}
	if o.Container != "" {
		q.Set("container", o.Container)
	}
	if o.Follow {
		q.Set("follow", "true")
	}
	if o.Previous {
		q.Set("previous", "true")
	}
	resp, err := c.open(ctx, call{method: http.MethodGet, path: at, query: q, accept: "text/plain, */*"})
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}
