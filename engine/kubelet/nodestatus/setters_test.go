package nodestatus

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func TestImages(t *testing.T) {
	many := &v1.Image{Size: 2, RepoDigests: []string{"d"}}
	for i := range 9 {
		many.RepoTags = append(many.RepoTags, fmt.Sprint("t", i))
	}
	all := []*v1.Image{{Size: 1, RepoTags: []string{"small"}}, many, {Size: 3, RepoTags: []string{"large"}}}
	want := []corev1.ContainerImage{
		{Names: []string{"large"}, SizeBytes: 3},
		{Names: []string{"d", "t0", "t1", "t2", "t3"}, SizeBytes: 2},
		{Names: []string{"small"}, SizeBytes: 1},
	}
	for most, n := range map[int]int{-1: 3, 0: 0, 2: 2, 50: 3} {
		if diff := cmp.Diff(want[:n], append([]corev1.ContainerImage{}, Images(all, most)...)); diff != "" {
			t.Errorf("at most %d: %s", most, diff)
		}
	}
}

func TestRebooted(t *testing.T) {
	for old, want := range map[string]bool{"": false, "a": false, "b": true} {
		n := &corev1.Node{Status: corev1.NodeStatus{NodeInfo: corev1.NodeSystemInfo{BootID: old}}}
		if got := Rebooted(n, "a"); got != want {
			t.Errorf("from %q to a: %v", old, got)
		}
	}
}
