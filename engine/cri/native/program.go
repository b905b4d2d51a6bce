package native

import (
	"context"
	"io"
	"io/fs"
	"time"

	"kubergarten/engine/network"
)

// A Program is one of our own components as a container runs it: main, with
// what a process gets from its container. It ends when ctx is done (SIGTERM),
// or on its own; a nil error is exit code 0, an ExitError its code, any other
// error is written to Stderr and is exit code 1. A panic is exit code 2.
type Program func(ctx context.Context, p Process) error

// A Process is what a program finds around it.
type Process struct {
	Args           []string // without the program's name
	Env            []string // "KEY=value"
	Stdout, Stderr io.Writer
	FS             fs.FS              // the container's mounts: p.FS.Open("etc/kubernetes/scheduler.conf")
	Net            *network.Namespace // of the pod, or of the node for host network pods
	Node           string             // the name of the node it runs on
	Hostname       string
	Grace          time.Duration // from SIGTERM to SIGKILL
}
