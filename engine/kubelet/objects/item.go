package objects

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"kubergarten/engine/client"
)

// again is how long a watch that was refused waits before it is tried again.
const again = time.Second

// item is one object that is watched. Its fields are guarded by m.mu.
type item struct {
	key   Key
	m     *Manager
	pods  map[types.UID]struct{}
	obj   client.Object // nil: it does not exist
	known chan struct{} // closed once it is known whether it exists
	stop  context.CancelFunc
}

func (i *item) resource() schema.GroupVersionResource {
	if i.key.Kind == "secret" {
		return client.ResourceOf[*corev1.Secret]()
	}
	return client.ResourceOf[*corev1.ConfigMap]()
}

// run watches the object until ctx is done, with a new watch for each that ends.
func (i *item) run(ctx context.Context) {
	for ctx.Err() == nil {
		if i.follow(ctx) {
			continue
		}
		t := i.m.clock.NewTimer(again)
		select {
		case <-t.C():
		case <-ctx.Done():
		}
		t.Stop()
	}
}

// follow is one watch; it reports whether the watch was granted.
func (i *item) follow(ctx context.Context) bool {
	yes := true
	w, err := i.m.api.Watch(ctx, client.Target{GroupVersionResource: i.resource(), Namespace: i.key.Namespace}, metav1.ListOptions{
		FieldSelector:        fields.OneTermEqualSelector("metadata.name", i.key.Name).String(),
		SendInitialEvents:    &yes,
		AllowWatchBookmarks:  true,
		ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
	})
	if err != nil {
		return false
	}
	defer w.Stop()
	seen := false // whether this watch has shown the object
	for e := range w.ResultChan() {
		obj, _ := e.Object.(client.Object)
		switch e.Type {
		case watch.Added, watch.Modified:
			seen = true
			i.set(obj)
		case watch.Deleted:
			seen = false
			i.set(nil)
		case watch.Bookmark:
			if obj.GetAnnotations()[metav1.InitialEventsAnnotationKey] == "true" && !seen {
				i.set(nil)
			}
		case watch.Error:
			return false
		}
	}
	return true
}

// set notes what the object is now and tells its pods if that is news.
func (i *item) set(obj client.Object) {
	i.m.mu.Lock()
	was := i.obj
	i.obj = obj
	news := true
	select {
	case <-i.known:
		news = version(was) != version(obj)
	default:
		close(i.known)
	}
	var pods []types.UID
	for uid := range i.pods {
		pods = append(pods, uid)
	}
	i.m.mu.Unlock()
	if news {
		i.m.changed(pods)
	}
}

func version(o client.Object) string {
	if o == nil {
		return ""
	}
	return o.GetResourceVersion()
}
