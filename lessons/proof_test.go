package lessons_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"kubergarten/engine/conformance/isolation"
	"kubergarten/lessons"
)

// TestLessons proves each lesson in a cluster, once for all its languages: what
// is there at the start does not pass, nor does doing nothing; the solution
// does; each wrong answer gets the message meant for it; and a reset leaves
// nothing behind. Nobody outside of the computer is needed for that.
func TestLessons(t *testing.T) {
	if !isolation.Offline(t) {
		return
	}
	l := newProofLab(t)
	for _, lesson := range l.Catalog().Lessons() {
		t.Run(lesson.ID, func(t *testing.T) {
			t.Parallel()
			p := newProof(t, l, lesson)
			p.run()
			for _, lang := range lessons.Languages() {
				t.Run(lang, func(t *testing.T) { p.read(t, lang) })
			}
		})
	}
}

// A proof takes one learner through one lesson.
type proof struct {
	*proofLab
	t      *testing.T
	lesson *lessons.Lesson
	who    lessons.Learner
	shell  *proofShell
	heard  []saying // in order
}

// A saying is what the teacher said of a check, and when.
type saying struct {
	when  string
	check lessons.CheckState
}

func newProof(t *testing.T, l *proofLab, lesson *lessons.Lesson) *proof {
	id := "proof-" + lesson.ID
	shell := newProofShell(t, l, id)
	who := lessons.Learner{ID: id, API: l.cluster.API(), Desk: dirDesk(shell.home)}
	return &proof{proofLab: l, t: t, lesson: lesson, who: who, shell: shell}
}

// run does all that can be done in the lesson.
func (p *proof) run() {
	solution, wrong := waysOf(p.t, p.lesson)
	check(p.t, p.Start(p.t.Context(), p.who, p.lesson.ID))
	first := p.begins("start", solution)
	for _, s := range solution.scripts {
		p.nothing(s)
		p.pass(s)
		p.graded(s)
		p.copied(s)
		p.heard = append(p.heard, saying{"solution of step " + s.step, lessons.CheckState{ID: s.step, Passed: true}})
	}
	p.resets()
	p.renewed(first, p.begins("reset", solution))
	p.fresh()
	for i, w := range wrong {
		if i > 0 {
			p.resets()
		}
		p.wrong(w)
	}
}

// begins waits until the lesson is as it is at its start, and says how that is.
func (p *proof) begins(when string, solution way) place {
	p.t.Helper()
	c := p.says(when, solution.expect)
	for i, s := range p.State(p.who, p.lesson.ID).Steps {
		if (i == 0) != (s.Status == lessons.Open) || s.HintsShown > 0 || s.Answer != "" || s.Prediction != nil && s.Prediction.Choice != "" {
			p.t.Errorf("at the start step %s is %+v", s.ID, s)
		}
	}
	p.heard = append(p.heard, saying{when, c})
	return p.place()
}

// nothing predicts, and does nothing: the step must not pass, and say why.
func (p *proof) nothing(s script) {
	p.t.Helper()
	p.until("say what is missing in step "+s.step, func(st lessons.State) bool {
		step, _ := st.Step(s.step)
		return step.Status == lessons.Open && step.Ready && len(failing(step)) > 0
	})
	check(p.t, p.Predict(p.who, p.lesson.ID, s.step, s.predict))
	steps, err := p.lesson.Examine(p.t.Context(), p, p)
	check(p.t, err)
	i := slices.IndexFunc(steps, func(st lessons.StepState) bool { return st.ID == s.step })
	if len(failing(steps[i])) == 0 {
		p.t.Fatalf("step %s is passed by doing nothing", s.step)
	}
	for _, c := range failing(steps[i]) {
		p.heard = append(p.heard, saying{"nothing done in step " + s.step, c})
	}
}

// pass does what a script says, and waits until its step is passed.
func (p *proof) pass(s script) {
	p.t.Helper()
	p.act(s)
	p.until("pass step "+s.step, func(st lessons.State) bool {
		step, _ := st.Step(s.step)
		return step.Status == lessons.Passed
	})
}

func (p *proof) act(s script) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), deadline)
	defer cancel()
	if _, err := p.shell.run(ctx, s.shell); err != nil {
		p.t.Fatalf("step %s: %v", s.step, err)
	}
	if s.answer != "" {
		check(p.t, p.Answer(p.who, p.lesson.ID, s.step, s.answer))
	}
}

// graded checks that what the solution predicted is what then happened.
func (p *proof) graded(s script) {
	p.t.Helper()
	step, _ := p.State(p.who, p.lesson.ID).Step(s.step)
	if g := step.Prediction; g.Right == nil || !*g.Right {
		p.t.Errorf("step %s: predicted %q, and what happened is %q", s.step, g.Choice, g.Outcome)
	}
}

