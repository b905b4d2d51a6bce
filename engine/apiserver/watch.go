package apiserver

// Upstream: k8s.io/apiserver pkg/endpoints/handlers/watch.go

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metainternalversion "k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"

	"kubergarten/engine/api"
	"kubergarten/engine/storage"
)

// serveWatch streams events until the client has enough, or its time is up.
func (q *request) serveWatch(w http.ResponseWriter, r *http.Request, a answer) error {
	var opts metainternalversion.ListOptions
	if err := options(r.URL.Query(), &opts); err != nil {
		return err
	}
	opts.Watch = true
	info, err := negotiation.NegotiateOutputMediaTypeStream(r, api.Codecs(), q.endpoint)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), q.srv.watchTime(opts.TimeoutSeconds))
	defer cancel()
	events, err := q.watch(storage.ForWire(ctx), &opts)
	if err != nil {
		return err
	}
	defer events.Stop()
	flusher, ok := w.(http.Flusher)
	if !ok {
		return apierrors.NewInternalError(fmt.Errorf("unable to start watch - can't get http.Flusher: %T", w))
	}
	w.Header().Set("Content-Type", streamType(info.MediaType))
	w.WriteHeader(http.StatusOK)
	flusher.Flush()
	q.srv.metrics.watching(q.gvr, 1)
	defer q.srv.metrics.watching(q.gvr, -1)
	enc := &eventEncoder{answer: a, r: r.WithContext(ctx), info: info, out: info.StreamSerializer.NewFrameWriter(w)}
	q.pump(ctx, events, enc, flusher)
	return nil
}

// pump writes events; it flushes whenever no more are waiting.
func (q *request) pump(ctx context.Context, events watch.Interface, enc *eventEncoder, flusher http.Flusher) {
	ch := events.ResultChan()
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.srv.stopping:
			return
		case e, ok := <-ch:
			if !ok {
				return
			}
			if err := enc.encode(e); err != nil {
				return // the client is gone
			}
			if len(ch) == 0 {
				flusher.Flush()
			}
		}
	}
}

// watchTime is how long a watch lasts: what the client says, else at least the
// minimum, spread out so that not all come back at once.
func (s *Server) watchTime(seconds *int64) time.Duration {
	if seconds != nil && *seconds > 0 {
		return time.Duration(*seconds) * time.Second
	}
	return time.Duration(float64(s.cfg.MinRequestTimeout) * (1 + rand.Float64()))
}

func streamType(mediaType string) string {
	if mediaType == runtime.ContentTypeJSON {
		return mediaType
	}
	return mediaType + ";stream=watch"
}

// An eventEncoder writes events as one watch wants them. An event that others
// want in the same form is encoded once for all of them.
type eventEncoder struct {
	answer
	r    *http.Request
	info runtime.SerializerInfo
	out  io.Writer
}

func (e *eventEncoder) encode(ev watch.Event) error {
	doc := func(obj runtime.Object, w io.Writer) error { return e.document(ev.Type, obj, w) }
	if c, ok := ev.Object.(runtime.CacheableObject); ok {
		if err := c.CacheEncode(e.form(ev.Type), doc, e.out); err != nil {
			return err
		}
	} else if err := doc(ev.Object, e.out); err != nil {
		return err
	}
	if e.table != nil {
		e.table.NoHeaders = true // only the first event has the columns
	}
	return nil
}

// form identifies what document makes of an object: the same form, the same bytes.
func (e *eventEncoder) form(t watch.EventType) runtime.Identifier {
	id := fmt.Sprintf("watch/%s/%s/%s/%v", t, e.answer.info.Serializer.Identifier(), e.q.kind.GroupVersion(), e.as)
	if e.table != nil {
		id += fmt.Sprintf("/%v/%s", e.table.NoHeaders, e.table.IncludeObject)
	}
	return runtime.Identifier(id)
}

// document writes the event about obj.
func (e *eventEncoder) document(t watch.EventType, obj runtime.Object, w io.Writer) error {
	out, err := e.transform(e.r, obj)
	if err != nil {
		return err
	}
	var inner, outer bytes.Buffer
	if err := e.answer.info.Serializer.Encode(out, &inner); err != nil {
		return err
	}
	ev := &metav1.WatchEvent{Type: string(t), Object: runtime.RawExtension{Raw: inner.Bytes()}}
	if err := e.info.StreamSerializer.Encode(ev, &outer); err != nil {
		return err
	}
	_, err = w.Write(outer.Bytes())
	return err
}

// bounded is w, which ends after the seconds that the client asked for, if any.
func (s *Server) bounded(w watch.Interface, seconds *int64) watch.Interface {
	if seconds == nil || *seconds <= 0 {
		return w
	}
	t := s.deps.Clock.AfterFunc(time.Duration(*seconds)*time.Second, w.Stop)
	return timedWatch{w, func() { t.Stop() }}
}

// timedWatch is a watch with a timer to stop.
type timedWatch struct {
	watch.Interface
	stopTimer func()
}

// Stop implements watch.Interface.
func (w timedWatch) Stop() {
	w.stopTimer()
	w.Interface.Stop()
}
