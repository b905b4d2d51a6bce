//go:build wasip1

package signal

import (
	"os"
	"syscall"
)

//go:wasmimport kubergarten signalfd
//go:noescape
func signalfd(fd *int32) syscall.Errno

//go:wasmimport kubergarten signal_default
func signal_default(sig, on uint32) syscall.Errno

const (
	numSig  = 65
	lastSig = 31 // the host's last
)

// signals is the file signals arrive at, opened when the first is wanted.
var signals *os.File

func init() { watchSignalLoop = loop }

func loop() {
	var b [1]byte
	for {
		if n, err := signals.Read(b[:]); n == 0 || err != nil {
			return
		}
		process(syscall.Signal(b[0]))
	}
}

func signum(sig os.Signal) int {
	if s, ok := sig.(syscall.Signal); ok && int(s) < numSig {
		return int(s)
	}
	return -1
}

// open takes the descriptor, and leaves every signal its default action.
func open() {
	var fd int32
	if signalfd(&fd) != 0 {
		return
	}
	syscall.SetNonblock(int(fd), true)
	for s := uint32(1); s <= lastSig; s++ {
		signal_default(s, 1)
	}
	signals = os.NewFile(uintptr(fd), "signalfd")
}

func enableSignal(sig int) {
	if signals == nil {
		open()
	}
	ignored[sig] = false
	signal_default(uint32(sig), 0)
}

func disableSignal(sig int) {
	ignored[sig] = false
	if signals != nil {
		signal_default(uint32(sig), 1)
	}
}

// ignored has the signals that are caught to be thrown away.
var ignored [numSig]bool

func ignoreSignal(sig int) {
	enableSignal(sig)
	watchSignalLoopOnce.Do(func() { go watchSignalLoop() })
	ignored[sig] = true
}

func signalIgnored(sig int) bool { return ignored[sig] }

func signalWaitUntilIdle() {}
