package overview

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	helper "k8s.io/component-helpers/resource"

	"kubergarten/engine/client"
	"kubergarten/ui/component"
)

// rolePrefix begins the label that gives a node a role, as kubectl reads it.
const rolePrefix = "node-role.kubernetes.io/"

// initCount is how many init containers are done: "Init:1/2".
var initCount = regexp.MustCompile(`^Init:\d+/\d+$`)

// A nodeView is a node as the page shows it.
type nodeView struct {
	Name, Roles, Address string
	Ready, Cordoned      bool
	CPU, Memory          share  // asked for
	UsedCPU, UsedMemory  *share // nil: not known
	Pods                 []podView
}

// A share is how much of what a node offers its pods have asked for, or use. The
// value and its limit are in one unit, cores or bytes.
type share struct {
	Value, Max float64
	Asked, Of  string // as people write them: "250m", "4", "1Gi"
}

// A podView is a pod as a small cell.
type podView struct {
	Namespace, Name string
	Status          string // component.OK, ...
	Word            string // as kubectl's STATUS column has it
}

// nodesWithPods are the nodes by name, each with its pods; a pod without a node waits.
func (s *seen) nodesWithPods() (nodes []nodeView, waiting []podView) {
	on := map[string][]*corev1.Pod{}
	for _, p := range sorted(s.pods) {
		if p.Spec.NodeName == "" {
			waiting = append(waiting, podCell(p))
		}
		on[p.Spec.NodeName] = append(on[p.Spec.NodeName], p)
	}
	for _, n := range sorted(s.nodes) {
		v := nodeWith(n, on[n.Name])
		if u, known := s.uses[n.Name]; known {
			v.UsedCPU, v.UsedMemory = usedCPU(u, v.CPU), usedMemory(u, v.Memory)
		}
		nodes = append(nodes, v)
	}
	return nodes, waiting
}

func nodeWith(n *corev1.Node, pods []*corev1.Pod) nodeView {
	v := nodeView{Name: n.Name, Roles: roles(n), Address: address(n), Ready: ready(n), Cordoned: n.Spec.Unschedulable}
	asked := corev1.ResourceList{}
	for _, p := range pods {
		v.Pods = append(v.Pods, podCell(p))
		if p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed {
			add(asked, helper.PodRequests(p, helper.PodResourcesOptions{}))
		}
	}
	v.CPU = shareOf(asked[corev1.ResourceCPU], n.Status.Allocatable[corev1.ResourceCPU])
	v.Memory = shareOf(asked[corev1.ResourceMemory], n.Status.Allocatable[corev1.ResourceMemory])
	return v
}

func add(sum, more corev1.ResourceList) {
	for name, q := range more {
		have := sum[name]
		have.Add(q)
		sum[name] = have
	}
}

func shareOf(asked, of resource.Quantity) share {
	return share{asked.AsApproximateFloat64(), of.AsApproximateFloat64(), asked.String(), of.String()}
}

// usedCPU is what is used of what asked is a share of, as kubectl top prints it:
// in whole millicores, rounded up.
func usedCPU(u use, asked share) *share {
	milli := math.Ceil(math.Round(u.Cores*1e9) / 1e6) // of whole nanocores, which are exact
	return &share{u.Cores, asked.Max, fmt.Sprintf("%.0fm", milli), asked.Of}
}

// usedMemory is usedCPU for memory: in whole Mi, rounded down.
func usedMemory(u use, asked share) *share {
	return &share{u.Bytes, asked.Max, fmt.Sprintf("%dMi", int64(u.Bytes)>>20), asked.Of}
}

// roles are the node's roles as kubectl prints them: by name, "<none>" if none.
func roles(n *corev1.Node) string {
	var all []string
	for label := range n.Labels {
		if role, ok := strings.CutPrefix(label, rolePrefix); ok && role != "" {
			all = append(all, role)
		}
	}
	slices.Sort(all)
	return cmp.Or(strings.Join(all, ","), "<none>")
}

func address(n *corev1.Node) string {
	for _, a := range n.Status.Addresses {
		if a.Type == corev1.NodeInternalIP {
			return a.Address
		}
	}
	return ""
}

func ready(n *corev1.Node) bool {
	return slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

// sorted are objects by namespace and name, which is how they stay in place.
func sorted[T client.Object](all []T) []T {
	return slices.SortedFunc(slices.Values(all), func(a, b T) int {
		return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
	})
}

func podCell(p *corev1.Pod) podView {
	word := podWord(p)
	return podView{Namespace: p.Namespace, Name: p.Name, Status: podStatus(p, word), Word: word}
}

// podStatus is how good that is: a pod on its way is busy, one that is done is
// off, and any other that does not run is bad.
func podStatus(p *corev1.Pod, word string) string {
	onItsWay := []string{"Terminating", "Pending", "ContainerCreating", "PodInitializing", "Running", "NotReady"}
	switch {
	case word == "Running" && condition(p, corev1.PodReady):
		return component.OK
	case slices.Contains(onItsWay, word) || initCount.MatchString(word):
		return component.Busy
	case p.Status.Phase == corev1.PodSucceeded:
		return component.Off
	}
	return component.Bad
}