// copied does what a learner does who copies the commands of the text: those
// that look must work when the step is passed, and those that change something
// must be what the solution does.
func (p *proof) copied(s script) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), deadline)
	defer cancel()
	aside := regexp.MustCompile(`____|NAME| (-w|-f)$|//typo$|^\S+ \S+$`) // to fill in, to end with ^C, to fail, or only a verb
	changes := regexp.MustCompile(`^kubectl (-n \S+ )?(apply|create|delete|expose|label|patch|run|set) `)
	for _, block := range commands(p.t, p.lesson, "en")[s.step] {
		for line := range strings.Lines(block) {
			line = strings.TrimSpace(line)
			switch {
			case !strings.HasPrefix(line, "kubectl ") && !strings.HasPrefix(line, "cat "), aside.MatchString(line):
			case changes.MatchString(line):
				if strings.Contains(block, "\n") && !strings.Contains(s.shell, line) {
					p.t.Errorf("step %s: the text says %q, and the solution does not", s.step, line)
				}
			default:
				if shown, err := p.shell.run(ctx, line); err != nil {
					p.t.Errorf("step %s: %s: %v", s.step, line, err)
				} else {
					p.t.Logf("%s\n%s", line, shown)
				}
			}
		}
	}
}

// wrong goes a wrong way to its end, and waits for what is said there.
func (p *proof) wrong(w way) {
	p.t.Helper()
	for i, s := range w.scripts {
		p.until("open step "+s.step+" of "+w.name, func(st lessons.State) bool {
			step, _ := st.Step(s.step)
			return step.Status == lessons.Open && step.Ready && len(failing(step)) > 0
		})
		check(p.t, p.Predict(p.who, p.lesson.ID, s.step, s.predict))
		if i < len(w.scripts)-1 {
			p.pass(s)
			p.explained(s)
			continue
		}
		p.act(s)
	}
	c := p.says(w.name, w.expect)
	p.heard = append(p.heard, saying{w.name, c})
	if step, _ := p.State(p.who, p.lesson.ID).Step(w.expect.Step); step.Status == lessons.Passed {
		p.t.Errorf("%s passes step %s", w.name, step.ID)
	}
}

// explained checks that a wrong prediction meets its misconception.
func (p *proof) explained(s script) {
	p.t.Helper()
	step, _ := p.State(p.who, p.lesson.ID).Step(s.step)
	g := step.Prediction
	if g.Right == nil {
		p.t.Errorf("step %s: the prediction is not graded", s.step)
	} else if !*g.Right {
		p.heard = append(p.heard, saying{"wrong prediction of step " + s.step, lessons.CheckState{ID: g.Choice, Message: g.Explanation}})
	}
}

// says waits until a check fails with the message that is expected.
func (p *proof) says(when string, e lessons.Expectation) (c lessons.CheckState) {
	p.t.Helper()
	p.until(fmt.Sprintf("say %q at %s", e.Message, when), func(st lessons.State) bool {
		step, _ := st.Step(e.Step)
		i := slices.IndexFunc(step.Checks, func(c lessons.CheckState) bool { return c.ID == e.Check })
		c = step.Checks[i]
		return step.Status == lessons.Open && !c.Passed && c.MessageID == e.Message
	})
	return c
}

// until waits until the learner's state is as wanted.
func (p *proof) until(what string, ok func(lessons.State) bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), deadline)
	defer cancel()
	for {
		state, changed := p.Follow(p.who, p.lesson.ID)
		if ok(state) {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			p.t.Fatalf("the teacher does not %s; at last:\n%s", what, words(state))
		}
	}
}

// resets takes the whole lesson back.
func (p *proof) resets() {
	p.t.Helper()
	check(p.t, p.Reset(p.t.Context(), p.who, p.lesson.ID, ""))
}

// fresh checks that a reset has put the files of all steps as they were at first.
func (p *proof) fresh() {
	p.t.Helper()
	for _, s := range p.lesson.Steps {
		for _, f := range s.Files {
			want, err := fs.ReadFile(lessons.Content(), p.lesson.ID+"/manifests/"+f)
			check(p.t, err)
			if got, err := os.ReadFile(filepath.Join(p.shell.home, f)); string(got) != string(want) {
				p.t.Errorf("after a reset %s is %s (%v)", f, got, err)
			}
		}
	}
}

// A place is what was made in a lesson's namespace: uids by name. What the
// cluster's controllers make of it follows by itself, and later.
type place map[string]types.UID

func (p *proof) place() place {
	p.t.Helper()
	out := place{}
	for _, resource := range resources() {
		list, err := p.List(p.t.Context(), resource, p.lesson.Namespace)
		check(p.t, err)
		for _, o := range list {
			if metav1.GetControllerOf(&o) == nil && o.GetName() != "kube-root-ca.crt" {
				out[resource.Resource+"/"+o.GetName()] = o.GetUID()
			}
		}
	}
	return out
}

