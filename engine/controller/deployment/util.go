package deployment

// Upstream: pkg/controller/deployment/util/deployment_util.go

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubergarten/engine/controller"
)

const (
	revisionAnnotation = "deployment.kubernetes.io/revision"
	historyAnnotation  = "deployment.kubernetes.io/revision-history"
	desiredAnnotation  = "deployment.kubernetes.io/desired-replicas"
	maxAnnotation      = "deployment.kubernetes.io/max-replicas"

	maxHistory = 2000 // characters of historyAnnotation
)

// newReplicaSet is the ReplicaSet for d's template, with no replicas yet.
func newReplicaSet(d *appsv1.Deployment) *appsv1.ReplicaSet {
	template := *d.Spec.Template.DeepCopy()
	hash := controller.TemplateHash(&template, d.Status.CollisionCount)
	template.Labels = with(template.Labels, appsv1.DefaultDeploymentUniqueLabelKey, hash)
	selector := d.Spec.Selector.DeepCopy()
	selector.MatchLabels = with(selector.MatchLabels, appsv1.DefaultDeploymentUniqueLabelKey, hash)
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Name:            replicaSetName(d.Name, hash), // so that a second try finds the first one's
			Namespace:       d.Namespace,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(d, kind())},
			Labels:          template.Labels,
		},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: new(int32), MinReadySeconds: d.Spec.MinReadySeconds, Selector: selector, Template: template,
		},
	}
}

// replicaSetName is name-hash, the name cut so that pods' names still fit.
func replicaSetName(name, hash string) string {
	const most = 253 - 1 - 10 // upstream: validation.DNS1123SubdomainMaxLength less a dash and a hash
	return name[:min(len(name), most)] + "-" + hash
}

func with(m map[string]string, k, v string) map[string]string {
	m = maps.Clone(m)
	if m == nil {
		m = map[string]string{}
	}
	m[k] = v
	return m
}

// findNew is the oldest ReplicaSet with d's template, or nil.
func findNew(d *appsv1.Deployment, all []*appsv1.ReplicaSet) *appsv1.ReplicaSet {
	sorted := slices.Clone(all)
	sortByAge(sorted)
	for _, rs := range sorted {
		if sameTemplate(&rs.Spec.Template, &d.Spec.Template) {
			return rs
		}
	}
	return nil
}

