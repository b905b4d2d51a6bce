package lessons_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"

	"kubergarten/lessons"
)

var (
	_ lessons.Prober = (*proofLab)(nil)
	_ lessons.Lister = (*proofLab)(nil)
)

// List implements lessons.Lister.
func (l *proofLab) List(ctx context.Context, resource schema.GroupVersionResource, namespace string) ([]unstructured.Unstructured, error) {
	list, err := l.objects.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// HTTP implements lessons.Prober.
func (l *proofLab) HTTP(ctx context.Context, url string) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	resp, err := l.client().Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	return resp.StatusCode, string(data), err
}

// Exec implements lessons.Prober.
func (l *proofLab) Exec(ctx context.Context, namespace, pod, container string, cmd []string) (code int, stdout, stderr string, err error) {
	url := l.kube.CoreV1().RESTClient().Get().Resource("pods").Namespace(namespace).Name(pod).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Container: container, Command: cmd, Stdout: true, Stderr: true}, scheme.ParameterCodec).URL()
	run, err := remotecommand.NewWebSocketExecutor(l.rest, http.MethodGet, url.String())
	if err != nil {
		return 0, "", "", err
	}
	var out, errs bytes.Buffer
	err = run.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &out, Stderr: &errs})
	var exit exec.ExitError
	if errors.As(err, &exit) {
		code, err = exit.ExitStatus(), nil
	}
	return code, out.String(), errs.String(), err
}

// Logs implements lessons.Prober.
func (l *proofLab) Logs(ctx context.Context, namespace, pod, container string, follow bool) (io.ReadCloser, error) {
	opts := &corev1.PodLogOptions{Container: container, Follow: follow}
	return l.kube.CoreV1().Pods(namespace).GetLogs(pod, opts).Stream(ctx)
}
