package resource

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// An editing is an object's text and what the API server says of it.
type editing struct {
	subject
	Text     string
	Original string // as it was when the page was opened
	Hidden   bool   // a secret's data are not shown yet
	Result   result
}

// A result is what became of a text.
type result struct {
	Problems []problem
	Warnings []string
	Checked  bool   // the API server would take it
	Reviewed string // the sum of the text that was checked
	Diff     []diffLine
	Conflict string // the API server's words
	Over     string // the version that the text is to go on top of
}

// typed is a text field as it was typed: browsers end lines with CR LF.
func typed(r *http.Request, name string) string {
	return strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n")
}

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

// editPage shows the object's YAML.
func (p pages) editPage(w http.ResponseWriter, r *http.Request) error {
	s, u, err := fetch(r)
	if err != nil {
		return err
	}
	e := editing{subject: s, Hidden: isSecret(s.Target) && r.FormValue("show") == ""}
	if e.Hidden {
		hide(u)
	}
	if e.Text, err = kube.YAML(u); err != nil {
		return err
	}
	e.Original = e.Text
	p.showEdit(w, r, http.StatusOK, e)
	return nil
}

func (p pages) showEdit(w http.ResponseWriter, r *http.Request, status int, e editing) {
	title := frame.T(r.Context(), "resource.yaml-of", "Name", e.Name)
	p.show(w, r, status, frame.Page{Title: title, Scripts: []string{"resource-edit.js"}, Body: editPage(e)})
}

func isSecret(t kube.Target) bool { return t.Group == "" && t.Resource == "secrets" }

// hide puts lengths in the place of a secret's data.
func hide(u *unstructured.Unstructured) {
	data, _, _ := unstructured.NestedMap(u.Object, "data")
	for key, v := range data {
		s, _ := v.(string)
		data[key] = fmt.Sprintf("(hidden, %d characters of base64)", len(s))
	}
	if len(data) > 0 {
		u.Object["data"] = data
	}
	if notes := u.GetAnnotations(); notes[lastApplied] != "" {
		notes[lastApplied] = "(hidden)"
		u.SetAnnotations(notes)
	}
}

// lastApplied is the annotation in which kubectl apply keeps the whole object.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// edit judges a text, and applies it when it is the one that was judged.
func (p pages) edit(w http.ResponseWriter, r *http.Request) error {
	s, err := find(r)
	if err != nil {
		return err
	}
	e := editing{subject: s, Text: typed(r, "yaml"), Original: typed(r, "original")}
	text := e.Text
	if over := r.PostFormValue("over"); over != "" {
		text, e.Result.Over = withVersion(text, over), over
	}
	reviewed := r.PostFormValue("do") == "apply" && r.PostFormValue("reviewed") == sum(e.Text)
	answer, err := s.client.Replace(r.Context(), s.Target, text, !reviewed)
	if apierrors.IsConflict(err) {
		answer, err = e.again(r, text, !reviewed)
	}
	switch {
	case reviewed && err == nil:
		leave(w, r, href(s.Target))
		return nil
	case apierrors.IsUnauthorized(err):
		return err
	}
	return p.judged(w, r, e, answer, err)
}

// again repeats a write that met a newer version, if nothing but the status has
// changed since the text was read; else it notes the conflict.
func (e *editing) again(r *http.Request, text string, dry bool) (kube.Answer, error) {
	now, err := e.client.Get(r.Context(), e.Target)
	if err != nil {
		return kube.Answer{}, err
	}
	var before unstructured.Unstructured
	if yaml.Unmarshal([]byte(e.Original), &before.Object) == nil && sameWish(&before, now) {
		return e.client.Replace(r.Context(), e.Target, withVersion(text, now.GetResourceVersion()), dry)
	}
	yours, err := kube.YAML(now)
	if err != nil {
		return kube.Answer{}, err
	}
	e.Result.Over, e.Result.Diff = now.GetResourceVersion(), diff(e.Original, yours)
	return kube.Answer{}, apierrors.NewConflict(e.GroupVersionResource.GroupResource(), e.Name,
		errors.New("the object has been modified; please apply your changes to the latest version and try again"))
}

// sameWish tells whether two versions of an object ask for the same: all is
// equal but the status and what the API server keeps account of.
func sameWish(a, b *unstructured.Unstructured) bool {
	plain := func(u *unstructured.Unstructured) any {
		u = u.DeepCopy()
		u.SetManagedFields(nil)
		u.SetResourceVersion("")
		delete(u.Object, "status")
		data, err := json.Marshal(u.Object)
		var out any
		if err != nil || json.Unmarshal(data, &out) != nil {
			return nil
		}
		return out
	}
	x := plain(a)
	return x != nil && reflect.DeepEqual(x, plain(b))
}

// judged shows what the API server says of a text.
func (p pages) judged(w http.ResponseWriter, r *http.Request, e editing, answer kube.Answer, err error) error {
	status := http.StatusOK
	switch {
	case apierrors.IsConflict(err):
		e.Result.Conflict, status = err.Error(), http.StatusConflict
	case err != nil:
		e.Result.Problems, status = problems(e.Text, 0, err), http.StatusUnprocessableEntity
	default:
		if err := e.compare(r, answer); err != nil {
			return err
		}
	}
	if frame.IsHTMX(r) {
		return p.fragment(w, r, status, resultPart(e))
	}
	p.showEdit(w, r, status, e)
	return nil
}

// compare sets the difference between the object as it is and as it would be.
func (e *editing) compare(r *http.Request, answer kube.Answer) error {
	now, err := e.client.Get(r.Context(), e.Target)
	if err != nil {
		return err
	}
	before, err := kube.YAML(now)
	if err != nil {
		return err
	}
	after, err := kube.YAML(answer.Unstructured)
	if err != nil {
		return err
	}
	over := e.Result.Over
	e.Result = result{Checked: true, Reviewed: sum(e.Text), Diff: diff(before, after), Warnings: answer.Warnings, Over: over}
	return nil
}

// lint answers a script with the problems of a text.
func (p pages) lint(w http.ResponseWriter, r *http.Request) error {
	s, err := find(r)
	if err != nil {
		return err
	}
	text := typed(r, "yaml")
	_, err = s.client.Replace(r.Context(), s.Target, withVersion(text, ""), true)
	if apierrors.IsUnauthorized(err) {
		return err
	}
	return answerProblems(w, problems(text, 0, err))
}

func answerProblems(w http.ResponseWriter, all []problem) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(map[string]any{"problems": all})
}
