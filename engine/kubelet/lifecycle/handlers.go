package lifecycle

// Upstream: pkg/kubelet/lifecycle/handlers.go

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/clock"
	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/prober"
	"kubergarten/engine/kubelet/types"
)

// Handlers runs hooks.
type Handlers struct {
	Clock   clock.Clock
	Network prober.Dialer
	Runner  prober.Runner
}

// Run runs the hook; ip is the pod's. The message is for the container's status.
func (h *Handlers) Run(ctx context.Context, id container.ID, pod *corev1.Pod, c *corev1.Container, hook *corev1.LifecycleHandler, ip string) (message string, err error) {
	switch {
	case hook.Exec != nil:
		output, err := h.exec(ctx, id, hook.Exec.Command)
		if err != nil {
			message = fmt.Sprintf("Exec lifecycle hook (%v) for Container %q in Pod %q failed - error: %v, message: %q", hook.Exec.Command, c.Name, types.Format(pod), err, string(output))
		}
		return message, err
	case hook.HTTPGet != nil:
		err := h.http(ctx, hook.HTTPGet, c, ip)
		if err != nil {
			message = fmt.Sprintf("HTTP lifecycle hook (%s) for Container %q in Pod %q failed - error: %v", hook.HTTPGet.Path, c.Name, types.Format(pod), err)
		}
		return message, err
	case hook.Sleep != nil:
		err := h.sleep(ctx, time.Duration(hook.Sleep.Seconds)*time.Second)
		if err != nil {
			message = fmt.Sprintf("Sleep lifecycle hook (%d) for Container %q in Pod %q failed - error: %v", hook.Sleep.Seconds, c.Name, types.Format(pod), err)
		}
		return message, err
	}
	err = fmt.Errorf("invalid handler: %v", hook)
	return fmt.Sprintf("Cannot run handler: %v", err), err
}

func (h *Handlers) exec(ctx context.Context, id container.ID, cmd []string) ([]byte, error) {
	output, code, err := h.Runner.RunInContainer(ctx, id, cmd, 0)
	if err == nil && code != 0 {
		err = fmt.Errorf("command '%s' exited with %d: %s", join(cmd), code, output)
	}
	return output, err
}

func join(cmd []string) string {
	out := ""
	for i, w := range cmd {
		if i > 0 {
			out += " "
		}
		out += w
	}
	return out
}

func (h *Handlers) http(ctx context.Context, get *corev1.HTTPGetAction, c *corev1.Container, ip string) error {
	if get.Host == "" && ip == "" {
		return errors.New("failed to find networking container")
	}
	req, err := prober.NewRequest(get, c, ip, "lifecycle")
	if err != nil {
		return err
	}
	client := prober.Client(h.Network)
	defer client.CloseIdleConnections()
	resp, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	return resp.Body.Close()
}

func (h *Handlers) sleep(ctx context.Context, d time.Duration) error {
	t := h.Clock.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C():
		return nil
	case <-ctx.Done():
		return errors.New("container terminated before sleep hook finished")
	}
}
