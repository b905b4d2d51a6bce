package applet

import (
	"net/netip"
	"syscall"
	"time"
	"unsafe"
)

//go:wasmimport kubergarten ping
//go:noescape
func hostPing(addr *byte, n, timeoutMillis uint32, micros *uint32) uint32

func echoRequest(addr netip.Addr, timeout time.Duration) (time.Duration, error) {
	raw := addr.AsSlice()
	var micros uint32
	if errno := hostPing(unsafe.SliceData(raw), uint32(len(raw)), uint32(timeout.Milliseconds()), &micros); errno != 0 {
		return 0, syscall.Errno(errno)
	}
	return time.Duration(micros) * time.Microsecond, nil
}
