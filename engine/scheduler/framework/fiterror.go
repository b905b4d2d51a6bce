package framework

// Upstream: pkg/scheduler/framework/types.go (FitError, Diagnosis)

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// A FitError says why a pod fits on no node.
type FitError struct {
	Pod           *corev1.Pod
	NumAllNodes   int
	PreFilterMsg  string             // if the pod was refused before any node was asked
	Refused       map[string]*Status // by node
	NotAsked      string             // the reason for nodes not in Refused
	PostFilterMsg string
}

// Error is upstream's text, as `0/3 nodes are available: 1 node(s) had untolerated
// taint(s), 2 Insufficient cpu. ...`.
func (f *FitError) Error() string {
	msg := fmt.Sprintf("0/%v nodes are available:", f.NumAllNodes)
	switch {
	case f.PreFilterMsg != "":
		msg += fmt.Sprintf(" %v.", f.PreFilterMsg)
	default:
		if reasons := f.histogram(); len(reasons) > 0 {
			msg += fmt.Sprintf(" %v.", strings.Join(reasons, ", "))
		}
	}
	if f.PostFilterMsg != "" {
		msg += " " + f.PostFilterMsg
	}
	return msg
}

// histogram is how many nodes gave each reason.
func (f *FitError) histogram() (out []string) {
	count := map[string]int{}
	for _, s := range f.Refused {
		for _, r := range s.Reasons {
			count[r]++
		}
	}
	if rest := f.NumAllNodes - len(f.Refused); rest > 0 && f.NotAsked != "" {
		count[f.NotAsked] += rest
	}
	for reason, n := range count {
		out = append(out, fmt.Sprintf("%v %v", n, reason))
	}
	slices.Sort(out)
	return out
}

// Plugins is who refused.
func (f *FitError) Plugins() (out []string) {
	for _, s := range f.Refused {
		if !slices.Contains(out, s.Plugin) {
			out = append(out, s.Plugin)
		}
	}
	slices.Sort(out)
	return out
}
