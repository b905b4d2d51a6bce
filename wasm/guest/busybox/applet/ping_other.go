//go:build !wasip1

package applet

import (
	"net/netip"
	"syscall"
	"time"
)

func echoRequest(netip.Addr, time.Duration) (time.Duration, error) { return 0, syscall.ENOSYS }
