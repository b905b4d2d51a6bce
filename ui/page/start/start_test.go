package start

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"

	"kubergarten/engine/client/clienttest"
	"kubergarten/ui/frame"
)

func show(t *testing.T, lang string, lessons []Lesson) string {
	t.Helper()
	mux := http.NewServeMux()
	f := frame.New(frame.Config{Clock: clock.RealClock{}, Log: slog.New(slog.DiscardHandler)})
	Routes(mux, f, Deps{Lessons: func(ctx context.Context) []Lesson {
		if l := frame.From(ctx).Lang; l != lang {
			t.Errorf("lessons are asked for in %q", l)
		}
		return lessons
	}})
	ctx := frame.With(t.Context(), &frame.Visitor{User: &user.DefaultInfo{Name: "ann"}, Lang: lang})
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	return w.Body.String()
}

func TestWhatNow(t *testing.T) {
	first, second := Lesson{1, "01-components", "<b>Meet</b>", 10, 4, 4}, Lesson{2, "02-pod", "Pods", 8, 1, 3}
	fresh := second
	fresh.Passed = 0
	for name, tt := range map[string]struct {
		lang    string
		lessons []Lesson
		want    []string
	}{
		"in the middle": {"en", []Lesson{first, second}, []string{"Pods", "Continue: lesson 2", `href="/lessons/02-pod"`, "1 of 3 steps passed", "about 8 minutes"}},
		"in Chinese":    {"zh-CN", []Lesson{first, second}, []string{"继续：第 2 课", "已通过 3 步中的 1 步"}},
		"at the start":  {"en", []Lesson{fresh}, []string{"Begin: lesson 2"}},
		"all passed":    {"en", []Lesson{first}, []string{"All lessons are passed"}},
		"no lessons":    {"en", nil, []string{"See all lessons"}},
		"hostile title": {"en", []Lesson{{1, "x", "<b>Meet</b>", 1, 0, 1}}, []string{"&lt;b&gt;Meet&lt;/b&gt;", "about 1 minute"}},
	} {
		t.Run(name, func(t *testing.T) {
			page := show(t, tt.lang, tt.lessons)
			for _, want := range tt.want {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
		})
	}
}

func TestTheFiguresFollowTheCluster(t *testing.T) {
	api := clienttest.New(
		&corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: "node-1"},
			Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}},
		},
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-2"}},
		&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"}, Status: corev1.PodStatus{Phase: corev1.PodRunning}},
		&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"}, Spec: appsv1.DeploymentSpec{Replicas: ptr.To[int32](2)}},
	)
	ctx, stop := context.WithTimeout(frame.With(t.Context(), &frame.Visitor{User: &user.DefaultInfo{}, API: api, Lang: "en"}), time.Minute)
	defer stop()
	parts := make(chan frame.Part, 100)
	done := make(chan error, 1)
	go func() {
		done <- follow(ctx, nil, func(p ...frame.Part) {
			for _, p := range p {
				parts <- p
			}
		})
	}()
	want := map[string]string{"start-nodes": "1 of 2", "start-pods": "1 of 1", "start-workloads": "0 of 1"}
	for len(want) > 0 {
		select {
		case p := <-parts:
			var html strings.Builder
			if err := p.HTML.Render(ctx, &html); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(html.String(), want[p.Target]) {
				delete(want, p.Target)
			}
		case <-ctx.Done():
			t.Fatalf("never sent: %v", want)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
