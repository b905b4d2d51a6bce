package runtime

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/tools/remotecommand"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/cri"
	"kubergarten/wasm/host"
)

func TestExecSync(t *testing.T) {
	l := newLab(t)
	id := l.start(l.pod(), "sleep 1h")
	out, errs, code, err := l.ExecSync(t.Context(), id, strings.Fields("busybox run echo a , warn b , exit 5"), time.Hour)
	if string(out) != "a\n" || string(errs) != "b\n" || code != 5 || err != nil {
		t.Errorf("%q, %q, %d, %v", out, errs, code, err)
	}
	_, _, _, err = l.ExecSync(t.Context(), id, strings.Fields("busybox sleep 1h"), 10*time.Millisecond)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "timeout 10ms exceeded") {
		t.Errorf("got %v", err)
	}
	_, _, _, err = l.ExecSync(t.Context(), id, []string{"nosuch"}, 0)
	if err == nil || !strings.HasSuffix(err.Error(), `OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in $PATH`) {
		t.Errorf("got %v", err)
	}
	must(t, l.StopContainer(t.Context(), id, 0))
	_, _, _, err = l.ExecSync(t.Context(), id, []string{"busybox"}, 0)
	if err == nil || err.Error() != "failed to exec in container: container is in CONTAINER_EXITED state" {
		t.Errorf("got %v", err)
	}
	if _, _, _, err = l.ExecSync(t.Context(), "nosuch", []string{"busybox"}, 0); !errors.Is(err, cri.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestExecStreams(t *testing.T) {
	l := newLab(t)
	id := l.start(l.pod(), "sleep 1h")
	in, typed := io.Pipe()
	out := newBuffer()
	done := make(chan int32)
	go func() {
		code, err := l.Exec(t.Context(), id, []string{"busybox", "upper"}, cri.Streams{Stdin: in, Stdout: out, Stderr: io.Discard})
		if err != nil {
			t.Error(err)
		}
		done <- code
	}()
	out.await(t, "READY\n")
	io.WriteString(typed, "hello\n")
	out.await(t, "HELLO\n")
	io.WriteString(typed, "quit\n")
	if code := <-done; code != 7 {
		t.Errorf("exit code %d", code)
	}
	typed.Close()
}

func TestExecTTY(t *testing.T) {
	l := newLab(t)
	id := l.start(l.pod(), "sleep 1h")
	in, typed := io.Pipe()
	out := newBuffer()
	done := make(chan int32)
	sizes := make(chan remotecommand.TerminalSize, 1)
	sizes <- remotecommand.TerminalSize{Width: 100, Height: 30}
	go func() {
		code, err := l.Exec(t.Context(), id, []string{"busybox", "upper"}, cri.Streams{Stdin: in, Stdout: out, TTY: true, Resize: sizes})
		if err != nil {
			t.Error(err)
		}
		done <- code
	}()
	out.await(t, "READY\r\n")
	io.WriteString(typed, "hello\r")
	out.await(t, "hello\r\nHELLO\r\n") // the echo, then the answer
	io.WriteString(typed, "quit\r")
	if code := <-done; code != 7 {
		t.Errorf("exit code %d", code)
	}
	typed.Close()
}

func TestExecEndsWithItsClient(t *testing.T) {
	l := newLab(t)
	id := l.start(l.pod(), "sleep 1h")
	for _, word := range []string{"spin", "sleep 1h", "flood"} {
		for _, tty := range []bool{false, true} {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(10*time.Millisecond, cancel)
			_, err := l.Exec(ctx, id, strings.Fields("busybox "+word), cri.Streams{Stdout: io.Discard, Stderr: io.Discard, TTY: tty})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got %v", word, err)
			}
		}
	}
	if got := l.status(id).State; got != v1.ContainerState_CONTAINER_RUNNING {
		t.Errorf("the container is %v", got)
	}
}

