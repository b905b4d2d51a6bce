package kubelet

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
	utilexec "k8s.io/utils/exec"

	"kubergarten/engine/cri"
	"kubergarten/engine/cri/fakecri"
)

func TestLogs(t *testing.T) {
	b := newBed(t, options{cri: fakecri.Config{Script: ends(map[string]fakecri.Life{"bad": {Ends: true, Exit: cri.Completed(1)}})}})
	p := pod("web", "app", "bad")
	b.create(p)
	p = b.until("web", "runs, in part", waitingFor("CrashLoopBackOff"))
	b.writeLogs("default", "web", p.UID, "app", "0")
	b.writeLogs("default", "web", p.UID, "bad", "0")
	b.writeLogs("default", "web", p.UID, "bad", "1")
	wait := pod("wait", "app")
	wait.Spec.Containers[0].ImagePullPolicy = corev1.PullNever
	wait.Spec.Containers[0].Image = "nosuch"
	b.create(wait)
	b.until("wait", "waits", waitingFor("ErrImageNeverPull"))
	for name, tt := range map[string]struct {
		pod, container string
		opts           corev1.PodLogOptions
		out, err       string
	}{
		"running":      {"web", "app", corev1.PodLogOptions{}, "hello\n", ""},
		"previous":     {"web", "bad", corev1.PodLogOptions{Previous: true}, "hello\n", ""},
		"no previous":  {"web", "app", corev1.PodLogOptions{Previous: true}, "", `previous terminated container "app" in pod "web" not found`},
		"no container": {"web", "x", corev1.PodLogOptions{}, "", "container x is not valid for pod web"},
		"no pod":       {"nope", "x", corev1.PodLogOptions{}, "", `pods "nope" not found`},
		"waiting":      {"wait", "app", corev1.PodLogOptions{}, "", `container "app" in pod "wait" is waiting to start: ErrImageNeverPull`},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := b.kubelet.Server().ContainerLogs(context.Background(), "default", tt.pod, tt.container, &tt.opts, &out)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if out.String() != tt.out || got != tt.err {
				t.Errorf("%q, %q, want %q, %q", out.String(), got, tt.out, tt.err)
			}
		})
	}
}

// prompt tells when it is written to.
type prompt struct {
	bytes.Buffer
	wrote chan struct{}
}

func (p *prompt) Write(b []byte) (int, error) {
	n, err := p.Buffer.Write(b)
	if len(b) > 0 {
		p.wrote <- struct{}{}
	}
	return n, err
}

func TestFollowedLogEndsWithItsContainer(t *testing.T) {
	b := newBed(t, options{})
	b.create(pod("web", "app"))
	p := b.until("web", "runs", running)
	b.writeLogs("default", "web", p.UID, "app", "0")
	out := &prompt{wrote: make(chan struct{}, 10)}
	done := make(chan error, 1)
	go func() {
		done <- b.kubelet.Server().ContainerLogs(context.Background(), "default", "web", "app", &corev1.PodLogOptions{Follow: true}, out)
	}()
	<-out.wrote
	b.cri.Exit(b.containers("web")[0].Id, cri.Completed(0))
	if err := <-done; err != nil || out.String() != "hello\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestExec(t *testing.T) {
	b := newBed(t, options{cri: fakecri.Config{Exec: func(_ *v1.ContainerConfig, cmd []string, s cri.Streams) (int32, error) {
		_, err := s.Stdout.Write([]byte(strings.Join(cmd, " ")))
		return int32(len(cmd)) - 1, err
	}}})
	b.create(pod("web", "app"))
	b.until("web", "runs", running)
	var out bytes.Buffer
	srv := b.kubelet.Server()
	if err := srv.Exec(context.Background(), "default", "web", "app", []string{"ls"}, nil, &out, nil, false, nil); err != nil || out.String() != "ls" {
		t.Errorf("%q, %v", out.String(), err)
	}
	err := srv.Exec(context.Background(), "default", "web", "app", []string{"ls", "x", "y"}, nil, &out, nil, false, nil)
	var code utilexec.CodeExitError
	if !errors.As(err, &code) || code.Code != 2 || err.Error() != "command terminated with exit code 2" {
		t.Errorf("exit code: %v", err)
	}
	if err := srv.Exec(context.Background(), "default", "web", "x", nil, nil, &out, nil, false, nil); err == nil || !strings.Contains(err.Error(), `container not found ("x")`) {
		t.Errorf("no container: %v", err)
	}
	if err := srv.PortForward(context.Background(), "default", "nope", 80, nil); !apierrors.IsNotFound(err) {
		t.Errorf("no pod: %v", err)
	}
}
