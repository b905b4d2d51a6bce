package resource

import (
	"cmp"
	"net/http"
	"net/url"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/clock"

	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// none stands for the namespace of an object that has none.
const none = "_"

// Deps is what the pages need.
type Deps struct {
	Clock clock.WithTickerAndDelayedExecution
}

// pages are the handlers.
type pages struct {
	frame   *frame.Frame
	clock   clock.WithTickerAndDelayedExecution
	gallery *frame.Gallery
}

// Routes hangs the pages into mux.
func Routes(mux *http.ServeMux, f *frame.Frame, d Deps) {
	p := pages{f, d.Clock, frame.NewGallery(d.Clock)}
	f.Live("resources", p.followList)
	f.Live("resource", p.followDetail)
	f.Live("log", p.followLog)
	for pattern, page := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /r/{$}":                                p.kinds,
		"GET /r/new":                                p.newPage,
		"POST /r/new":                               p.create,
		"POST /r/new/lint":                          p.lintNew,
		"GET /r/{gvr}":                              p.list,
		"GET /r/{gvr}/{namespace}/{name}":           p.detail,
		"GET /r/{gvr}/{namespace}/{name}/logs":      p.logs,
		"GET /r/{gvr}/{namespace}/{name}/edit":      p.editPage,
		"POST /r/{gvr}/{namespace}/{name}/edit":     p.edit,
		"POST /r/{gvr}/{namespace}/{name}/lint":     p.lint,
		"GET /r/{gvr}/{namespace}/{name}/delete":    p.deletePage,
		"POST /r/{gvr}/{namespace}/{name}/delete":   p.delete,
		"GET /r/{gvr}/{namespace}/{name}/scale":     p.scalePage,
		"POST /r/{gvr}/{namespace}/{name}/scale":    p.scale,
		"GET /r/{gvr}/{namespace}/{name}/restart":   p.restartPage,
		"POST /r/{gvr}/{namespace}/{name}/restart":  p.restart,
		"GET /r/{gvr}/{namespace}/{name}/image":     p.imagePage,
		"POST /r/{gvr}/{namespace}/{name}/image":    p.image,
		"GET /r/{gvr}/{namespace}/{name}/undo":      p.undoPage,
		"POST /r/{gvr}/{namespace}/{name}/undo":     p.undo,
		"POST /r/{gvr}/{namespace}/{name}/selector": p.selector,
		"POST /r/{gvr}/{namespace}/{name}/port":     p.port,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if err := page(w, r); err != nil {
				f.Fail(w, r, 0, err)
			}
		})
	}
}

// show answers with one of our pages.
func (p pages) show(w http.ResponseWriter, r *http.Request, status int, page frame.Page) {
	page.Nav = "resources"
	page.Scripts = append(page.Scripts, "resource.js")
	page.Styles = append(page.Styles, "resource.css")
	p.frame.Status(w, r, status, page)
}

// client is the visitor's way to the API server.
func client(r *http.Request) (*kube.Client, error) { return kube.New(frame.From(r.Context()).REST) }

// target is the object or collection that the address names.
func target(r *http.Request) (kube.Target, error) {
	gvr, err := kube.ParseGVR(r.PathValue("gvr"))
	t := kube.Target{GroupVersionResource: gvr, Namespace: r.PathValue("namespace"), Name: r.PathValue("name")}
	if t.Namespace == none {
		t.Namespace = ""
	}
	return t, err
}

// A subject is an object's address with its kind, and the way to it.
type subject struct {
	kube.Target
	Kind   kube.Kind
	client *kube.Client
}

// find is the subject of a request.
func find(r *http.Request) (subject, error) {
	t, err := target(r)
	if err != nil {
		return subject{}, err
	}
	c, err := client(r)
	if err != nil {
		return subject{}, err
	}
	k, err := c.Kind(r.Context(), t.GroupVersionResource)
	return subject{t, k, c}, err
}

// fetch is the subject of a request, with the object as it is now.
func fetch(r *http.Request) (subject, *unstructured.Unstructured, error) {
	s, err := find(r)
	if err != nil {
		return subject{}, nil, err
	}
	u, err := s.client.Get(r.Context(), s.Target)
	return s, u, err
}

// href is the address of an object's page.
func href(t kube.Target) string {
	return list(t) + "/" + url.PathEscape(cmp.Or(t.Namespace, none)) + "/" + url.PathEscape(t.Name)
}

// list is the address of a kind's page.
func list(t kube.Target) string {
	return "/r/" + url.PathEscape(kube.FormatGVR(t.GroupVersionResource))
}

// leave goes to another page after a form has done its work.
func leave(w http.ResponseWriter, r *http.Request, to string) {
	if frame.IsHTMX(r) {
		w.Header().Set("HX-Redirect", to)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
