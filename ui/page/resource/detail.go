package resource

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"kubergarten/ui/component"
	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// A seen is what the visitor sees of an object and of what belongs to it.
type seen struct {
	subject
	Table   *kube.Table
	Row     *kube.Row
	Object  *unstructured.Unstructured
	Pod     *corev1.Pod // if it is one
	Tree    tree
	Served  []*branch       // of a Service: the pods that it selects
	Others  []*kube.Row     // of a Service that selects none: the pods of its namespace
	Service *corev1.Service // if it is one
	Images  []string        // that the nodes have, where one cannot be had
	Events  []corev1.Event
	Refused []string // the API server's words for what could not be read
	Now     time.Time
}

// look reads an object and what belongs to it. Only the object itself must be
// readable; what else is refused is said on the page.
func look(ctx context.Context, s subject, now time.Time) (*seen, error) {
	v := &seen{subject: s, Now: now, Object: &unstructured.Unstructured{}}
	var err error
	if v.Table, err = s.client.Table(ctx, s.Target, kube.Options{Whole: true}); err != nil {
		return nil, err
	}
	if len(v.Table.Rows) != 1 {
		return nil, errNoRow
	}
	v.Row = v.Table.Rows[0]
	if err := v.Object.UnmarshalJSON(v.Row.Object); err != nil {
		return nil, err
	}
	if isPod(s.Target) {
		v.Pod = &corev1.Pod{}
		if err := json.Unmarshal(v.Row.Object, v.Pod); err != nil {
			return nil, err
		}
	}
	v.grow(ctx)
	v.happened(ctx)
	v.learn(ctx)
	slices.Sort(v.Refused)
	v.Refused = slices.Compact(v.Refused)
	return v, nil
}

func isPod(t kube.Target) bool { return t.Group == "" && t.Resource == "pods" }

// refuse keeps the API server's words.
func (v *seen) refuse(err error) { v.Refused = append(v.Refused, err.Error()) }

// A condition is a line of status.conditions.
type condition struct {
	Type, Status, Reason, Message string
	Since                         time.Time
}

// conditions are those of the object, of whatever kind it is.
func (v *seen) conditions() (all []condition) {
	items, _, _ := unstructured.NestedSlice(v.Object.Object, "status", "conditions")
	for _, item := range items {
		m, ok := item.(map[string]any)
		if !ok {
			continue
		}
		text := func(key string) string { s, _ := m[key].(string); return s }
		c := condition{Type: text("type"), Status: text("status"), Reason: text("reason"), Message: text("message")}
		c.Since, _ = time.Parse(time.RFC3339, cmp.Or(text("lastTransitionTime"), text("lastUpdateTime")))
		all = append(all, c)
	}
	return all
}

// status is how good a condition is: most say what is well, some what is not.
func (c condition) status() string {
	bad := slices.ContainsFunc([]string{"Pressure", "Failure", "Failed", "Unavailable", "Disruption", "Dangling", "Resizing"}, func(part string) bool {
		return len(c.Type) >= len(part) && c.Type[len(c.Type)-len(part):] == part
	})
	switch {
	case c.Status != "True" && c.Status != "False":
		return component.Warn
	case (c.Status == "True") != bad:
		return component.OK
	}
	return component.Warn
}

// sections are what changes on the page while one looks at it.
func (v *seen) sections() []frame.Part {
	return []frame.Part{
		{Target: "resource-actions", HTML: actionsPart(v)},
		{Target: "resource-status", HTML: statusPart(v)},
		{Target: "resource-why", HTML: whyPart(v)},
		{Target: "resource-containers", HTML: containersPart(v)},
		{Target: "resource-data", HTML: dataPart(v)},
		{Target: "resource-tree", HTML: treePart(v)},
		{Target: "resource-conditions", HTML: conditionsPart(v)},
		{Target: "resource-events", HTML: eventsPart(v)},
	}
}

// detail is the page of an object.
func (p pages) detail(w http.ResponseWriter, r *http.Request) error {
	s, err := find(r)
	if err != nil {
		return err
	}
	v, err := look(r.Context(), s, p.clock.Now())
	if err != nil {
		return err
	}
	q := url.Values{"gvr": {kube.FormatGVR(s.GroupVersionResource)}, "namespace": {s.Namespace}, "name": {s.Name}}
	p.show(w, r, http.StatusOK, frame.Page{Title: s.Name, Live: "resource?" + q.Encode(), Body: detailPage(v)})
	return nil
}

// named is the subject of a live source.
func named(ctx context.Context, q url.Values) (subject, error) {
	gvr, err := kube.ParseGVR(q.Get("gvr"))
	if err != nil {
		return subject{}, err
	}
	c, err := kube.New(frame.From(ctx).REST)
	if err != nil {
		return subject{}, err
	}
	k, err := c.Kind(ctx, gvr)
	return subject{kube.Target{GroupVersionResource: gvr, Namespace: q.Get("namespace"), Name: q.Get("name")}, k, c}, err
}

// facts are the server's own columns of the object, but for its name.
func (v *seen) facts() (all []fact) {
	for i, c := range v.Table.Columns {
		if i < len(v.Row.Cells) && c.Name != "Name" && v.Row.Cells[i] != "" {
			all = append(all, fact{c.Name, cellHTML(v.Table, v.Row, i, v.Now)})
		}
	}
	return all
}

// A fact is a name and what is there to say.
type fact struct {
	Name string
	Text templ.Component
}

// controller is the owner that manages the object, or nil.
func (v *seen) controller() *metav1.OwnerReference { return metav1.GetControllerOf(v.Object) }
