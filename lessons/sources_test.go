package lessons_test

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/client"
	"kubergarten/engine/trace"
	"kubergarten/lessons"
)

const ready = "pods.exists(p, p.metadata.name == 'web' && p.spec.containers[0].image == 'nginx')"

// checkOf is the small lesson with another first check.
func checkOf(t *testing.T, expr, more string) *lessons.Catalog {
	t.Helper()
	return load(t, [3]string{"task.yaml", "expr: " + ready, "expr: " + expr + "\n" + more}, [3]string{"task.yaml", "  predict:\n    id: who\n    choices: [kubectl, kubelet]\n    graded: \"pods.exists(p, p.metadata.name == 'web') ? 'kubelet' : 'kubectl'\"\n    misconception: {kubectl: not-kubectl}\n", ""},
		[3]string{"lesson.en.md", guess, ""}, [3]string{"lesson.zh-CN.md", guess, ""},
		[3]string{"lesson.en.md", unsaid, ""}, [3]string{"lesson.zh-CN.md", unsaid, ""})
}

const (
	guess  = "### Guess {#make-predict}\n\nWho?\n\n- kubectl, of course\n- the `kubelet`\n\n"
	unsaid = "  not-kubectl: \"It is not kubectl.\"\n"
)

func TestAProbeAsksUntilTheChangeHasArrived(t *testing.T) {
	c := checkOf(t, "probe.status == 200 && probe.body.contains('hello')", "    probe: {http: {url: 'http://web.{{ns}}'}}")
	p := &prober{http: func(n int) (int, string, error) {
		if n < 3 {
			return 0, "", errors.New("connection refused")
		}
		return 200, "hello", nil
	}}
	inSchoolWith(t, lessons.Config{Catalog: c, Probe: p}, func(t *testing.T, s *school) {
		s.begin()
		s.until("answered", status("make", lessons.Passed))
		asked := p.count()
		time.Sleep(time.Minute)
		if more := p.count() - asked; more != 0 {
			t.Errorf("a passed check is probed %d times more", more)
		}
	})
}

// TestAProbeBacksOff: while nothing changes, a probe that fails runs seldom, and
// soon again after a change.
func TestAProbeBacksOff(t *testing.T) {
	c := checkOf(t, "probe.status == 200", "    probe: {http: {url: 'http://web'}}")
	p := &prober{http: func(int) (int, string, error) { return 503, "", nil }}
	inSchoolWith(t, lessons.Config{Catalog: c, Probe: p}, func(t *testing.T, s *school) {
		s.begin()
		s.until("no pod", says("make", "no-web"))
		time.Sleep(time.Minute)
		before := p.count()
		time.Sleep(5 * time.Minute)
		if more := p.count() - before; before == 0 || before > 15 || more < 5 || more > 11 {
			t.Errorf("asked %d times in a minute, and %d times in five after nothing happened", before, more)
		}
		before = p.count()
		s.town.pod(t, "web", "nginx")
		time.Sleep(5 * time.Second)
		if more := p.count() - before; more < 4 || more > 6 {
			t.Errorf("after a change it is asked %d times in five seconds", more)
		}
		time.Sleep(time.Hour) // nobody looks
		before = p.count()
		time.Sleep(time.Hour)
		if more := p.count() - before; more != 0 {
			t.Errorf("asked %d times while nobody looks", more)
		}
	})
}

// TestAProbeSeesWhatChangesElsewhere: what keeps the answer away passes by
// itself, and nothing in the namespace changes.
func TestAProbeSeesWhatChangesElsewhere(t *testing.T) {
	c := checkOf(t, "probe.status == 200", "    probe: {http: {url: 'http://web'}}")
	began := time.Now()
	p := &prober{}
	p.http = func(int) (int, string, error) {
		if time.Since(began) < 40*time.Second {
			return 0, "", errors.New("no such host")
		}
		return 200, "", nil
	}
	inSchoolWith(t, lessons.Config{Catalog: c, Probe: p}, func(t *testing.T, s *school) {
		began = time.Now()
		s.begin()
		time.Sleep(40 * time.Second)
		s.until("answered", status("make", lessons.Passed))
	})
}

