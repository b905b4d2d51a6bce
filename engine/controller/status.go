package controller

// Upstream: pkg/controller/replicaset/replica_set_utils.go (updateReplicaSetStatus)

import (
	"context"
	"fmt"

	"kubergarten/engine/client"
)

// WriteStatus calls write with obj, and if that fails, once more with obj as get
// finds it now: the usual cause is a cache that lags behind, and a status does
// not depend on what it misses.
func WriteStatus[T client.Object](ctx context.Context, obj T, get func(ctx context.Context, ns, name string) (T, error), write func(T) error) error {
	err := write(obj)
	if err == nil {
		return nil
	}
	fresh, gerr := get(ctx, obj.GetNamespace(), obj.GetName())
	if gerr != nil {
		return fmt.Errorf("status of %s: %w", Key(obj), gerr)
	}
	if fresh.GetUID() == obj.GetUID() {
		err = write(fresh)
	}
	if err != nil {
		return fmt.Errorf("status of %s: %w", Key(obj), err)
	}
	return nil
}
