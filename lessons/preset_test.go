package lessons_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	"kubergarten/lessons"
)

// A controlPlane takes flags from the learner "me" alone.
type controlPlane struct {
	mu    sync.Mutex
	flags lessons.Flags
	fail  error
	calls int
}

func (c *controlPlane) Set(_ context.Context, learner string, flags lessons.Flags) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if learner != "me" {
		return lessons.ErrNotOwner
	}
	if c.fail == nil {
		c.flags = flags
	}
	return c.fail
}

// now is "flag=value", or nothing.
func (c *controlPlane) now() (out string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for component, flags := range c.flags {
		for flag, value := range flags {
			out += component + " " + flag + "=" + value
		}
	}
	return out
}

func (c *controlPlane) failing(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = err
}

func (c *controlPlane) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}

const wantFlags = "kube-controller-manager node-monitor-grace-period=5s"

// presetTree has a lesson with presets, and one without.
func presetTree(t *testing.T) *lessons.Catalog {
	t.Helper()
	presets := [3]string{"task.yaml", "minutes: 5", "minutes: 5\npresets:\n  kube-controller-manager:\n    node-monitor-grace-period: 5s"}
	both := tree(presets)
	for name, file := range tree([3]string{"task.yaml", "id: web\nnamespace: lesson-web", "id: other\nnamespace: lesson-other"}, [3]string{"task.yaml", "  files: [manifests/web.yaml]\n", ""}) {
		both[strings.Replace(name, "01-web", "02-other", 1)] = file
	}
	c, err := lessons.Load(both)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func inSchoolWithPresets(t *testing.T, test func(*testing.T, *school, *controlPlane)) {
	t.Helper()
	plane := &controlPlane{}
	inSchoolWith(t, lessons.Config{Catalog: presetTree(t), Presets: plane}, func(t *testing.T, s *school) { test(t, s, plane) })
}

func (c *controlPlane) want(t *testing.T, when, flags string) {
	t.Helper()
	synctest.Wait()
	if got := c.now(); got != flags {
		t.Errorf("%s the flags are %q, want %q", when, got, flags)
	}
}

// pass passes all steps of the lesson.
func (s *school) pass() {
	s.Helper()
	s.until("no pod", says("make", "no-web"))
	s.must(s.Predict(s.me, "01-web", "make", "kubelet"))
	s.town.pod(s.TB, "web", "nginx")
	s.until("passed", status("make", lessons.Passed))
	s.must(s.Answer(s.me, "01-web", "name", "etcd"))
	s.until("the last step, prepared", says("mend", "still-broken"))
	s.town.mend(s.TB, "mended")
	s.until("done", lessons.State.Done)
}

func TestPresetsHoldWhileTheLessonGoesOn(t *testing.T) {
	inSchoolWithPresets(t, func(t *testing.T, s *school, plane *controlPlane) {
		s.begin()
		plane.want(t, "after the start", wantFlags)
		s.stop()
		s.open(lessons.Config{Catalog: presetTree(t), Presets: plane})
		s.until("no pod", says("make", "no-web"))
		plane.want(t, "after a restart of the server", wantFlags)
		s.pass()
		plane.want(t, "at the end", "")
		s.begin()
		plane.want(t, "when what is passed is started", "")
		s.must(s.Reset(t.Context(), s.me, "01-web", "mend"))
		plane.want(t, "when a step is open again", wantFlags)
		s.must(s.Reset(t.Context(), s.me, "01-web", ""))
		plane.want(t, "when all is open again", wantFlags)
		s.pass()
		plane.want(t, "at the second end", "")
		if st := s.State(s.me, "01-web"); st.Problem != "" {
			t.Errorf("problem %q", st.Problem)
		}
	})
}

func TestAnotherLessonTakesPresetsBack(t *testing.T) {
	inSchoolWithPresets(t, func(t *testing.T, s *school, plane *controlPlane) {
		s.begin()
		s.must(s.Start(t.Context(), s.me, "02-other"))
		plane.want(t, "in another lesson", "")
		if st := s.State(s.me, "01-web"); !strings.Contains(st.Problem, "do not hold now") {
			t.Errorf("the first lesson goes on without its flags, and says %q", st.Problem)
		}
		if st := s.State(s.me, "02-other"); st.Problem != "" {
			t.Errorf("the other lesson says %q", st.Problem)
		}
		s.must(s.Reset(t.Context(), s.me, "01-web", "make"))
		plane.want(t, "in the first one again", wantFlags)
		if st := s.State(s.me, "01-web"); st.Problem != "" {
			t.Errorf("problem %q", st.Problem)
		}
	})
}

func TestWhoIsNotTheOwnerStartsNoPresets(t *testing.T) {
	inSchoolWithPresets(t, func(t *testing.T, s *school, plane *controlPlane) {
		guest := lessons.Learner{ID: "guest", API: s.town}
		if err := s.Start(t.Context(), guest, "01-web"); !errors.Is(err, lessons.ErrNotOwner) {
			t.Errorf("start: got %v, want %v", err, lessons.ErrNotOwner)
		}
		if st := s.State(guest, "01-web"); st.Started || st.Problem != lessons.ErrNotOwner.Error() {
			t.Errorf("after that: %+v", st)
		}
		s.begin()
		if err := s.Reset(t.Context(), guest, "01-web", ""); !errors.Is(err, lessons.ErrNotOwner) {
			t.Errorf("reset: got %v, want %v", err, lessons.ErrNotOwner)
		}
		if diff := cmp.Diff([]string{"seed="}, s.town.has(t)); diff != "" {
			t.Errorf("a reset that is refused clears the place: %s", diff)
		}
		s.must(s.Start(t.Context(), guest, "02-other"))
		plane.want(t, "when a guest takes another lesson", wantFlags)
	})
}

func TestWithoutPresetsALessonThatNeedsThemDoesNotStart(t *testing.T) {
	inSchool(t, presetTree(t), func(t *testing.T, s *school) {
		if err := s.Start(t.Context(), s.me, "01-web"); !errors.Is(err, lessons.ErrNoPresets) {
			t.Errorf("got %v, want %v", err, lessons.ErrNoPresets)
		}
		if s.town.count("create namespaces") != 0 {
			t.Error("the place is made all the same")
		}
		s.must(s.Start(t.Context(), s.me, "02-other"))
	})
}

func TestPresetsThatStay(t *testing.T) {
	inSchoolWithPresets(t, func(t *testing.T, s *school, plane *controlPlane) {
		s.begin()
		plane.failing(errors.New("the manifest is damaged"))
		s.pass()
		st := s.until("a problem", func(s lessons.State) bool { return s.Problem != "" })
		if st.Problem != "the manifest is damaged" {
			t.Errorf("problem %q", st.Problem)
		}
		calls := plane.count()
		for range 3 {
			s.State(s.me, "01-web")
			synctest.Wait()
		}
		if plane.count() != calls {
			t.Error("what failed is tried again and again")
		}
		if err := s.Start(t.Context(), s.me, "02-other"); err == nil {
			t.Error("another lesson starts with flags that are not its own")
		}
		plane.failing(nil)
		s.must(s.Start(t.Context(), s.me, "02-other"))
		plane.want(t, "when another lesson starts", "")
	})
}

// TestPresetsEndWithTheNamespace: a place that is gone needs no flags, also if
// it was never made.
func TestPresetsEndWithTheNamespace(t *testing.T) {
	inSchoolWithPresets(t, func(t *testing.T, s *school, plane *controlPlane) {
		s.begin()
		s.until("no pod", says("make", "no-web"))
		s.must(client.For[*corev1.Namespace](s.town).Delete(t.Context(), "", "lesson-web", metav1.DeleteOptions{}))
		s.until("not started", func(s lessons.State) bool { return !s.Started })
		plane.want(t, "without a namespace", "")
		s.town.failing(func(verb string, at client.Target) error {
			if verb == "create" && at.Resource == "namespaces" {
				return errors.New("no more namespaces")
			}
			return nil
		})
		if err := s.Start(t.Context(), s.me, "01-web"); err == nil {
			t.Fatal("the lesson starts without a namespace")
		}
		plane.want(t, "after a start that failed", "")
	})
}

func TestAFlagIsChecked(t *testing.T) {
	presets := [3]string{"task.yaml", "minutes: 5", "minutes: 5\npresets:\n  kube-scheduler:\n    v: 4\n    colour: red"}
	_, err := lessons.Load(tree(presets), func(component, flag, value string) error {
		if flag == "v" && value == "4" {
			return nil
		}
		return errors.New(component + " has no --" + flag + "=" + value)
	})
	const want = "01-web/task.yaml:7: presets of kube-scheduler: kube-scheduler has no --colour=red"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
