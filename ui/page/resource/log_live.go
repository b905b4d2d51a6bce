package resource

import (
	"context"
	"net/url"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/utils/clock"

	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// A logScene is a log that is followed. What comes is added to the newest lines,
// which alone are sent; when they are many, all lines are sent under another id.
type logScene struct {
	client  *kube.Client
	clock   clock.WithTickerAndDelayedExecution
	query   url.Values
	tail    *logTail
	now     logState
	painted map[string]logState // by language
}

// followLog shows a log as it grows.
func (p pages) followLog(ctx context.Context, q url.Values, send func(...frame.Part)) error {
	return p.gallery.Look(ctx, "log\x00"+q.Encode(), send, func(ctx context.Context) (frame.Scene, error) {
		c, err := kube.New(frame.From(ctx).REST)
		return &logScene{client: c, clock: p.clock, query: q, tail: &logTail{}, painted: map[string]logState{}}, err
	})
}

// Follow reads the log. When it ends, or cannot be had yet, the next change of
// the pod begins it again: the container may have restarted.
func (s *logScene) Follow(ctx context.Context, changed func()) error {
	pod, stop := s.pod(ctx)
	defer stop()
	settled := s.clock.AfterFunc(settling, func() { s.tail.settle(); changed() })
	defer settled.Stop()
	for {
		select { // of the changes until now, the log will tell
		case <-pod:
		default:
		}
		s.tail.begin()
		err := s.tail.read(ctx, s.client, s.query, true, changed)
		if ctx.Err() != nil {
			return nil
		}
		s.tail.end(err)
		changed()
		select {
		case <-ctx.Done():
			return nil
		case <-pod:
		}
	}
}

// pod gets a token when the pod changes.
func (s *logScene) pod(ctx context.Context) (changed <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	tokens, done := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(done)
		pods := kube.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("pods"), Namespace: s.query.Get("namespace")}
		only := fields.OneTermEqualSelector("metadata.name", s.query.Get("name")).String()
		_ = s.client.Follow(ctx, s.clock, pods, kube.Options{FieldSelector: only}, func(*kube.Table, *kube.Event) {
			select {
			case tokens <- struct{}{}:
			default:
			}
		})
	}()
	return tokens, func() { cancel(); <-done }
}

// Look takes in the lines, and divides them anew when the newest have grown many
// or something else than lines has come. Until what there was is read the page
// stays as it was opened.
func (s *logScene) Look(context.Context) {
	before, now := s.now, s.tail.state()
	if before.division == 0 && now.unknown() {
		return
	}
	came := now.lost + len(now.Lines) - before.lost - len(before.Lines)
	now.division, now.newer = before.division, before.newer+came
	same := before.begun == now.begun && before.lost == now.lost && before.Ended == now.Ended && before.Err == now.Err
	if before.division == 0 || !same || now.newer > newest {
		now.division, now.newer = before.division+1, 0
	}
	s.now = now
}

// Paint renders the newest lines, or all where they were divided anew.
func (s *logScene) Paint(ctx context.Context, lang string) frame.Painting {
	if s.now.division == 0 {
		return frame.Painting{All: func() []frame.Part { return nil }}
	}
	before := s.painted[lang]
	s.painted[lang] = s.now
	all := func() []frame.Part {
		return []frame.Part{{Target: "resource-log", HTML: frame.Paint(ctx, logPart(s.now))}}
	}
	switch {
	case before.division != s.now.division:
		return frame.Painting{All: all, Changed: all()}
	case before.newer != s.now.newer:
		return frame.Painting{All: all, Changed: []frame.Part{{Target: s.now.tailID(), HTML: frame.Paint(ctx, logTailPart(s.now))}}}
	}
	return frame.Painting{All: all}
}
