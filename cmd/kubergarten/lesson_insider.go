package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
)

// insiderPatience is how long an insider's pod may take to start.
const insiderPatience = 30 * time.Second

// An insider opens connections from inside a cluster that it knows by its API
// alone: by nc, in a pod of its own.
type insider struct {
	api  *rest.Config
	kube kubernetes.Interface
	pod  *corev1.Pod
}

// insiderPod sleeps. It ends itself should nobody delete it.
func insiderPod() *corev1.Pod {
	no, now, last := false, int64(0), int64(300)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "kubergarten-check-", Namespace: metav1.NamespaceDefault},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever, AutomountServiceAccountToken: &no,
			TerminationGracePeriodSeconds: &now, ActiveDeadlineSeconds: &last,
			Containers: []corev1.Container{{Name: "check", Image: "busybox:1.28", Command: []string{"sleep", "300"}}},
		},
	}
}

// enter makes the pod, and waits until it runs.
func (i *insider) enter(ctx context.Context) error {
	pods := i.kube.CoreV1().Pods(metav1.NamespaceDefault)
	pod, err := pods.Create(ctx, insiderPod(), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	i.pod = pod
	ctx, stop := context.WithTimeout(ctx, insiderPatience)
	defer stop()
	changes, err := pods.Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + pod.Name, ResourceVersion: pod.ResourceVersion})
	if err != nil {
		return err
	}
	defer changes.Stop()
	for ev := range changes.ResultChan() {
		if now, ok := ev.Object.(*corev1.Pod); ok && now.Status.Phase == corev1.PodRunning {
			return nil
		}
	}
	return fmt.Errorf("pod %s/%s, from which to ask, does not start", pod.Namespace, pod.Name)
}

// leave deletes the pod, if there is one, also when ctx is done.
func (i *insider) leave(ctx context.Context) error {
	if i.pod == nil {
		return nil
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), proberPatience)
	defer stop()
	return i.kube.CoreV1().Pods(i.pod.Namespace).Delete(ctx, i.pod.Name, metav1.DeleteOptions{})
}

// dial connects to an address of the cluster. Whether anybody is there shows at
// the first read.
func (i *insider) dial(_ context.Context, _, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if i.pod == nil {
		return nil, errors.New("there is no pod from which to ask")
	}
	url := i.kube.CoreV1().RESTClient().Get().Resource("pods").Namespace(i.pod.Namespace).Name(i.pod.Name).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Command: []string{"nc", host, port}, Stdin: true, Stdout: true, Stderr: true}, scheme.ParameterCodec).URL()
	run, err := remotecommand.NewWebSocketExecutor(i.api, http.MethodGet, url.String())
	if err != nil {
		return nil, err
	}
	return newTunnel(run), nil
}
