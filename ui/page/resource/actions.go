package resource

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/ui/component"
	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// restartable tells whether kubectl rollout restart knows the kind.
func (s subject) restartable() bool {
	return s.Group == "apps" && slices.Contains([]string{"deployments", "daemonsets", "statefulsets"}, s.Resource)
}

// An action is an object that something is to be done to.
type action struct {
	subject
	UID        types.UID
	Replicas   int64
	Containers []containerView
	Images     []string // to choose from
}

func (v *seen) action() action {
	a := actionOn(v.subject, v.Object)
	a.Images = v.Images
	return a
}

func actionOn(s subject, u *unstructured.Unstructured) action {
	replicas, _, _ := unstructured.NestedInt64(u.Object, "spec", "replicas")
	return action{subject: s, UID: u.GetUID(), Replicas: replicas, Containers: containersOf(s.Target, u)}
}

// command is what does the same to the object with kubectl.
func (s subject) command(verb string, flags ...string) string {
	args := append([]string{verb, s.Kind.Object(s.Name)}, flags...)
	if slices.Contains([]string{"restart", "undo", "history"}, verb) {
		args = slices.Insert(args, 0, "rollout")
	}
	return kube.Command(append(args, kube.In(s.Namespace)...)...)
}

// before reads the object for a page that asks what to do.
func before(r *http.Request) (action, error) {
	s, u, err := fetch(r)
	if err != nil {
		return action{}, err
	}
	return actionOn(s, u), nil
}

// deletePage asks whether to delete, for those without script.
func (p pages) deletePage(w http.ResponseWriter, r *http.Request) error {
	return p.ask(w, r, "resource.delete-title", deleteForm)
}

// scalePage asks how many, for those without script.
func (p pages) scalePage(w http.ResponseWriter, r *http.Request) error {
	return p.ask(w, r, "resource.scale-title", scaleForm)
}

// restartPage asks whether to restart, for those without script.
func (p pages) restartPage(w http.ResponseWriter, r *http.Request) error {
	return p.ask(w, r, "resource.restart-title", restartForm)
}

// imagePage asks which image, for those without script.
func (p pages) imagePage(w http.ResponseWriter, r *http.Request) error {
	return p.ask(w, r, "resource.image-title", imageForm)
}

func (p pages) ask(w http.ResponseWriter, r *http.Request, title string, form func(action) templ.Component) error {
	a, err := before(r)
	if err != nil {
		return err
	}
	said := frame.T(r.Context(), title, "Name", a.Kind.Object(a.Name))
	p.show(w, r, http.StatusOK, frame.Page{Title: said, Body: askPage(a.subject, said, form(a))})
	return nil
}

// delete deletes the object that the page showed.
func (p pages) delete(w http.ResponseWriter, r *http.Request) error {
	s, err := find(r)
	if err != nil {
		return err
	}
	var grace *int64
	if g := r.PostFormValue("grace"); g != "" {
		n, err := strconv.ParseInt(g, 10, 64)
		if err != nil {
			return apierrors.NewBadRequest(err.Error())
		}
		grace = &n
	}
	if err := s.client.Delete(r.Context(), s.Target, types.UID(r.PostFormValue("uid")), grace); err != nil {
		return err
	}
	to := list(s.Target)
	if s.Namespace != "" {
		to += "?" + url.Values{"namespace": {s.Namespace}}.Encode()
	}
	leave(w, r, to)
	return nil
}

// scale asks for another number of replicas.
func (p pages) scale(w http.ResponseWriter, r *http.Request) error {
	s, err := find(r)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(r.PostFormValue("replicas"), 10, 32)
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	if err := s.client.Scale(r.Context(), s.Target, int32(n)); err != nil {
		return err
	}
	p.did(w, r, s, "scaled")
	return nil
}

// restart rolls the pods out anew.
func (p pages) restart(w http.ResponseWriter, r *http.Request) error {
	s, err := find(r)
	if err != nil {
		return err
	}
	if err := s.client.Restart(r.Context(), s.Target, p.clock.Now()); err != nil {
		return err
	}
	p.did(w, r, s, "restarted")
	return nil
}

// did says what was done, as kubectl does, or goes to the object's page.
func (p pages) did(w http.ResponseWriter, r *http.Request, s subject, done string) {
	if !frame.IsHTMX(r) || r.PostFormValue("leave") != "" {
		leave(w, r, href(s.Target))
		return
	}
	w.Header().Set("HX-Trigger", "kg:done")
	kind := s.Kind.Singular
	if s.Group != "" {
		kind += "." + s.Group
	}
	p.frame.Toast(w, r, component.OK, fmt.Sprintf("%s/%s %s", kind, s.Name, done))
}

// fragment answers htmx with a part of the page.
func (p pages) fragment(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	w.Header().Set("Cache-Control", "no-store")
	templ.Handler(c, templ.WithStatus(status)).ServeHTTP(w, r)
	return nil
}