func TestAProberThatPanicsFailsItsCheckOnly(t *testing.T) {
	c := checkOf(t, "probe.done && probe.error != ''", "    probe: {exec: {pod: web, command: [id]}}")
	inSchoolWith(t, lessons.Config{Catalog: c, Probe: &prober{}}, func(t *testing.T, s *school) {
		s.begin()
		s.until("told", status("make", lessons.Passed))
	})
}

func TestLogsAreRead(t *testing.T) {
	c, p := checkOf(t, "logs('web', 'main').contains('hello')", ""), &prober{}
	inSchoolWith(t, lessons.Config{Catalog: c, Probe: p}, func(t *testing.T, s *school) {
		r, w := io.Pipe()
		p.log = func(string) io.ReadCloser { return r }
		s.begin()
		s.until("no pod", says("make", "no-web"))
		if _, err := io.WriteString(w, "hel"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "lo\n"); err != nil {
			t.Fatal(err)
		}
		s.until("read", status("make", lessons.Passed))
		w.Close()
	})
}

// TestLogsOfPodsThatAreGoneAreForgotten: a Deployment's pods have new names with
// each rollout, and a lesson may follow a few logs at a time.
func TestLogsOfPodsThatAreGoneAreForgotten(t *testing.T) {
	c, p := checkOf(t, "pods.exists(p, logs(p.metadata.name, 'main').contains('hello'))", ""), &prober{}
	inSchoolWith(t, lessons.Config{Catalog: c, Probe: p}, func(t *testing.T, s *school) {
		var mu sync.Mutex
		logs := map[string]*io.PipeWriter{}
		p.log = func(pod string) io.ReadCloser {
			r, w := io.Pipe()
			mu.Lock()
			defer mu.Unlock()
			logs[pod] = w
			return r
		}
		write := func(pod string) error {
			time.Sleep(time.Second)
			mu.Lock()
			w := logs[pod]
			mu.Unlock()
			if w == nil {
				return errors.New("nobody has asked for the log of " + pod)
			}
			_, err := io.WriteString(w, "hello\n")
			return err
		}
		s.begin()
		for i := range 30 {
			name := fmt.Sprint("web-", i)
			s.town.pod(t, name, "nginx")
			time.Sleep(time.Second)
			s.must(client.For[*corev1.Pod](s.town).Delete(t.Context(), "lesson-web", name, metav1.DeleteOptions{}))
			if err := write(name); !errors.Is(err, io.ErrClosedPipe) {
				t.Fatalf("the log of a pod that is gone, %s: %v, want that nobody reads it", name, err)
			}
		}
		s.town.pod(t, "web", "nginx")
		s.must(write("web"))
		s.until("read", status("make", lessons.Passed))
	})
}

func TestTheTraceIsSeen(t *testing.T) {
	rec := trace.New(clocktesting.NewFakePassiveClock(time.Now()), 16)
	c := checkOf(t, "trace.exists(r, r.step == 'bound' && r.name == 'web' && r.who == 'kube-scheduler')", "")
	inSchool(t, c, func(t *testing.T, s *school) {
		rec = trace.New(clocktesting.NewFakePassiveClock(time.Now()), 16)
		s.stop()
		s.open(lessons.Config{Catalog: c, Trace: rec})
		s.begin()
		s.until("no pod", says("make", "no-web"))
		rec.Emit(trace.Record{Who: "kube-scheduler", Step: trace.Bound, Object: trace.Ref{Resource: "pods", Namespace: "elsewhere", Name: "web"}})
		time.Sleep(time.Second)
		s.until("not here", says("make", "no-web"))
		rec.Emit(trace.Record{Who: "kube-scheduler", Step: trace.Bound, Object: trace.Ref{Resource: "pods", Namespace: "lesson-web", Name: "web"}})
		s.until("bound", status("make", lessons.Passed))
	})
}
