package overview

import (
	"context"
	"fmt"
	"net/http"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"

	"kubergarten/engine/client"
	"kubergarten/engine/trace"
	"kubergarten/ui/frame"
)

// Deps is what the page needs.
type Deps struct {
	// Trace is what happens in the cluster; nil: the news are the events alone.
	Trace *trace.Recorder
	Clock clock.WithTickerAndDelayedExecution

	offers func(path string) bool // pages to link to
}

// Routes hangs the page into mux.
func Routes(mux *http.ServeMux, f *frame.Frame, d Deps) {
	d.offers = f.Offers
	f.Live("cluster", d.follow(frame.NewGallery(d.Clock)))
	mux.HandleFunc("GET /cluster", func(w http.ResponseWriter, r *http.Request) {
		s := look(r.Context(), frame.From(r.Context()).API)
		s.offers = d.offers
		news, _ := d.since(r.Context(), 0) // without an answer, none
		s.records = news.records
		f.Page(w, r, frame.Page{
			Title: frame.T(r.Context(), "overview.title"), Nav: "cluster", Live: "cluster",
			Styles: []string{"overview.css"}, Body: page(s, d.Clock.Now()),
		})
	})
}

// recent are the newest trace records, and a channel that closes when there are more.
type recent struct {
	records []trace.Record
	more    <-chan struct{}
}

// since are the trace records after seq, if the visitor may list all pods: the
// trace tells of objects of every namespace.
func (d Deps) since(ctx context.Context, seq uint64) (recent, error) {
	if d.Trace == nil {
		return recent{}, nil
	}
	may, err := mayListPods(ctx, frame.From(ctx).API)
	if err != nil || !may {
		return recent{}, err
	}
	records, more := d.Trace.Since(seq)
	return recent{records, more}, nil
}

func mayListPods(ctx context.Context, api client.Interface) (bool, error) {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "list", Resource: "pods"},
	}}
	at := client.Target{GroupVersionResource: authorizationv1.SchemeGroupVersion.WithResource("selfsubjectaccessreviews")}
	got, err := api.Create(ctx, at, review, metav1.CreateOptions{})
	if apierrors.IsForbidden(err) {
		return false, nil // who may not ask does not hear of other namespaces
	}
	if err != nil {
		return false, fmt.Errorf("ask whether pods may be listed: %w", err)
	}
	answer, ok := got.(*authorizationv1.SelfSubjectAccessReview)
	return ok && answer.Status.Allowed, nil
}
