package controller

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
)

// A Loop calls sync for each key that was enqueued, once at a time per key.
type Loop struct {
	name      string
	log       *slog.Logger
	informers *client.Informers
	workers   int
	sync      func(ctx context.Context, key string) error
	queue     workqueue.TypedRateLimitingInterface[string]
}

// NewLoop returns the loop of the controller of that name. It starts nothing.
func NewLoop(name string, cc Context, workers int, sync func(ctx context.Context, key string) error) *Loop {
	return &Loop{
		name: name, log: cc.Log, informers: cc.Informers, workers: workers, sync: sync,
		queue: newQueue(name, cc.Clock),
	}
}

func newQueue(name string, c clock.Clock) workqueue.TypedRateLimitingInterface[string] {
	backoff := workqueue.NewTypedItemExponentialFailureRateLimiter[string](5*time.Millisecond, 1000*time.Second)
	return workqueue.NewTypedRateLimitingQueueWithConfig(backoff,
		workqueue.TypedRateLimitingQueueConfig[string]{Name: name, Clock: c})
}

// Name returns the controller's name.
func (l *Loop) Name() string { return l.name }

// Enqueue asks for a sync of obj.
func (l *Loop) Enqueue(obj metav1.Object) { l.queue.Add(Key(obj)) }

// EnqueueKey asks for a sync of the object of that key.
func (l *Loop) EnqueueKey(key string) { l.queue.Add(key) }

// EnqueueAfter asks for a sync of the object of that key, d of cluster time from now.
func (l *Loop) EnqueueAfter(key string, d time.Duration) { l.queue.AddAfter(key, d) }

// Run works until ctx is done.
func (l *Loop) Run(ctx context.Context) error {
	defer l.queue.ShutDown()
	if err := l.informers.Synced(ctx); err != nil {
		return nil // asked to stop before the caches were full
	}
	var wg sync.WaitGroup
	for range l.workers {
		wg.Go(func() {
			for l.next(ctx) {
			}
		})
	}
	<-ctx.Done()
	l.queue.ShutDown()
	wg.Wait()
	return nil
}

// next works off one key and reports whether there may be more.
func (l *Loop) next(ctx context.Context) bool {
	key, quit := l.queue.Get()
	if quit {
		return false
	}
	defer l.queue.Done(key)
	err := l.guarded(ctx, key)
	if err != nil && !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) { // which takes everything with it
		l.failed(ctx, key, err)
		return true
	}
	l.queue.Forget(key)
	return true
}

// guarded is sync, with a panic turned into an error: one bad object must not
// stop the controller.
func (l *Loop) guarded(ctx context.Context, key string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return l.sync(ctx, key)
}

func (l *Loop) failed(ctx context.Context, key string, err error) {
	if ctx.Err() != nil {
		return
	}
	level := slog.LevelWarn
	if apierrors.IsConflict(err) { // the cache was behind: what it missed is on its way
		level = slog.LevelDebug
	}
	l.log.Log(ctx, level, "sync failed, will be retried", "key", key, "err", err)
	l.queue.AddRateLimited(key)
}

// On calls enqueue for each object of an informer that is added, changed or
// deleted; the loop waits for the first list before it works.
func On[T client.Object](l *Loop, informer client.Informer[T], enqueue func(T)) error {
	return Watch(l, informer, client.Handler[T]{Add: enqueue, Update: func(_, obj T) { enqueue(obj) }, Delete: enqueue})
}

// Watch is On with a handler of one's own.
func Watch[T client.Object](l *Loop, informer client.Informer[T], h client.Handler[T]) error {
	if _, err := informer.OnChange(h); err != nil {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	return nil
}

// Key returns "namespace/name", or "name" for what has no namespace.
func Key(obj metav1.Object) string {
	if obj.GetNamespace() == "" {
		return obj.GetName()
	}
	return obj.GetNamespace() + "/" + obj.GetName()
}

// SplitKey takes Key apart.
func SplitKey(key string) (namespace, name string) {
	namespace, name, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		return "", key
	}
	return namespace, name
}

// HasFinalizer reports whether obj carries the finalizer.
func HasFinalizer(obj metav1.Object, finalizer string) bool {
	for _, f := range obj.GetFinalizers() {
		if f == finalizer {
			return true
		}
	}
	return false
}
