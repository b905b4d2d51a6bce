package deployment

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

func TestAnnotate(t *testing.T) {
	d := deploy(3, "1", "0").obj
	d.Annotations = map[string]string{
		"note": "hello", revisionAnnotation: "7", corev1.LastAppliedConfigAnnotation: "{}",
	}
	for _, tt := range []struct {
		name    string
		has     map[string]string
		next    int64
		exists  bool
		want    map[string]string
		changed bool
	}{
		{"a new one", nil, 1, false, map[string]string{"note": "hello", revisionAnnotation: "1", desiredAnnotation: "3", maxAnnotation: "4"}, true},
		{"one that is up to date", map[string]string{"note": "hello", revisionAnnotation: "2"}, 2, true, map[string]string{"note": "hello", revisionAnnotation: "2"}, false},
		{
			"an old one comes back",
			map[string]string{"note": "hello", revisionAnnotation: "1"},
			3, true,
			map[string]string{"note": "hello", revisionAnnotation: "3", historyAnnotation: "1"},
			true,
		},
		{
			"and again",
			map[string]string{"note": "hello", revisionAnnotation: "3", historyAnnotation: "1"},
			5, true,
			map[string]string{"note": "hello", revisionAnnotation: "5", historyAnnotation: "1,3"},
			true,
		},
		{"a revision never falls", map[string]string{"note": "hello", revisionAnnotation: "9"}, 2, true, map[string]string{"note": "hello", revisionAnnotation: "9"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rs := set(1, 1, 1, "")
			rs.Annotations = tt.has
			if changed := annotate(d, rs, tt.next, tt.exists); changed != tt.changed {
				t.Errorf("changed: %v, want %v", changed, tt.changed)
			}
			if diff := cmp.Diff(tt.want, rs.Annotations); diff != "" {
				t.Errorf("annotations (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHistoryIsBounded(t *testing.T) {
	rs := set(1, 1, 1, "")
	for i := range 1000 {
		remember(rs, fmt.Sprint(i))
	}
	h := rs.Annotations[historyAnnotation]
	if len(h) > maxHistory || !strings.HasSuffix(h, ",998,999") || strings.HasPrefix(h, "0,") {
		t.Errorf("history is %d characters, from %.8s", len(h), h)
	}
}
