package applet

import (
	"bufio"
	"io"
	"sync"

	"kubergarten/wasm/guest/busybox/ash"
)

// shell is sh and ash.
func shell(p *Proc) int {
	return ash.Main(p.Name, p.Args, utilities())
}

// utilities are the applets that are the shell's own.
func utilities() map[string]ash.Utility {
	return map[string]ash.Utility{
		"echo":   lend("echo", echo),
		"printf": lend("printf", printf),
		"test":   lend("test", test),
		"[":      lend("[", test),
	}
}

// lend makes an applet a command of the shell's own. Its buffers are kept:
// loops run it often.
func lend(name string, do func(*Proc) int) ash.Utility {
	kept := sync.Pool{New: func() any { return bufio.NewWriterSize(io.Discard, 512) }}
	return func(args []string, in io.Reader, out, errs io.Writer) int {
		w := kept.Get().(*bufio.Writer)
		defer kept.Put(w)
		w.Reset(out)
		p := &Proc{Name: name, says: "sh", Args: args, In: in, Out: w, Err: errs}
		status := do(p)
		if err := w.Flush(); err != nil && status == 0 {
			status = 1
		}
		return status
	}
}
