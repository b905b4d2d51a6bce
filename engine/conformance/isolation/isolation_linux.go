package isolation

import (
	"context"
	"errors"
	"flag"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// offlineEnv tells a test's own second process that it is offline.
const offlineEnv = "KUBERGARTEN_TEST_OFFLINE"

// Offline runs the calling test once more in a process that has no network but
// its own loopback: no address of the outside can be reached, by the server, by
// its children or by the browser. It returns true in that process. In the first
// one it returns false, when that process has ended.
//
// Where the kernel gives a test no network namespace, or one that it has no say
// in, the test runs in place; its skipped part "offline" says so.
func Offline(t *testing.T) bool {
	t.Helper()
	if os.Getenv(offlineEnv) != "" {
		loopbackUp(t)
		refused(t)
		return true
	}
	err := second(t).Run()
	if inPlace(err) {
		t.Run("offline", func(t *testing.T) {
			t.Skipf("this kernel gives a test no network of its own, so it runs with the computer's: %v", err)
		})
		return true
	}
	if err != nil {
		t.Fatalf("offline: %v", err)
	}
	return false
}

// second is the process for the calling test alone, in namespaces of its own.
func second(t *testing.T) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run="+only(t), "-test.v", "-test.timeout=15m")
	cmd.Env = append(os.Environ(), offlineEnv+"=1")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	return cmd
}

// powerless is the exit code of a second process that may not set up its
// network: so it is where users may make namespaces, but have no capabilities in them.
const powerless = 77

// inPlace tells whether the second process could not be, so that the first must do.
func inPlace(err error) bool {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode() == powerless
	}
	return err != nil
}

// only is the pattern of this test alone, and of those of its parts that were
// asked for: "^TestJourneys$/en-light".
func only(t *testing.T) string {
	_, parts, some := strings.Cut(flag.Lookup("test.run").Value.String(), "/")
	if some {
		return "^" + t.Name() + "$/" + parts
	}
	return "^" + t.Name() + "$"
}

// loopbackUp is `ip link set lo up`.
func loopbackUp(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	switch err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); {
	case errors.Is(err, unix.EPERM):
		os.Exit(powerless)
	case err != nil:
		t.Fatalf("loopback: %v", err)
	}
}

// refused sees that addresses of the outside really cannot be reached.
func refused(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
	defer stop()
	for _, outside := range []string{"1.1.1.1:53", "192.0.2.1:80", "[2606:4700:4700::1111]:443"} {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", outside)
		if err == nil {
			c.Close()
			t.Fatalf("%s can be reached: nothing is shown here", outside)
		}
		if !unreachable(err) {
			t.Fatalf("%s: %v, want that the network is unreachable", outside, err)
		}
	}
}

// unreachable tells whether there is no way to an address: no route, no address
// of one's own, or no such protocol, as IPv6 on some kernels.
func unreachable(err error) bool {
	return slices.ContainsFunc([]error{unix.ENETUNREACH, unix.EADDRNOTAVAIL, unix.EAFNOSUPPORT}, func(e error) bool { return errors.Is(err, e) })
}
