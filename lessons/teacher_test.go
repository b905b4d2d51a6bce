package lessons_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
	"kubergarten/lessons"
)

func TestALessonFromStartToEnd(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		if st := s.State(s.me, "01-web"); st.Started || st.Steps[0].Status != lessons.Open || st.Steps[1].Status != lessons.Locked {
			t.Errorf("before the start: %+v", st)
		}
		s.begin()
		if diff := cmp.Diff([]string{"seed="}, s.town.has(t)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"web.yaml"}, s.desk.names()); diff != "" {
			t.Error(diff)
		}
		s.until("no pod", says("make", "no-web"))

		s.town.pod(t, "web", "apache")
		st := s.until("a wrong image", says("make", "web-image"))
		if got := st.Steps[0].Checks[0].Message.In("en"); got != "The image is `apache`." {
			t.Errorf("message %q does not name what differs", got)
		}
		s.must(client.For[*corev1.Pod](s.town).Delete(t.Context(), "lesson-web", "web", metav1.DeleteOptions{}))
		s.until("no pod again", says("make", "no-web"))

		s.town.pod(t, "web", "nginx")
		st = s.until("a check that holds", func(s lessons.State) bool { return s.Steps[0].Checks[0].Passed })
		if st.Steps[0].Status != lessons.Open {
			t.Error("the step is passed before its prediction is made")
		}
		s.must(s.Predict(s.me, "01-web", "make", "kubelet"))
		st = s.until("passed", status("make", lessons.Passed))
		if p := st.Steps[0].Prediction; p.Right == nil || !*p.Right || p.Explanation != nil {
			t.Errorf("prediction %+v, want right", p)
		}

		if st.Steps[1].Checks[0].MessageID != "" {
			t.Error("a question that is not answered is called wrong")
		}
		s.must(s.Answer(s.me, "01-web", "name", "kubelet"))
		st = s.until("a wrong answer", says("name", "not-that"))
		if got := st.Steps[1].Checks[0].Message.In("zh-CN"); got != "Not kubelet." {
			t.Errorf("message %q", got)
		}
		s.must(s.Answer(s.me, "01-web", "name", "etcd"))
		s.until("the last step, prepared", says("mend", "still-broken"))
		if diff := cmp.Diff([]string{"broken=broken", "seed=", "web"}, s.town.has(t)); diff != "" {
			t.Error(diff)
		}
		s.town.mend(t, "mended")
		st = s.until("done", lessons.State.Done)
		if st.Problem != "" || st.Busy {
			t.Errorf("at the end: %+v", st)
		}
		if diff := cmp.Diff([]lessons.Summary{{Lesson: "01-web", Started: true, Passed: 3, Steps: 3}}, s.Summaries(s.me)); diff != "" {
			t.Error(diff)
		}
		// What is passed stays passed.
		s.must(client.For[*corev1.Pod](s.town).Delete(t.Context(), "lesson-web", "web", metav1.DeleteOptions{}))
		time.Sleep(time.Second)
		if !s.State(s.me, "01-web").Done() {
			t.Error("a passed step is not passed any more")
		}
	})
}

func TestAWrongPredictionIsExplained(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.begin()
		if err := s.Predict(s.me, "01-web", "make", "nobody"); !errors.Is(err, lessons.ErrNoChoice) {
			t.Errorf("got %v", err)
		}
		s.must(s.Predict(s.me, "01-web", "make", "kubectl"))
		if err := s.Predict(s.me, "01-web", "make", "kubelet"); !errors.Is(err, lessons.ErrPredicted) {
			t.Errorf("a second prediction: %v", err)
		}
		if p := s.State(s.me, "01-web").Steps[0].Prediction; p.Choice != "kubectl" || p.Right != nil || p.Outcome != "" {
			t.Errorf("a prediction is graded before anything happened: %+v", p)
		}
		s.town.pod(t, "web", "nginx")
		p := s.until("passed", status("make", lessons.Passed)).Steps[0].Prediction
		if p.Right == nil || *p.Right || p.Outcome != "kubelet" || p.Explanation.In("en") != "It is not kubectl." {
			t.Errorf("prediction %+v, want wrong and explained", p)
		}
	})
}

