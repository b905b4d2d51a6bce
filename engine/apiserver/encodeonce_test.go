package apiserver

import (
	"bytes"
	"io"
	"net/http/httptest"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"

	"kubergarten/engine/api"
)

// cached is an object that remembers its encodings, and how many there were.
type cached struct {
	*corev1.Pod
	done  map[runtime.Identifier][]byte
	times int
}

func (c *cached) GetObject() runtime.Object { return c.Pod }

func (c *cached) CacheEncode(id runtime.Identifier, encode func(runtime.Object, io.Writer) error, w io.Writer) error {
	if _, ok := c.done[id]; !ok {
		var b bytes.Buffer
		if err := encode(c.Pod, &b); err != nil {
			return err
		}
		c.done[id], c.times = b.Bytes(), c.times+1
	}
	_, err := w.Write(c.done[id])
	return err
}

func TestEventsAreEncodedOnce(t *testing.T) {
	h := newHarness(t)
	encoder := func(accept string) *eventEncoder {
		q := &request{endpoint: h.serves[where{pods(), ""}], user: userNamed("alice"), ns: "default", verb: "watch"}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept", accept)
		a, err := q.accepts(r)
		if err != nil {
			t.Fatal(err)
		}
		info, _ := runtime.SerializerInfoForMediaType(api.Codecs().SupportedMediaTypes(), a.info.MediaType)
		return &eventEncoder{answer: a, r: r, info: info, out: &bytes.Buffer{}}
	}
	event := func() (*cached, watch.Event) {
		c := &cached{Pod: makePod("default", "web"), done: map[runtime.Identifier][]byte{}}
		return c, watch.Event{Type: watch.Added, Object: c}
	}
	for _, c := range []struct {
		name    string
		accepts []string
		times   int
	}{
		{"the same form", []string{"application/json", "application/json", "application/json"}, 1},
		{"three forms", []string{"application/json", "application/vnd.kubernetes.protobuf", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"}, 3},
		{"tables", []string{asTable, asTable}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			obj, e := event()
			for _, accept := range c.accepts {
				if err := encoder(accept).encode(e); err != nil {
					t.Fatal(err)
				}
			}
			if obj.times != c.times {
				t.Errorf("encoded %d times, want %d", obj.times, c.times)
			}
		})
	}
	t.Run("a later table has no columns", func(t *testing.T) {
		obj, e := event()
		enc := encoder(asTable)
		for range 3 {
			if err := enc.encode(e); err != nil {
				t.Fatal(err)
			}
		}
		if obj.times != 2 || enc.table.IncludeObject != metav1.IncludeObjectPolicy("") {
			t.Errorf("encoded %d times, want 2: with and without columns", obj.times)
		}
	})
}
