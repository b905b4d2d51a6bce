package deployment

// Upstream: pkg/controller/deployment/util/deployment_util.go (annotations and revisions)

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

const (
	revisionAnnotation = "deployment.kubernetes.io/revision"
	historyAnnotation  = "deployment.kubernetes.io/revision-history"
	desiredAnnotation  = "deployment.kubernetes.io/desired-replicas"
	maxAnnotation      = "deployment.kubernetes.io/max-replicas"

	maxHistory = 2000 // characters of historyAnnotation
)

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

func with(m map[string]string, k, v string) map[string]string {
	m = maps.Clone(m)
	if m == nil {
		m = map[string]string{}
	}
	m[k] = v
	return m
}