func TestWhoIsAheadMaySkip(t *testing.T) {
	ahead := [3]string{"task.yaml", "  setup: [manifests/broken.yaml]\n", ""}
	needs := [3]string{"task.yaml", "configmaps.all(c, c.metadata.name != 'broken' ||", "configmaps.exists(c, c.metadata.name == 'broken' &&"}
	inSchool(t, load(t, ahead, needs), func(t *testing.T, s *school) {
		s.begin()
		s.until("no pod", says("make", "no-web"))
		s.town.Add(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "lesson-web", Name: "broken"}, Data: map[string]string{"state": "mended"}})
		st := s.until("skipped to", status("mend", lessons.Passed))
		if st.Steps[0].Status != lessons.Open || st.Steps[1].Status != lessons.Locked {
			t.Errorf("the others: %+v", st)
		}
	})
}

// TestAStepIsNotPassedBeforeItIsPrepared: the condition of the last step holds
// while its manifests are not applied.
func TestAStepIsNotPassedBeforeItIsPrepared(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.begin()
		s.until("no pod", says("make", "no-web"))
		time.Sleep(time.Second)
		if st, _ := s.State(s.me, "01-web").Step("mend"); st.Status != lessons.Locked {
			t.Errorf("the last step is %s", st.Status)
		}
	})
}

func TestTwoTabsSeeTheSame(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.begin()
		s.until("no pod", says("make", "no-web"))
		time.Sleep(time.Second)
		one, woken := s.Follow(s.me, "01-web")
		two, also := s.Follow(s.me, "01-web")
		if diff := cmp.Diff(one, two); diff != "" {
			t.Error(diff)
		}
		s.must(s.Hint(s.me, "01-web", "make"))
		<-woken
		<-also
		for range 5 {
			s.must(s.Hint(s.me, "01-web", "make"))
		}
		if got := s.State(s.me, "01-web").Steps[0].HintsShown; got != 3 {
			t.Errorf("%d hints, want 3", got)
		}
		if got := s.town.count("watch pods"); got != 1 {
			t.Errorf("%d watches for two tabs, want 1", got)
		}
		other := lessons.Learner{ID: "other", API: s.town}
		if got := s.State(other, "01-web"); got.Started || got.Steps[0].HintsShown != 0 {
			t.Errorf("another learner has %+v", got)
		}
	})
}

func TestAfterARestartTheLessonGoesOn(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.begin()
		s.must(s.Predict(s.me, "01-web", "make", "kubelet"))
		s.town.pod(t, "web", "nginx")
		s.until("passed", status("make", lessons.Passed))
		s.must(s.ShowSolution(s.me, "01-web", "name"))
		before := s.State(s.me, "01-web")
		s.stop()
		watches := s.town.count("watch pods")
		s.open(lessons.Config{Catalog: load(t)})
		synctest.Wait()
		if s.town.count("watch pods") != watches {
			t.Error("a lesson is watched that nobody looks at")
		}
		after := s.until("as before", status("name", lessons.Open))
		if diff := cmp.Diff(before, after); diff != "" {
			t.Error(diff)
		}
		s.must(s.Answer(s.me, "01-web", "name", "etcd"))
		s.until("the last step", says("mend", "still-broken"))
		s.begin()
		s.until("as it was", says("mend", "still-broken"))
	})
}

