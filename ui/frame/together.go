package frame

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// Together runs the parts of a view until ctx ends or one of them fails, waits
// for all, and returns the first error.
func Together(ctx context.Context, parts ...func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, part := range parts {
		g.Go(func() error { return contain("view", func() error { return part(ctx) }) })
	}
	return g.Wait()
}

// contain turns a panic into an error: a page's mistake ends what did it, whose
// tabs are told, and nothing else.
func contain(what string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s panicked: %v", what, p)
		}
	}()
	return f()
}
