package overview

import (
	"cmp"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
)

// A branch is an object with what it owns: Deployment, ReplicaSet, Pod.
type branch struct {
	Kind, Namespace, Name string
	Ready, Want           int32
	Pod                   *podView // of a pod
	Owned                 []branch
}

// A forest is all branches by the UID of their owner, "" for those without one.
type forest map[types.UID][]branch

// workloads are the trees of owners, those without an owner first. A ReplicaSet
// of an old revision, with nothing left to own, is left out.
func (s *seen) workloads() []branch {
	f := forest{}
	known := map[types.UID]bool{}
	for _, p := range sorted(s.pods) {
		cell := podCell(p)
		f.plant(p, known, branch{Kind: "Pod", Pod: &cell})
	}
	for _, r := range sorted(s.replicaSets) {
		if want(r.Spec.Replicas) > 0 || r.Status.Replicas > 0 {
			f.plant(r, known, branch{Kind: "ReplicaSet", Ready: r.Status.ReadyReplicas, Want: want(r.Spec.Replicas), Owned: f[r.UID]})
		}
	}
	for _, r := range sorted(s.controllers) {
		f.plant(r, known, branch{Kind: "ReplicationController", Ready: r.Status.ReadyReplicas, Want: want(r.Spec.Replicas), Owned: f[r.UID]})
	}
	for _, d := range sorted(s.daemonSets) {
		f.plant(d, known, branch{Kind: "DaemonSet", Ready: d.Status.NumberReady, Want: d.Status.DesiredNumberScheduled, Owned: f[d.UID]})
	}
	for _, d := range sorted(s.deployments) {
		f.plant(d, known, deployment(d, f))
	}
	return f.roots(known)
}

func deployment(d *appsv1.Deployment, f forest) branch {
	return branch{Kind: "Deployment", Ready: d.Status.ReadyReplicas, Want: want(d.Spec.Replicas), Owned: f[d.UID]}
}

// plant puts b below its owner. Owners are planted after what they own.
func (f forest) plant(obj client.Object, known map[types.UID]bool, b branch) {
	b.Namespace, b.Name = obj.GetNamespace(), obj.GetName()
	var owner types.UID
	if ref := metav1.GetControllerOfNoCopy(obj); ref != nil && ref.Kind != "Node" {
		owner = ref.UID
	}
	known[obj.GetUID()] = true
	f[owner] = append(f[owner], b)
}

// roots are the branches that nobody owns, or nobody that the visitor sees.
func (f forest) roots(known map[types.UID]bool) (all []branch) {
	for owner, branches := range f {
		if owner == "" || !known[owner] {
			all = append(all, branches...)
		}
	}
	return inOrder(all)
}

// want is the API's default of a count that is not given.
func want(n *int32) int32 {
	if n == nil {
		return 1
	}
	return *n
}

// inOrder sorts branches: a learner's before the system's, then by namespace,
// kind and name.
func inOrder(all []branch) []branch {
	slices.SortFunc(all, func(a, b branch) int {
		return cmp.Or(
			system(a)-system(b), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name),
		)
	})
	return all
}

// system is 1 for what belongs to the cluster and not to a learner.
func system(b branch) int {
	if b.Namespace == metav1.NamespaceSystem {
		return 1
	}
	return 0
}

// learners tells whether there is anything besides what belongs to the cluster.
func learners(all []branch) bool {
	return slices.ContainsFunc(all, func(b branch) bool { return system(b) == 0 })
}