// renewed checks that a place holds what another one held, all of it made anew.
func (p *proof) renewed(was, is place) {
	p.t.Helper()
	if diff := cmp.Diff(slices.Sorted(maps.Keys(was)), slices.Sorted(maps.Keys(is))); diff != "" {
		p.t.Errorf("after a reset the place differs from what it was at the start (-start +reset):\n%s", diff)
	}
	for name, uid := range is {
		if was[name] == uid {
			p.t.Errorf("%s has outlived a reset", name)
		}
	}
}

// resources are what lessons and their learners make.
func resources() []schema.GroupVersionResource {
	core, apps := schema.GroupVersion{Version: "v1"}, schema.GroupVersion{Group: "apps", Version: "v1"}
	return []schema.GroupVersionResource{
		core.WithResource("pods"), core.WithResource("services"), core.WithResource("configmaps"),
		core.WithResource("replicationcontrollers"), apps.WithResource("replicasets"), apps.WithResource("deployments"),
	}
}

// failing are the checks of a step that do not hold and say why; none while one
// of them has not been evaluated.
func failing(s lessons.StepState) (out []lessons.CheckState) {
	for _, c := range s.Checks {
		if c.Passed || c.ID == lessons.AskID {
			continue
		}
		if c.MessageID == "" {
			return nil
		}
		out = append(out, c)
	}
	return out
}

func words(s lessons.State) string {
	var b strings.Builder
	fmt.Fprintf(&b, "started %v, busy %v, problem %q\n", s.Started, s.Busy, s.Problem)
	for _, step := range s.Steps {
		fmt.Fprintf(&b, "%s %s\n", step.ID, step.Status)
		for _, c := range step.Checks {
			fmt.Fprintf(&b, "  %s %v %s %s\n", c.ID, c.Passed, c.MessageID, c.Message["en"])
		}
	}
	return b.String()
}

// read checks what was said in one language: it is the text of the lesson, with
// nothing left to fill in.
func (p *proof) read(t *testing.T, lang string) {
	texts := messagesOf(t, p.lesson, lang)
	for _, h := range p.heard {
		t.Run(h.when+": "+h.check.ID, func(t *testing.T) {
			if h.check.Passed {
				p.taught(t, lang, h.check.ID)
				return
			}
			got := h.check.Message[lang]
			if want, ok := texts[h.check.MessageID]; ok && !filledIn(want).MatchString(got) {
				t.Errorf("message %s is %q, want %q", h.check.MessageID, got, want)
			}
			if got == "" || strings.Contains(got, "{{") || strings.Contains(got, "<none>") && !strings.Contains(h.check.MessageID, "ready") {
				t.Errorf("message %s has something left to fill in: %q", h.check.MessageID, got)
			}
			if isChinese(got) != (lang == "zh-CN") {
				t.Errorf("message %s is in another language: %q", h.check.MessageID, got)
			}
		})
	}
}

// taught checks that a step that the solution has passed is in one language: its
// text, its question with the choices, and its hints.
func (p *proof) taught(t *testing.T, lang, step string) {
	text := p.lesson.In(lang).Step(step)
	all := []string{text.Title, string(text.HTML), string(text.Predict.Question)}
	for _, c := range text.Predict.Choices {
		all = append(all, string(c.HTML))
	}
	for _, h := range text.Hints[:2] { // the third may be a command alone
		all = append(all, string(h))
	}
	for _, words := range all {
		if words == "" || isChinese(words) != (lang == "zh-CN") {
			t.Errorf("step %s has no words of this language: %q", step, words)
		}
	}
}

func isChinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// messagesOf reads the messages of a lesson's text as they are written.
func messagesOf(t *testing.T, l *lessons.Lesson, lang string) map[string]string {
	t.Helper()
	data, err := fs.ReadFile(lessons.Content(), l.ID+"/lesson."+lang+".md")
	check(t, err)
	front, _, _ := strings.Cut(strings.TrimPrefix(string(data), "---\n"), "\n---\n")
	var matter struct {
		Messages map[string]string `json:"messages"`
	}
	check(t, yaml.Unmarshal([]byte(front), &matter))
	return matter.Messages
}

// filledIn is what a template becomes when its gaps are filled.
func filledIn(template string) *regexp.Regexp {
	gap := regexp.MustCompile(`\{\{.*?\}\}`)
	var out []string
	for _, text := range gap.Split(template, -1) {
		out = append(out, regexp.QuoteMeta(text))
	}
	return regexp.MustCompile("(?s)^" + strings.Join(out, ".+") + "$")
}