func TestResetIsClean(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		dirty := func() {
			s.must(s.Predict(s.me, "01-web", "make", "kubelet"))
			s.town.pod(t, "web", "nginx")
			s.town.pod(t, "mine", "nginx")
			s.until("passed", status("make", lessons.Passed))
			s.desk.write("web.yaml", "changed")
		}
		s.begin()
		s.until("no pod", says("make", "no-web"))
		fresh := s.State(s.me, "01-web")
		dirty()
		s.must(s.Reset(t.Context(), s.me, "01-web", ""))
		if diff := cmp.Diff([]string{"seed="}, s.town.has(t)); diff != "" {
			t.Error(diff)
		}
		if got := s.desk.read("web.yaml"); got != "kind: Pod\nimage: ____\n" {
			t.Errorf("the file is %q", got)
		}
		s.until("no pod", says("make", "no-web"))
		time.Sleep(time.Second)
		if diff := cmp.Diff(fresh, s.State(s.me, "01-web")); diff != "" {
			t.Error(diff)
		}

		dirty()
		s.must(s.Answer(s.me, "01-web", "name", "etcd"))
		s.until("the last step", says("mend", "still-broken"))
		s.town.mend(t, "mended")
		s.until("done", lessons.State.Done)
		s.must(s.Reset(t.Context(), s.me, "01-web", "mend"))
		st := s.until("broken again", says("mend", "still-broken"))
		if st.Steps[0].Status != lessons.Passed || st.Steps[1].Status != lessons.Passed || s.desk.read("web.yaml") != "changed" {
			t.Errorf("the reset of one step touches others: %+v", st)
		}
		if diff := cmp.Diff([]string{"broken=broken", "seed="}, s.town.has(t)); diff != "" {
			t.Error(diff)
		}
		if err := s.Reset(t.Context(), s.me, "01-web", "nowhere"); !errors.Is(err, lessons.ErrNoStep) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNobodyLooksNothingRuns(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.begin()
		s.until("no pod", says("make", "no-web"))
		time.Sleep(time.Hour)
		synctest.Wait()
		watches := s.town.count("watch pods")
		s.town.pod(t, "web", "nginx")
		time.Sleep(time.Second)
		s.until("seen at the next look", func(st lessons.State) bool { return st.Steps[0].Checks[0].Passed })
		if got := s.town.count("watch pods"); got != watches+1 {
			t.Errorf("%d watches before, %d after: want one more", watches, got)
		}
	})
}

func TestWhoFollowsIsNotForgotten(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.begin()
		s.until("no pod", says("make", "no-web"))
		found := make(chan lessons.State)
		go func() {
			for {
				st, more := s.Follow(s.me, "01-web")
				if st.Steps[0].Checks[0].Passed {
					found <- st
					return
				}
				<-more
			}
		}()
		time.Sleep(3 * time.Hour)
		s.town.pod(t, "web", "nginx")
		select {
		case <-found:
		case <-time.After(time.Second):
			t.Error("who followed for three hours was not told")
		}
		if got := s.town.count("watch pods"); got != 1 {
			t.Errorf("%d watches, want the one", got)
		}
	})
}

func TestWhatIsGoneMustBeStartedAgain(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.begin()
		s.until("no pod", says("make", "no-web"))
		s.must(client.For[*corev1.Namespace](s.town).Delete(t.Context(), "", "lesson-web", metav1.DeleteOptions{}))
		s.until("not started", func(st lessons.State) bool { return !st.Started })
		s.begin()
		s.until("no pod", says("make", "no-web"))
		if diff := cmp.Diff([]string{"seed="}, s.town.has(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTroubleIsShownAndPasses(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		refuse := func(verb, resource string) {
			s.town.failing(func(v string, at client.Target) error {
				if v == verb && at.Resource == resource {
					return apierrors.NewForbidden(at.GroupResource(), "", errors.New("no"))
				}
				return nil
			})
		}
		refuse("create", "namespaces")
		if err := s.Start(t.Context(), s.me, "01-web"); !apierrors.IsForbidden(err) {
			t.Errorf("got %v, want forbidden", err)
		}
		if st := s.State(s.me, "01-web"); st.Started || st.Busy || !strings.Contains(st.Problem, "forbidden") {
			t.Errorf("got %+v", st)
		}
		refuse("list", "pods")
		s.begin()
		s.until("blind", func(st lessons.State) bool { return strings.Contains(st.Problem, "watch pods") })
		s.town.failing(nil)
		st := s.until("seeing", says("make", "no-web"))
		if st.Problem != "" {
			t.Errorf("the problem stays: %q", st.Problem)
		}
		refuse("list", "namespaces")
		s.stop()
		s.open(lessons.Config{Catalog: load(t)})
		s.until("seeing without the namespace", says("make", "no-web"))
	})
}

// TestWhatDoesNotComeIsNamed: nobody makes the namespace's service account.
func TestWhatDoesNotComeIsNamed(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.town.idle = true
		const want = "service account default of namespace lesson-web does not come: given up after 2m0s"
		if err := s.Start(t.Context(), s.me, "01-web"); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if st := s.State(s.me, "01-web"); st.Problem != want {
			t.Errorf("the learner is told %q", st.Problem)
		}
	})
}

