package resource

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// Upstream: k8s.io/kubectl/pkg/polymorphichelpers/rollback.go

// Annotations of a Deployment's history.
const (
	revisionNote    = "deployment.kubernetes.io/revision"
	changeCauseNote = "kubernetes.io/change-cause"
)

// kept are the annotations that stay with the Deployment when it goes back.
func kept() []string {
	return []string{
		lastApplied, revisionNote, "deployment.kubernetes.io/revision-history", "deployment.kubernetes.io/desired-replicas",
		"deployment.kubernetes.io/max-replicas", appsv1.DeprecatedRollbackTo,
	}
}

// A revision is a ReplicaSet of a Deployment's history.
type revision struct {
	*appsv1.ReplicaSet
	Number  int64
	Current bool
	Diff    []diffLine // from the template as it is to this one
}

func isDeployment(t kube.Target) bool { return t.Group == "apps" && t.Resource == "deployments" }

// undoable tells whether there is a revision to go back to.
func (v *seen) undoable() bool {
	n := 0
	for _, b := range v.Tree.Owned {
		if b.Resource == "replicasets" && b.Row.Meta.Annotations[revisionNote] != "" {
			n++
		}
	}
	return isDeployment(v.Target) && n > 1
}

// history are a Deployment and its revisions, the newest first.
func (s subject) history(r *http.Request) (*appsv1.Deployment, []revision, error) {
	if !isDeployment(s.Target) {
		return nil, nil, apierrors.NewBadRequest(fmt.Sprintf("no rollbacker has been implemented for %q", s.Kind.Kind))
	}
	var d appsv1.Deployment
	if err := s.client.Read(r.Context(), s.Target, kube.Options{}, &d); err != nil {
		return nil, nil, err
	}
	selector, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
	if err != nil {
		return nil, nil, err
	}
	sets := s.Target
	sets.Resource, sets.Name = "replicasets", ""
	var list appsv1.ReplicaSetList
	if err := s.client.Read(r.Context(), sets, kube.Options{LabelSelector: selector.String()}, &list); err != nil {
		return nil, nil, err
	}
	return &d, revisions(&d, list.Items), nil
}

func revisions(d *appsv1.Deployment, sets []appsv1.ReplicaSet) (all []revision) {
	for i := range sets {
		n, err := strconv.ParseInt(sets[i].Annotations[revisionNote], 10, 64)
		if err == nil && metav1.IsControlledBy(&sets[i], d) {
			delete(sets[i].Spec.Template.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
			all = append(all, revision{ReplicaSet: &sets[i], Number: n, Current: apiequality.Semantic.DeepEqual(sets[i].Spec.Template, d.Spec.Template)})
		}
	}
	slices.SortFunc(all, func(a, b revision) int { return cmp.Compare(b.Number, a.Number) })
	return all
}

// images are those of the revision's containers.
func (r revision) images() (all []string) {
	for _, c := range r.Spec.Template.Spec.Containers {
		all = append(all, c.Image)
	}
	return all
}

// undoPage shows the history, and what each step back would change.
func (p pages) undoPage(w http.ResponseWriter, r *http.Request) error {
	s, err := find(r)
	if err != nil {
		return err
	}
	d, all, err := s.history(r)
	if err != nil {
		return err
	}
	now, err := templateYAML(d.Spec.Template)
	if err != nil {
		return err
	}
	for i := range all {
		then, err := templateYAML(all[i].Spec.Template)
		if err != nil {
			return err
		}
		all[i].Diff = diff(now, then)
	}
	title := frame.T(r.Context(), "resource.undo-title", "Name", s.Kind.Object(s.Name))
	p.show(w, r, http.StatusOK, frame.Page{Title: title, Body: undoPage(s, title, all, p.clock.Now())})
	return nil
}

func templateYAML(t corev1.PodTemplateSpec) (string, error) {
	out, err := yaml.Marshal(t)
	return string(out), err
}

// undoCommand is what does the same with kubectl.
func (s subject) undoCommand(number int64) string {
	return s.command("undo", fmt.Sprintf("--to-revision=%d", number))
}

// undo gives a Deployment the template of an earlier revision; 0 is the one
// before the newest.
func (p pages) undo(w http.ResponseWriter, r *http.Request) error {
	s, err := find(r)
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(cmp.Or(r.PostFormValue("revision"), "0"), 10, 64)
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	d, all, err := s.history(r)
	if err != nil {
		return err
	}
	to, err := pick(d, all, number)
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	if to.Current {
		p.did(w, r, s, fmt.Sprintf("skipped rollback (current template already matches revision %d)", to.Number))
		return nil
	}
	patch, err := undoPatch(d, to)
	if err != nil {
		return err
	}
	if err := s.client.Patch(r.Context(), s.Target, types.JSONPatchType, "kubectl-rollout", patch); err != nil {
		return err
	}
	p.did(w, r, s, "rolled back")
	return nil
}

// pick is the revision of that number; all are the newest first.
func pick(d *appsv1.Deployment, all []revision, number int64) (revision, error) {
	i := slices.IndexFunc(all, func(r revision) bool { return r.Number == number })
	switch {
	case d.Spec.Paused:
		return revision{}, errors.New("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again")
	case number == 0 && len(all) < 2:
		return revision{}, fmt.Errorf("no rollout history found for deployment %q", d.Name)
	case number == 0:
		return all[1], nil
	case i < 0:
		return revision{}, fmt.Errorf("unable to find specified revision %d in history", number)
	}
	return all[i], nil
}

// undoPatch restores the revision's template, and its annotations but those that
// stay. The test keeps it from another Deployment of the same name.
func undoPatch(d *appsv1.Deployment, to revision) ([]byte, error) {
	notes := map[string]string{}
	for key, value := range d.Annotations {
		if slices.Contains(kept(), key) {
			notes[key] = value
		}
	}
	for key, value := range to.Annotations {
		if !slices.Contains(kept(), key) {
			notes[key] = value
		}
	}
	return json.Marshal([]map[string]any{
		{"op": "test", "path": "/metadata/uid", "value": d.UID},
		{"op": "replace", "path": "/spec/template", "value": to.Spec.Template},
		{"op": "replace", "path": "/metadata/annotations", "value": notes},
	})
}
