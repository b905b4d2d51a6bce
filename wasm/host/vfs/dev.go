package vfs

import (
	"crypto/rand"
	"syscall"
)

// devDir is /dev.
type devDir struct{}

func devices() map[string]Entry {
	link := func(target string) Entry {
		return Entry{Perm: 0o777, Link: func(int) string { return target }}
	}
	return map[string]Entry{
		"null":    {Perm: 0o666, Device: devNull{}, Rdev: 1<<8 | 3},
		"zero":    {Perm: 0o666, Device: devZero{}, Rdev: 1<<8 | 5},
		"full":    {Perm: 0o666, Device: devFull{}, Rdev: 1<<8 | 7},
		"random":  {Perm: 0o666, Device: devRandom{}, Rdev: 1<<8 | 8},
		"urandom": {Perm: 0o666, Device: devRandom{}, Rdev: 1<<8 | 9},
		"tty":     {Perm: 0o666, Rdev: 5 << 8, Magic: &Magic{TTY: true}},
		"stdin":   link("/proc/self/fd/0"),
		"stdout":  link("/proc/self/fd/1"),
		"stderr":  link("/proc/self/fd/2"),
		"fd":      link("/proc/self/fd"),
	}
}

func (devDir) Lookup(name string) (Entry, bool) {
	e, ok := devices()[name]
	return e, ok
}

func (devDir) Names() []string { return sortedKeys(devices()) }

type devNull struct{}

func (devNull) Read([]byte) (int, error)    { return 0, nil }
func (devNull) Write(p []byte) (int, error) { return len(p), nil }

type devZero struct{ devNull }

func (devZero) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

type devFull struct{ devZero }

func (devFull) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

type devRandom struct{ devNull }

func (devRandom) Read(p []byte) (int, error) { return rand.Read(p) }