// TestAPlaceThatWasHalfMade gets what the lesson puts into it when one tries again.
func TestAPlaceThatWasHalfMade(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.begin()
		s.must(client.For[*corev1.Namespace](s.town).Delete(t.Context(), "", "lesson-web", metav1.DeleteOptions{}))
		s.town.idle = true
		if err := s.Start(t.Context(), s.me, "01-web"); err == nil {
			t.Fatal("it starts without a service account")
		}
		s.town.account("lesson-web")
		s.must(s.Start(t.Context(), s.me, "01-web"))
		if diff := cmp.Diff([]string{"seed="}, s.town.has(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAWatchThatEndsIsBegunAgain(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.town.idle = true
		done := make(chan error, 1)
		go func() { done <- s.Start(t.Context(), s.me, "01-web") }()
		for range 3 {
			time.Sleep(time.Second)
			s.town.EndWatches()
		}
		time.Sleep(time.Second)
		s.town.account("lesson-web")
		s.must(<-done)
		if got := s.town.count("watch serviceaccounts"); got != 4 {
			t.Errorf("%d watches, want 4", got)
		}
	})
}

func TestProgressTravels(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.begin()
		s.must(s.Predict(s.me, "01-web", "make", "kubelet"))
		s.town.pod(t, "web", "nginx")
		s.until("passed", status("make", lessons.Passed))
		data, err := s.Export(s.me)
		s.must(err)
		friend := lessons.Learner{ID: "system:serviceaccount:a:b", API: s.town}
		s.must(s.Import(friend, data))
		st := s.State(friend, "01-web")
		if st.Started || st.Steps[0].Status != lessons.Passed || st.Steps[0].Prediction.Choice != "kubelet" {
			t.Errorf("imported: %+v", st)
		}
		for _, bad := range []string{"", "{}", `{"version":2}`, `{"version":1,"lessons":{"x":{"steps":{"y":{"z":1}}}}}`, string(data) + "1"} {
			if err := s.Import(friend, []byte(bad)); err == nil {
				t.Errorf("%q is taken for progress", bad)
			}
		}
		if got := s.State(friend, "01-web"); got.Steps[0].Status != lessons.Passed {
			t.Error("what was refused has changed the progress")
		}
	})
}

func TestABookThatCannotBeReadIsLaidAside(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.must(os.WriteFile(s.dir+"/progress-torn.json", []byte("{"), 0o600))
		torn := lessons.Learner{ID: "torn", API: s.town}
		s.must(s.Hint(torn, "01-web", "make"))
		if _, err := os.Stat(s.dir + "/progress-torn.json.bad"); err != nil {
			t.Error(err)
		}
		if got := s.State(torn, "01-web").Steps[0].HintsShown; got != 1 {
			t.Errorf("%d hints, want 1", got)
		}
	})
}

