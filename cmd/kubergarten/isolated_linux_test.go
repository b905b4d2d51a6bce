package main

import (
	"context"
	"errors"
	"flag"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// offlineEnv tells a test's own second process that it is offline.
const offlineEnv = "KUBERGARTEN_TEST_OFFLINE"

// isolated runs the calling test once more in a process that has no network but
// its own loopback: no address of the outside can be reached, by the server, by
// its children or by the browser. It returns true in that process. In the first
// one it returns false, when that process has ended.
//
// Where the kernel gives a test no network namespace the test runs in place.
func isolated(t *testing.T) bool {
	t.Helper()
	if os.Getenv(offlineEnv) != "" {
		loopbackUp(t)
		refused(t)
		return true
	}
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
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Logf("this kernel gives a test no network of its own, so it runs with the computer's: %v", err)
		return true
	}
	if err != nil {
		t.Fatalf("offline: %v", err)
	}
	return false
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
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
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
		if !errors.Is(err, unix.ENETUNREACH) && !errors.Is(err, unix.EADDRNOTAVAIL) {
			t.Fatalf("%s: %v, want that the network is unreachable", outside, err)
		}
	}
}
