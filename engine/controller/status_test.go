package controller

import (
	"context"
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestWriteStatus(t *testing.T) {
	stale, fresh, another := pod("p").obj, pod("p").on("n1").obj, pod("p").obj
	another.UID = "another"
	refused := errors.New("refused")
	for _, tt := range []struct {
		name   string
		found  *corev1.Pod
		accept func(*corev1.Pod) bool
		writes int
		ok     bool
	}{
		{"the first write is taken", fresh, func(*corev1.Pod) bool { return true }, 1, true},
		{"the second, on a fresh copy, is", fresh, func(p *corev1.Pod) bool { return p == fresh }, 2, true},
		{"neither is", fresh, func(*corev1.Pod) bool { return false }, 2, false},
		{"another has its name by now", another, func(p *corev1.Pod) bool { return p == another }, 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			writes := 0
			err := WriteStatus(t.Context(), stale, func(context.Context, string, string) (*corev1.Pod, error) { return tt.found, nil }, func(p *corev1.Pod) error {
				if writes++; tt.accept(p) {
					return nil
				}
				return refused
			})
			if writes != tt.writes || (err == nil) != tt.ok || err != nil && !errors.Is(err, refused) {
				t.Errorf("%d writes, error %v; want %d, ok %v", writes, err, tt.writes, tt.ok)
			}
		})
	}
}
