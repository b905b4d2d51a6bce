package apiserver

// Upstream: pkg/registry/core/pod/rest/log.go

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// dial finds the pod, its node's kubelet and, unless container is nil, the
// container that is meant.
func (q *request) dial(ctx context.Context, opts runtime.Object, container *string) (*corev1.Pod, Kubelet, string, error) {
	if err := q.connect(ctx, opts); err != nil {
		return nil, nil, "", err
	}
	pod, err := q.pod(ctx)
	if err != nil {
		return nil, nil, "", err
	}
	name := ""
	if container != nil {
		if name, err = containerOf(pod, *container); err != nil {
			return nil, nil, "", err
		}
	}
	k, err := q.kubelet(pod)
	return pod, k, name, err
}

// serveLog streams a container's log.
func serveLog(q *request, w http.ResponseWriter, r *http.Request) error {
	var o corev1.PodLogOptions
	if err := q.parse(r, &o); err != nil {
		return err
	}
	if errs := invalidLog(&o); len(errs) > 0 {
		return apierrors.NewInvalid(schema.GroupKind{Kind: "PodLogOptions"}, q.name, errs)
	}
	pod, err := q.pod(r.Context())
	if err != nil {
		return err
	}
	container, err := containerOf(pod, o.Container)
	if err != nil {
		return err
	}
	if pod.Spec.NodeName == "" {
		w.WriteHeader(http.StatusNoContent) // no host yet: nothing to say
		return nil
	}
	k, err := q.kubelet(pod)
	if err != nil {
		return err
	}
	out := &logWriter{w: w, flush: http.NewResponseController(w).Flush}
	err = k.ContainerLogs(r.Context(), pod.Namespace, pod.Name, container, &o, out)
	return q.endLog(r.Context(), out, err)
}

// endLog answers an empty log, or says why there is none.
func (q *request) endLog(ctx context.Context, out *logWriter, err error) error {
	var known apierrors.APIStatus
	switch {
	case out.begun && err != nil && ctx.Err() == nil:
		q.srv.log.ErrorContext(ctx, "log ended early", "pod", q.ns+"/"+q.name, "err", err)
		return nil
	case out.begun || ctx.Err() != nil:
		return nil
	case errors.As(err, &known):
		return err
	case err != nil:
		return apierrors.NewBadRequest(err.Error())
	}
	_, _ = out.Write(nil)
	return nil
}

// logWriter answers 200 at the first write, and lets nothing wait in buffers.
type logWriter struct {
	w     http.ResponseWriter
	flush func() error
	begun bool
}

// Write implements io.Writer.
func (l *logWriter) Write(p []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.w.Header().Set("Content-Type", "text/plain")
		l.w.WriteHeader(http.StatusOK)
	}
	n, err := l.w.Write(p)
	if err == nil {
		err = l.flush()
	}
	if err != nil {
		return n, fmt.Errorf("write log: %w", err)
	}
	return n, nil
}

// Flush implements http.Flusher: a follower learns at once that it follows.
func (l *logWriter) Flush() {
	if !l.begun {
		_, _ = l.Write(nil)
	}
	_ = l.flush()
}

// invalidLog is upstream's ValidatePodLogOptions.
func invalidLog(o *corev1.PodLogOptions) field.ErrorList {
	var errs field.ErrorList
	if o.TailLines != nil && *o.TailLines < 0 {
		errs = append(errs, field.Invalid(field.NewPath("tailLines"), *o.TailLines, "must be greater than or equal to 0"))
	}
	if o.LimitBytes != nil && *o.LimitBytes < 1 {
		errs = append(errs, field.Invalid(field.NewPath("limitBytes"), *o.LimitBytes, "must be greater than 0"))
	}
	switch {
	case o.SinceSeconds != nil && o.SinceTime != nil:
		errs = append(errs, field.Forbidden(field.NewPath(""), "at most one of `sinceTime` or `sinceSeconds` may be specified"))
	case o.SinceSeconds != nil && *o.SinceSeconds < 1:
		errs = append(errs, field.Invalid(field.NewPath("sinceSeconds"), *o.SinceSeconds, "must be greater than 0"))
	}
	if o.Stream != nil { // the gate PodLogsQuerySplitStreams is off
		errs = append(errs, field.Forbidden(field.NewPath("stream"), "may not be specified"))
	}
	return errs
}