// sameTemplate compares templates but for the hash label.
func sameTemplate(a, b *corev1.PodTemplateSpec) bool {
	x, y := *a, *b
	x.Labels, y.Labels = with(a.Labels, "", ""), with(b.Labels, "", "")
	delete(x.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	delete(y.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	return equality.Semantic.DeepEqual(x, y)
}

func sortByAge(sets []*appsv1.ReplicaSet) {
	slices.SortStableFunc(sets, func(a, b *appsv1.ReplicaSet) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
}

func sortByRevision(sets []*appsv1.ReplicaSet) {
	slices.SortStableFunc(sets, func(a, b *appsv1.ReplicaSet) int {
		return cmp.Or(cmp.Compare(revision(a), revision(b)), a.CreationTimestamp.Compare(b.CreationTimestamp.Time))
	})
}

// revision reads the annotation; what is no number is 0.
func revision(rs *appsv1.ReplicaSet) int64 {
	n, err := strconv.ParseInt(rs.Annotations[revisionAnnotation], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func maxRevision(sets []*appsv1.ReplicaSet) (n int64) {
	for _, rs := range sets {
		n = max(n, revision(rs))
	}
	return n
}

func setRevision(d *appsv1.Deployment, revision string) (changed bool) {
	if d.Annotations[revisionAnnotation] == revision {
		return false
	}
	d.Annotations = with(d.Annotations, revisionAnnotation, revision)
	return true
}

// annotate copies d's annotations to rs, and raises its revision; the one it
// had, if it comes back after a while, goes into its history.
func annotate(d *appsv1.Deployment, rs *appsv1.ReplicaSet, next int64, exists bool) (changed bool) {
	if rs.Annotations == nil {
		rs.Annotations = map[string]string{}
	}
	for k, v := range d.Annotations {
		if was, ok := rs.Annotations[k]; !ownAnnotation(k) && (!ok || was != v) {
			rs.Annotations[k], changed = v, true
		}
	}
	if was, had := rs.Annotations[revisionAnnotation]; revision(rs) < next {
		rs.Annotations[revisionAnnotation], changed = fmt.Sprint(next), true
		if had {
			remember(rs, was)
		}
	}
	if !exists && annotateReplicas(d, rs) {
		changed = true
	}
	return changed
}

// remember appends a revision to the history, dropping the oldest if it grows too long.
func remember(rs *appsv1.ReplicaSet, revision string) {
	history := strings.Split(rs.Annotations[historyAnnotation], ",")
	if history[0] == "" {
		history = nil
	}
	history = append(history, revision)
	for len(strings.Join(history, ",")) > maxHistory {
		history = history[1:]
	}
	rs.Annotations[historyAnnotation] = strings.Join(history, ",")
}

func ownAnnotation(k string) bool {
	switch k {
	case corev1.LastAppliedConfigAnnotation, revisionAnnotation, historyAnnotation, desiredAnnotation, maxAnnotation, appsv1.DeprecatedRollbackTo:
		return true
	}
	return false
}

// annotateReplicas notes in rs what d wants, by which a later change is seen.
func annotateReplicas(d *appsv1.Deployment, rs *appsv1.ReplicaSet) (changed bool) {
	want := map[string]string{
		desiredAnnotation: fmt.Sprint(*d.Spec.Replicas),
		maxAnnotation:     fmt.Sprint(*d.Spec.Replicas + maxSurge(d)),
	}
	for k, v := range want {
		if rs.Annotations[k] != v {
			rs.Annotations, changed = with(rs.Annotations, k, v), true
		}
	}
	return changed
}

func number(rs *appsv1.ReplicaSet, annotation string) (int32, bool) {
	n, err := strconv.ParseInt(rs.Annotations[annotation], 10, 32)
	return int32(n), err == nil && n >= 0
}

// active returns those that want pods.
func active(sets []*appsv1.ReplicaSet) (out []*appsv1.ReplicaSet) {
	for _, rs := range sets {
		if rs != nil && *rs.Spec.Replicas > 0 {
			out = append(out, rs)
		}
	}
	return out
}

// activeOrLatest is the one ReplicaSet to scale, or nil if there are several.
func activeOrLatest(newest *appsv1.ReplicaSet, old []*appsv1.ReplicaSet) *appsv1.ReplicaSet {
	everyone := slices.Clone(old)
	sortByAge(everyone)
	slices.Reverse(everyone)
	with := active(append(slices.Clone(everyone), newest))
	switch {
	case len(with) == 1:
		return with[0]
	case len(with) > 1:
		return nil
	case newest != nil:
		return newest
	case len(everyone) > 0:
		return everyone[0]
	}
	return nil
}

// saturated reports whether rs has all the pods that d wants, and all are available.
func saturated(d *appsv1.Deployment, rs *appsv1.ReplicaSet) bool {
	if rs == nil {
		return false
	}
	want := *d.Spec.Replicas
	desired, ok := number(rs, desiredAnnotation)
	return ok && desired == want && *rs.Spec.Replicas == want && rs.Status.AvailableReplicas == want
}

func replicas(sets []*appsv1.ReplicaSet) (n int32) {
	for _, rs := range sets {
		n += *rs.Spec.Replicas
	}
	return n
}

func available(sets []*appsv1.ReplicaSet) (n int32) {
	for _, rs := range sets {
		n += rs.Status.AvailableReplicas
	}
	return n
}

// fenceposts resolves maxSurge (rounded up) and maxUnavailable (rounded down);
// both 0 would stand still, so then maxUnavailable is 1.
func fenceposts(d *appsv1.Deployment) (surge, unavailable int32) {
	if d.Spec.Strategy.Type != appsv1.RollingUpdateDeploymentStrategyType || d.Spec.Strategy.RollingUpdate == nil {
		return 0, 0
	}
	resolve := func(v *intstr.IntOrString, up bool) int32 {
		n, err := intstr.GetScaledValueFromIntOrPercent(intstr.ValueOrDefault(v, intstr.FromInt32(0)), int(*d.Spec.Replicas), up)
		if err != nil {
			return 0 // validation lets no such value in
		}
		return int32(n)
	}
	surge = resolve(d.Spec.Strategy.RollingUpdate.MaxSurge, true)
	unavailable = resolve(d.Spec.Strategy.RollingUpdate.MaxUnavailable, false)
	if surge == 0 && unavailable == 0 {
		unavailable = 1
	}
	return surge, unavailable
}

func maxSurge(d *appsv1.Deployment) int32 {
	surge, _ := fenceposts(d)
	return surge
}

func minAvailable(d *appsv1.Deployment) int32 {
	_, unavailable := fenceposts(d)
	return *d.Spec.Replicas - min(unavailable, *d.Spec.Replicas)
}

// newReplicas is how many pods the new ReplicaSet may have now.
func newReplicas(d *appsv1.Deployment, every []*appsv1.ReplicaSet, rs *appsv1.ReplicaSet) (int32, error) {
	want, has := *d.Spec.Replicas, *rs.Spec.Replicas
	switch d.Spec.Strategy.Type {
	case appsv1.RollingUpdateDeploymentStrategyType:
		room := want + maxSurge(d) - replicas(every)
		return has + max(0, min(room, want-has)), nil
	case appsv1.RecreateDeploymentStrategyType:
		return want, nil
	}
	return 0, fmt.Errorf("deployment type %v isn't supported", d.Spec.Strategy.Type)
}

func complete(d *appsv1.Deployment, s *appsv1.DeploymentStatus) bool {
	want := *d.Spec.Replicas
	return s.UpdatedReplicas == want && s.Replicas == want && s.AvailableReplicas == want && s.ObservedGeneration >= d.Generation
}

// progressing reports whether s is nearer to the goal than d's status.
func progressing(d *appsv1.Deployment, s *appsv1.DeploymentStatus) bool {
	was := d.Status
	return s.UpdatedReplicas > was.UpdatedReplicas ||
		s.Replicas-s.UpdatedReplicas < was.Replicas-was.UpdatedReplicas ||
		s.ReadyReplicas > was.ReadyReplicas || s.AvailableReplicas > was.AvailableReplicas
}

func hasDeadline(d *appsv1.Deployment) bool {
	return d.Spec.ProgressDeadlineSeconds != nil && *d.Spec.ProgressDeadlineSeconds != 1<<31-1
}

func deadline(d *appsv1.Deployment) time.Duration {
	return time.Duration(*d.Spec.ProgressDeadlineSeconds) * time.Second
}

func getCondition(s appsv1.DeploymentStatus, t appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	for i := range s.Conditions {
		if s.Conditions[i].Type == t {
			c := s.Conditions[i]
			return &c
		}
	}
	return nil
}

// setCondition puts cond in s, unless one of the same status and reason is there.
func setCondition(s *appsv1.DeploymentStatus, cond appsv1.DeploymentCondition) {
	current := getCondition(*s, cond.Type)
	if current != nil && current.Status == cond.Status && current.Reason == cond.Reason {
		return
	}
	if current != nil && current.Status == cond.Status {
		cond.LastTransitionTime = current.LastTransitionTime
	}
	removeCondition(s, cond.Type)
	s.Conditions = append(s.Conditions, cond)
}

func removeCondition(s *appsv1.DeploymentStatus, t appsv1.DeploymentConditionType) {
	s.Conditions = slices.DeleteFunc(slices.Clone(s.Conditions), func(c appsv1.DeploymentCondition) bool { return c.Type == t })
}
