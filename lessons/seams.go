package lessons

import (
	"context"
	"io"

	"kubergarten/engine/client"
)

// A Learner is who takes a lesson.
type Learner struct {
	ID   string           // stable: progress is kept under it
	API  client.Interface // the cluster as the learner may use it
	Desk Desk             // the learner's files; nil: none
}

// A Desk is where a learner's files lie.
type Desk interface {
	// Put writes a file. When fresh is false, a file that is there stays as it is.
	Put(ctx context.Context, name string, data []byte, fresh bool) error
}

// Presets change the flags of the control plane's components.
type Presets interface {
	// Set gives the components flags instead of those that it gave them before;
	// with none they have their own again. It does not wait until they run with
	// them. It fails with ErrNotOwner if the learner may not do that.
	Set(ctx context.Context, learner string, flags Flags) error
}

// A Prober asks the cluster what its objects do not tell. It asks as the engine,
// not as the learner.
type Prober interface {
	// HTTP makes a GET request from inside the cluster.
	HTTP(ctx context.Context, url string) (status int, body string, err error)
	// Exec runs a command in a container.
	Exec(ctx context.Context, namespace, pod, container string, cmd []string) (code int, stdout, stderr string, err error)
	// Logs reads a container's log from its beginning, and goes on as it grows
	// if follow is true, until the container ends or the reader is closed.
	Logs(ctx context.Context, namespace, pod, container string, follow bool) (io.ReadCloser, error)
}