func TestExecDiesWithItsContainer(t *testing.T) {
	l := newLab(t)
	id := l.start(l.pod(), "sleep 1h")
	out := newBuffer()
	done := make(chan int32)
	go func() {
		code, err := l.Exec(t.Context(), id, []string{"busybox", "run", "echo", "on", ",", "spin"}, cri.Streams{Stdout: out})
		if err != nil {
			t.Error(err)
		}
		done <- code
	}()
	out.await(t, "on\n")
	must(t, l.StopContainer(t.Context(), id, 0))
	if code := <-done; code != 137 {
		t.Errorf("exit code %d", code)
	}
}

// TestExecEndsAfterItsContainer holds that who has seen a process die with its
// container finds the container ended, also if another process dies slowly.
func TestExecEndsAfterItsContainer(t *testing.T) {
	returned := make(chan struct{})
	slow := func(ctx context.Context, _ host.Command) int {
		<-ctx.Done()
		select {
		case <-returned: // as it must not
		case <-time.After(200 * time.Millisecond):
		}
		return 0
	}
	l := newLab(t, func(c *Config) {
		c.Native = func(*v1.ContainerConfig) map[string]host.Program {
			return map[string]host.Program{"/bin/slow": {Native: slow}}
		}
	})
	id := l.start(l.pod(), "", limits(0, 32<<20), func(c *v1.ContainerConfig) { c.Command = []string{"/bin/slow"} })
	_, code := l.exec(id, "eat")
	got := l.status(id)
	close(returned)
	if code != 137 || got.State != v1.ContainerState_CONTAINER_EXITED || got.Reason != "OOMKilled" {
		t.Errorf("exec ended with %d, the container is %v: %s", code, got.State, got.Reason)
	}
}

func TestAttach(t *testing.T) {
	for name, tty := range map[string]bool{"plain": false, "tty": true} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			id := l.start(l.pod(), "upper", func(c *v1.ContainerConfig) { c.Stdin, c.StdinOnce, c.Tty = true, true, tty })
			in, typed := io.Pipe()
			out := newBuffer()
			done := make(chan error)
			go func() {
				done <- l.Attach(t.Context(), id, cri.Streams{Stdin: in, Stdout: out, TTY: tty})
			}()
			c, _ := l.container(id)
			for attached := 0; attached == 0; time.Sleep(time.Millisecond) { // what is written before is not seen
				c.output.mu.Lock()
				attached = len(c.output.attached)
				c.output.mu.Unlock()
			}
			io.WriteString(typed, "hello\n")
			out.await(t, "HELLO")
			io.WriteString(typed, "quit\n")
			if err := <-done; err != nil {
				t.Error(err)
			}
			typed.Close()
			if got := l.end(id); got.ExitCode != 7 {
				t.Errorf("exit code %d", got.ExitCode)
			}
			if logs := l.logs(id); !strings.Contains(logs, "stdout F HELLO") {
				t.Errorf("log is %q", logs)
			}
		})
	}
}

func TestPortForward(t *testing.T) {
	l := newLab(t)
	pod := l.pod()
	s, _ := l.sandbox(pod)
	ln, err := s.net.Listen(loopback(8080))
	must(t, err)
	defer ln.Close()
	go func() {
		if c, err := ln.Accept(); err == nil {
			io.Copy(c, c)
			c.Close()
		}
	}()
	near, far := newPipe()
	done := make(chan error)
	go func() { done <- l.PortForward(t.Context(), pod, 8080, far) }()
	io.WriteString(near, "ping")
	b := make([]byte, 4)
	if _, err := io.ReadFull(near, b); err != nil || string(b) != "ping" {
		t.Errorf("%q, %v", b, err)
	}
	near.Close()
	must(t, <-done)
	_, far = newPipe()
	err = l.PortForward(t.Context(), pod, 81, far)
	if err == nil || !strings.Contains(err.Error(), "failed to connect to localhost:81 inside namespace") || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got %v", err)
	}
}
