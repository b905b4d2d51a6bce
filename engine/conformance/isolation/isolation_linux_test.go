package isolation

import (
	"context"
	"net"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWhatIsOffline(t *testing.T) {
	for err, want := range map[error]bool{
		nil: false, unix.EPERM: true, unix.ENOSPC: true,
		exec.Command("sh", "-c", "exit 77").Run(): true, exec.Command("sh", "-c", "exit 1").Run(): false,
	} {
		if got := inPlace(err); got != want {
			t.Errorf("in place after %v: %v", err, got)
		}
	}
	for err, want := range map[error]bool{
		unix.ENETUNREACH: true, unix.EAFNOSUPPORT: true, unix.ECONNREFUSED: false, context.DeadlineExceeded: false,
	} {
		if got := unreachable(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", err)}); got != want {
			t.Errorf("unreachable after %v: %v", err, got)
		}
	}
}
