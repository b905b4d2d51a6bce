package lessons_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"

	"kubergarten/engine/client"
	"kubergarten/lessons"
)

// BenchmarkAnswer is the time from a change in the cluster to what the engine
// says of it, which is to be below 300 ms: in a namespace of 50 pods, of which
// another one changes every 50 ms.
func BenchmarkAnswer(b *testing.B) {
	s := &school{TB: b, town: newTown(), desk: &desk{files: map[string]string{}}, dir: b.TempDir()}
	s.me = lessons.Learner{ID: "me", API: s.town, Desk: s.desk}
	s.open(lessons.Config{Catalog: load(b)})
	defer func() { s.stop() }()
	s.begin()
	s.town.pod(b, "web", "nginx")
	for i := range 49 {
		s.town.pod(b, fmt.Sprint("other-", i), "busybox")
	}
	s.until("seen", seen(true))
	defer churn(func(i int) { s.town.image(b, fmt.Sprint("other-", i%49), fmt.Sprint("busybox:", i)) })()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		right := i%2 == 1
		began := time.Now()
		s.town.image(b, "web", map[bool]string{true: "nginx", false: "apache"}[right])
		s.until("seen", seen(right))
		took = append(took, time.Since(began))
	}
	reportAnswers(b, took)
}

// BenchmarkAnswerInCluster is BenchmarkAnswer in a running cluster: from before
// the learner's request, by HTTPS, while another object of the namespace changes
// every 50 ms.
func BenchmarkAnswerInCluster(b *testing.B) {
	l := newProofLab(b)
	l.Use(load(b,
		[3]string{"task.yaml", "watch: [pods]\n    expr: " + ready, "watch: [configmaps, pods]\n    expr: " + seedIs("right")},
		[3]string{"task.yaml", "!pods.exists(p, p.metadata.name == 'web')", "!(" + seedIs("wrong") + ")"},
	))
	who := lessons.Learner{ID: "me", API: l.cluster.API()}
	check(b, l.Start(b.Context(), who, "01-web"))
	write := func(name, state string) error {
		cm := applycorev1.ConfigMap(name, "lesson-web").WithData(map[string]string{"state": state})
		_, err := l.kube.CoreV1().ConfigMaps("lesson-web").Apply(b.Context(), cm, metav1.ApplyOptions{FieldManager: "me", Force: true})
		return err
	}
	until := func(is func(lessons.State) bool) {
		for {
			state, more := l.Follow(who, "01-web")
			if is(state) {
				return
			}
			<-more
		}
	}
	check(b, write("seed", "right"))
	until(seen(true))
	defer churn(func(i int) { _ = write("other", fmt.Sprint(i)) })()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		right := i%2 == 1
		began := time.Now()
		check(b, write("seed", map[bool]string{true: "right", false: "wrong"}[right]))
		until(seen(right))
		took = append(took, time.Since(began))
	}
	reportAnswers(b, took)
}

// seedIs is CEL: the ConfigMap seed has that state.
func seedIs(state string) string {
	return "configmaps.exists(c, c.metadata.name == 'seed' && has(c.data) && c.data.state == '" + state + "')"
}

func reportAnswers(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "ms-p95")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms-max")
}

// seen tells whether the first check was found to hold, or not to.
func seen(holds bool) func(lessons.State) bool {
	return func(st lessons.State) bool {
		c := st.Steps[0].Checks[0]
		return c.Passed == holds && (holds || c.MessageID == "web-image")
	}
}

// churn calls change 20 times a second, until its result is called.
func churn(change func(i int)) (stop func()) {
	over, done := make(chan struct{}), make(chan struct{})
	tick := time.NewTicker(50 * time.Millisecond)
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-over:
				return
			case <-tick.C:
				change(i)
			}
		}
	}()
	return func() {
		tick.Stop()
		close(over)
		<-done
	}
}

// image gives a pod's container another image.
func (c *town) image(t testing.TB, pod, image string) {
	t.Helper()
	pods := client.For[*corev1.Pod](c)
	p, err := pods.Get(t.Context(), "lesson-web", pod)
	if err == nil {
		p = p.DeepCopy()
		p.Spec.Containers[0].Image = image
		_, err = pods.Update(t.Context(), p)
	}
	if err != nil {
		t.Errorf("change pod %s: %v", pod, err)
	}
}
