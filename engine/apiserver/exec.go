package apiserver

// Upstream: pkg/registry/core/pod/rest/subresources.go

import (
	"context"
	"io"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/remotecommand"

	"kubergarten/engine/apiserver/stream"
)

// noStreams is upstream's word for a client that wants to hear nothing.
const noStreams = "you must specify at least 1 of stdin, stdout, stderr"

func serveExec(q *request, w http.ResponseWriter, r *http.Request) error {
	var o corev1.PodExecOptions
	if err := q.parse(r, &o); err != nil {
		return err
	}
	pod, k, container, err := q.dial(r.Context(), &o, &o.Container)
	if err != nil {
		return err
	}
	opts := stream.Options{Stdin: o.Stdin, Stdout: o.Stdout, Stderr: o.Stderr, TTY: o.TTY}
	return serveStreams(w, r, opts, stream.Executing, func(ctx context.Context, in io.Reader, out, errOut io.Writer, tty bool, size <-chan remotecommand.TerminalSize) error {
		return k.Exec(ctx, pod.Namespace, pod.Name, container, o.Command, in, out, errOut, tty, size)
	})
}

func serveAttach(q *request, w http.ResponseWriter, r *http.Request) error {
	var o corev1.PodAttachOptions
	if err := q.parse(r, &o); err != nil {
		return err
	}
	pod, k, container, err := q.dial(r.Context(), &o, &o.Container)
	if err != nil {
		return err
	}
	opts := stream.Options{Stdin: o.Stdin, Stdout: o.Stdout, Stderr: o.Stderr, TTY: o.TTY}
	return serveStreams(w, r, opts, stream.Attaching, func(ctx context.Context, in io.Reader, out, errOut io.Writer, tty bool, size <-chan remotecommand.TerminalSize) error {
		return k.Attach(ctx, pod.Namespace, pod.Name, container, in, out, errOut, tty, size)
	})
}

// serveStreams runs cmd for a client that wants to hear something.
func serveStreams(w http.ResponseWriter, r *http.Request, o stream.Options, kind string, cmd stream.Command) error {
	if !o.Stdin && !o.Stdout && !o.Stderr {
		return apierrors.NewBadRequest(noStreams)
	}
	stream.Serve(w, r, o, kind, cmd)
	return nil
}

func servePortForward(q *request, w http.ResponseWriter, r *http.Request) error {
	var o corev1.PodPortForwardOptions
	if err := q.parse(r, &o); err != nil {
		return err
	}
	pod, k, _, err := q.dial(r.Context(), &o, nil)
	if err != nil {
		return err
	}
	stream.ServePortForward(w, r, func(ctx context.Context, port int32, s io.ReadWriteCloser) error {
		return k.PortForward(ctx, pod.Namespace, pod.Name, port, s)
	})
	return nil
}
