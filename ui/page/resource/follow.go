package resource

import (
	"context"
	"errors"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"

	"kubergarten/ui/kube"
)

// apart is the least time between two looks at an object.
const apart = 300 * time.Millisecond

// errNoRow tells that the API server has printed nothing for an object.
var errNoRow = errors.New("the API server gave an empty table")

func isGone(err error) bool { return apierrors.IsNotFound(err) }

// watchAll marks dirty whenever the object, its events or what it may own
// changes. The function it returns waits until the watches have ended.
func (p pages) watchAll(ctx context.Context, s subject, dirty chan<- struct{}) (wait func()) {
	mark := func(*kube.Table) {
		select {
		case dirty <- struct{}{}:
		default:
		}
	}
	var running sync.WaitGroup
	follow := func(t kube.Target, o kube.Options) {
		running.Go(func() {
			// What the visitor may not watch does not move; the page says why.
			_ = s.client.Follow(ctx, p.clock, t, o, mark)
		})
	}
	self := s.Target
	self.Name = ""
	follow(self, kube.Options{FieldSelector: fields.OneTermEqualSelector("metadata.name", s.Name).String()})
	events := kube.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("events"), Namespace: s.Namespace}
	follow(events, kube.Options{FieldSelector: s.eventFields()})
	for _, gvr := range ownable(s.GroupVersionResource) {
		follow(kube.Target{GroupVersionResource: gvr, Namespace: s.Namespace}, kube.Options{})
	}
	return running.Wait
}
