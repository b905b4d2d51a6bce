package resource

import (
	"errors"
	"net/http"

	"go.yaml.in/yaml/v3"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// sample is what a new text begins with.
const sample = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: default
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx
`

// A making is a text of new objects and what the API server says of it.
type making struct {
	Text     string
	Made     []string // of an attempt that failed half way: what it made
	Problems []problem
	Warnings []string
	Checked  bool
}

// newPage offers a text to begin with.
func (p pages) newPage(w http.ResponseWriter, r *http.Request) error {
	p.showNew(w, r, http.StatusOK, making{Text: sample})
	return nil
}

func (p pages) showNew(w http.ResponseWriter, r *http.Request, status int, m making) {
	title := frame.T(r.Context(), "resource.new")
	p.show(w, r, status, frame.Page{Title: title, Scripts: []string{"resource-edit.js"}, Body: newPage(m)})
}

// create judges or creates the objects of a text, in their order.
func (p pages) create(w http.ResponseWriter, r *http.Request) error {
	m := making{Text: typed(r, "yaml")}
	dry := r.PostFormValue("do") != "create"
	last, err := p.makeAll(r, &m, dry)
	if err != nil {
		return err
	}
	if len(m.Problems) == 0 && !dry {
		leave(w, r, last)
		return nil
	}
	status := http.StatusOK
	if m.Checked = len(m.Problems) == 0; !m.Checked {
		status = http.StatusUnprocessableEntity
	}
	if frame.IsHTMX(r) {
		return p.fragment(w, r, status, newResult(m))
	}
	p.showNew(w, r, status, m)
	return nil
}

// makeAll makes the objects, up to the first that is refused; of a dry run, all.
// It returns the page of the last.
func (p pages) makeAll(r *http.Request, m *making, dry bool) (last string, err error) {
	c, err := client(r)
	if err != nil {
		return "", err
	}
	all := documents(m.Text)
	if len(all) == 0 {
		m.Problems = append(m.Problems, problem{0, frame.T(r.Context(), "resource.nothing")})
	}
	for _, d := range all {
		t, answer, err := makeOne(r, c, d.Text, dry)
		switch {
		case apierrors.IsUnauthorized(err):
			return "", err
		case err != nil:
			m.Problems = append(m.Problems, problems(d.Text, d.First, err)...)
		default:
			last = href(t)
			m.Warnings = append(m.Warnings, answer.Warnings...)
		}
		if dry {
			continue
		}
		if err != nil {
			break
		}
		m.Made = append(m.Made, t.Resource+"/"+t.Name)
	}
	return last, nil
}

// makeOne creates one object.
func makeOne(r *http.Request, c *kube.Client, text string, dry bool) (kube.Target, kube.Answer, error) {
	var h head
	if err := yaml.Unmarshal([]byte(text), &h); err != nil {
		return kube.Target{}, kube.Answer{}, err
	}
	if h.APIVersion == "" || h.Kind == "" {
		return kube.Target{}, kube.Answer{}, errors.New(frame.T(r.Context(), "resource.no-kind"))
	}
	gv, err := schema.ParseGroupVersion(h.APIVersion)
	if err != nil {
		return kube.Target{}, kube.Answer{}, err
	}
	kind, err := c.KindOf(r.Context(), gv.WithKind(h.Kind))
	if err != nil {
		return kube.Target{}, kube.Answer{}, err
	}
	t := kube.Target{GroupVersionResource: kind.GroupVersionResource}
	if kind.Namespaced {
		t.Namespace = h.Metadata.Namespace
		if t.Namespace == "" {
			t.Namespace = "default"
		}
	}
	answer, err := c.Create(r.Context(), t, text, dry)
	if err == nil {
		t.Name = answer.GetName()
	}
	return t, answer, err
}

// lintNew answers a script with the problems of a text of new objects.
func (p pages) lintNew(w http.ResponseWriter, r *http.Request) error {
	m := making{Text: typed(r, "yaml")}
	if _, err := p.makeAll(r, &m, true); err != nil {
		return err
	}
	return answerProblems(w, m.Problems)
}
