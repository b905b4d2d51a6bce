package resource

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// errNoRow tells that the API server has printed nothing for an object.
var errNoRow = errors.New("the API server gave an empty table")

// A detailScene is an object that is followed, with what belongs to it. What
// changes is only a reason to look again, as the page does when it is opened.
type detailScene struct {
	subject
	clock clock.WithTickerAndDelayedExecution

	mu     sync.Mutex
	family map[types.UID]bool // the object and what it owns

	now     *seen
	gone    error
	painted map[string]map[string]string // by language and target
}

// followDetail shows an object as it changes.
func (p pages) followDetail(ctx context.Context, q url.Values, send func(...frame.Part)) error {
	return p.gallery.Look(ctx, "object\x00"+q.Encode(), send, func(ctx context.Context) (frame.Scene, error) {
		s, err := named(ctx, q)
		return &detailScene{subject: s, clock: p.clock, painted: map[string]map[string]string{}}, err
	})
}

// Follow follows the object and its kin, anew whenever the object selects others.
func (d *detailScene) Follow(ctx context.Context, changed func()) error {
	for ctx.Err() == nil {
		u, err := d.client.Get(ctx, d.Target)
		if apierrors.IsNotFound(err) {
			u, err = &unstructured.Unstructured{}, nil // it may come back
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		if err == nil {
			d.round(ctx, u, changed)
		}
	}
	return nil
}

// round follows the object, its kin and their events until ctx ends or the
// object selects others than u does. What the visitor may not watch does not
// move; the page says why. If that is all of it, the round waits all the same.
func (d *detailScene) round(ctx context.Context, u *unstructured.Unstructured, changed func()) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	follow := func(t kube.Target, o kube.Options, change func(*kube.Table, *kube.Event)) {
		running.Go(func() { _ = d.client.Follow(ctx, d.clock, t, o, change) })
	}
	self, selector := d.Target, selectorOf(u)
	self.Name = ""
	follow(self, kube.Options{FieldSelector: fields.OneTermEqualSelector("metadata.name", d.Name).String(), Whole: true}, func(_ *kube.Table, e *kube.Event) {
		changed()
		if e != nil && slices.ContainsFunc(e.Rows, func(r *kube.Row) bool { return selects(r) != selector }) {
			stop()
		}
	})
	for _, kin := range d.kin(u) {
		follow(kin.Target, kube.Options{LabelSelector: kin.Labels}, func(*kube.Table, *kube.Event) { changed() })
	}
	events := kube.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("events"), Namespace: d.Namespace}
	follow(events, kube.Options{FieldSelector: d.eventFields(), Whole: true}, func(_ *kube.Table, e *kube.Event) {
		if e == nil || slices.ContainsFunc(e.Rows, d.ours) {
			changed()
		}
	})
	<-ctx.Done()
	running.Wait()
}

// selects is what a row's object selects.
func selects(r *kube.Row) string {
	var u unstructured.Unstructured
	if json.Unmarshal(r.Object, &u.Object) != nil {
		return ""
	}
	return selectorOf(&u)
}

// ours tells whether an event is about the object or what it owns.
func (d *detailScene) ours(r *kube.Row) bool {
	var e corev1.Event
	if json.Unmarshal(r.Object, &e) != nil {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.concerns(e, d.family)
}

// Look reads all anew. What cannot be read now is left as it was.
func (d *detailScene) Look(ctx context.Context) {
	v, err := look(ctx, d.subject, d.clock.Now())
	switch {
	case apierrors.IsNotFound(err):
		d.now, d.gone = nil, err
	case err == nil:
		d.now, d.gone = v, nil
		d.mu.Lock()
		d.family = v.family()
		d.mu.Unlock()
	}
}

func (d *detailScene) Paint(ctx context.Context, lang string) frame.Painting {
	var parts []frame.Part
	switch {
	case d.gone != nil:
		parts = []frame.Part{{Target: "resource-status", HTML: gonePart(d.gone)}}
	case d.now != nil:
		parts = d.now.sections()
	}
	return d.compare(ctx, lang, parts)
}

// compare renders parts and finds those that differ from the painting before.
func (d *detailScene) compare(ctx context.Context, lang string, parts []frame.Part) frame.Painting {
	before, now := d.painted[lang], map[string]string{}
	d.painted[lang] = now
	var changed []frame.Part
	for i, p := range parts {
		html := frame.Paint(ctx, p.HTML)
		parts[i].HTML, now[p.Target] = html, html.HTML()
		if before[p.Target] != now[p.Target] {
			changed = append(changed, parts[i])
		}
	}
	return frame.Painting{All: func() []frame.Part { return parts }, Changed: changed}
}
