package registry

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
)

func newEvent(name string) *eventsv1.Event {
	return &eventsv1.Event{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"}, EventTime: metav1.NewMicroTime(epoch()),
		ReportingController: "kubernetes.io/test", ReportingInstance: "me", Action: "Doing", Reason: "Because", Type: "Normal",
		Regarding: corev1.ObjectReference{Kind: "Pod", Namespace: "default", Name: "p"}, Note: "It was so.",
	}
}

// as returns f, whose requests are of gv's group and version.
func (f *fixture) as(group, version string) *fixture {
	c := *f
	c.ctx = genericapirequest.WithRequestInfo(f.ctx, &genericapirequest.RequestInfo{APIGroup: group, APIVersion: version, Resource: "events"})
	return &c
}

// TestEventTwins: one event, seen through both groups.
func TestEventTwins(t *testing.T) {
	f := newFixture(t)
	news, olds := f.as("events.k8s.io", "v1"), f.as("", "v1")
	mustCreate(news, newEvent("e"))
	old, err := read[*corev1.Event](olds, "e")
	if err != nil || old.InvolvedObject.Name != "p" || old.Message != "It was so." || old.ReportingController != "kubernetes.io/test" {
		t.Fatalf("core event is %+v, %v", old, err)
	}
	mustUpdate(olds, "e", "", func(e *corev1.Event) { e.Count = 4 })
	got := mustUpdate(news, "e", "", func(e *eventsv1.Event) {
		e.Series = &eventsv1.EventSeries{Count: 2, LastObservedTime: metav1.NewMicroTime(epoch())}
	})
	if got.DeprecatedCount != 4 || got.Series.Count != 2 || got.Regarding.Name != "p" {
		t.Errorf("event is %+v", got)
	}
	list, err := at[rest.Lister](news, gvrOf(t, newEvent("")), "").List(news.ctx, &internalversion.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	l := list.(*eventsv1.EventList)
	if len(l.Items) != 1 || l.Items[0].Note != "It was so." || l.ResourceVersion == "" {
		t.Errorf("list is %+v", l)
	}
	bad := newEvent("bad")
	bad.Action = ""
	_, err = create(news, bad)
	wantError(t, err, `Event "bad" is invalid: action: Required value`)
}

func TestEventTwinsWatch(t *testing.T) {
	f := newFixture(t).as("events.k8s.io", "v1")
	w, err := at[rest.Watcher](f, gvrOf(t, newEvent("")), "").Watch(f.ctx, &internalversion.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	mustCreate(f, newEvent("e"))
	e := <-w.ResultChan()
	got, ok := e.Object.(*eventsv1.Event)
	if e.Type != watch.Added || !ok || got.Note != "It was so." {
		t.Errorf("event is %v %T %v", e.Type, e.Object, e.Object)
	}
}

func TestEventsPass(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.EventTTL = time.Minute }).as("events.k8s.io", "v1")
	w, err := at[rest.Watcher](f, gvrOf(t, newEvent("")), "").Watch(f.ctx, &internalversion.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	mustCreate(f, newEvent("e"))
	<-w.ResultChan()
	f.clock.Step(10 * time.Minute)
	if e := <-w.ResultChan(); e.Type != watch.Deleted {
		t.Errorf("event is %v", e.Type)
	}
	if _, err := read[*eventsv1.Event](f, "e"); !apierrors.IsNotFound(err) {
		t.Errorf("still there: %v", err)
	}
}