// TestABookThatCannotBeReadNowIsNotLost: the file is whole, and only cannot be
// read for a while. Nothing is written over it.
func TestABookThatCannotBeReadNowIsNotLost(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.must(s.Hint(s.me, "01-web", "make"))
		s.stop()
		file := s.dir + "/progress-me.json"
		s.must(os.Rename(file, file+".kept"))
		s.must(os.Mkdir(file, 0o700)) // to read it fails
		s.open(lessons.Config{Catalog: load(t)})
		st, more := s.Follow(s.me, "01-web")
		if !strings.Contains(st.Problem, "read progress") || st.Steps != nil {
			t.Errorf("the state is %+v", st)
		}
		if err := s.Hint(s.me, "01-web", "make"); err == nil {
			t.Error("a hint is kept in a book that cannot be read")
		}
		if _, err := s.Export(s.me); err == nil {
			t.Error("a book that cannot be read is exported")
		}
		if got := s.Summaries(s.me); len(got) != 1 || got[0].Started {
			t.Errorf("got %+v", got)
		}
		s.must(os.Remove(file))
		s.must(os.Rename(file+".kept", file))
		<-more
		s.must(s.Hint(s.me, "01-web", "make"))
		if got := s.State(s.me, "01-web").Steps[0].HintsShown; got != 2 {
			t.Errorf("%d hints, want 2", got)
		}
	})
}

// TestAStepThatIsNotOpenTakesNothing: predictions are made when a step is open,
// and so are answers.
func TestAStepThatIsNotOpenTakesNothing(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		if err := s.Predict(s.me, "01-web", "make", "kubelet"); !errors.Is(err, lessons.ErrNotStarted) {
			t.Errorf("before the start: %v", err)
		}
		s.begin()
		if err := s.Answer(s.me, "01-web", "name", "etcd"); !errors.Is(err, lessons.ErrLocked) {
			t.Errorf("before its turn: %v", err)
		}
		s.must(s.Predict(s.me, "01-web", "make", "kubelet"))
	})
}

func TestAnAuthorChangesTheLessons(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		s.begin()
		s.until("no pod", says("make", "no-web"))
		_, more := s.Follow(s.me, "01-web")
		s.Use(load(t, [3]string{"task.yaml", "'web' && p", "'page' && p"}, [3]string{"task.yaml", "'web')\", say", "'page')\", say"}))
		<-more
		s.town.pod(t, "page", "nginx")
		s.until("the new check", func(st lessons.State) bool { return st.Steps[0].Checks[0].Passed })
	})
}

func TestWhatThereIsNot(t *testing.T) {
	inSchool(t, load(t), func(t *testing.T, s *school) {
		for name, err := range map[string]error{
			"start":   s.Start(t.Context(), s.me, "09-none"),
			"reset":   s.Reset(t.Context(), s.me, "09-none", ""),
			"predict": s.Predict(s.me, "09-none", "make", "kubelet"),
		} {
			if !errors.Is(err, lessons.ErrNoLesson) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := s.Hint(s.me, "01-web", "none"); !errors.Is(err, lessons.ErrNoStep) {
			t.Errorf("hint: %v", err)
		}
		if err := s.Predict(s.me, "01-web", "name", "x"); !errors.Is(err, lessons.ErrNoQuestion) {
			t.Errorf("predict: %v", err)
		}
		if err := s.Answer(s.me, "01-web", "make", "x"); !errors.Is(err, lessons.ErrNoQuestion) {
			t.Errorf("answer: %v", err)
		}
		if err := s.Answer(s.me, "01-web", "name", strings.Repeat("x", 2000)); err == nil {
			t.Error("an answer may be of any length")
		}
		if st := s.State(s.me, "09-none"); st.Steps != nil {
			t.Errorf("a state of nothing: %+v", st)
		}
		if err := s.Start(t.Context(), lessons.Learner{ID: "guest"}, "01-web"); err == nil {
			t.Error("a lesson starts without a cluster")
		}
	})
}
