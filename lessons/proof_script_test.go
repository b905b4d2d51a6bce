package lessons_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"

	"kubergarten/lessons"
)

// asKubectl is the variable that turns this test binary into kubectl.
const asKubectl = "LESSONS_TEST_AS_KUBECTL"

// TestKubectl is no test: the shells of TestLessons run it as their kubectl, the
// same that Kubergarten has built in.
func TestKubectl(t *testing.T) {
	if os.Getenv(asKubectl) == "" {
		t.Skip("run by the shells of TestLessons")
	}
	_, args, _ := strings.Cut(strings.Join(os.Args, "\x00")+"\x00", "\x00--\x00")
	os.Args = append([]string{"kubectl"}, strings.Split(strings.TrimSuffix(args, "\x00"), "\x00")...)
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err) // prints it, and ends with kubectl's exit code
	}
	os.Exit(0)
}

// A script is what a learner does in one step.
type script struct {
	step            string
	predict, answer string
	shell           string
}

// A way is what a learner does in a lesson: right, or wrong in its last step.
type way struct {
	name    string
	scripts []script
	expect  lessons.Expectation // at the start, or at the end of a wrong way
}

// waysOf reads the solution of a lesson and its wrong answers.
func waysOf(t *testing.T, l *lessons.Lesson) (solution way, wrong []way) {
	t.Helper()
	solution = readWay(t, l, l.ID+"/solution.txtar", "start:")
	files, err := fs.Glob(lessons.Content(), l.ID+"/wrong-*.txtar")
	check(t, err)
	for _, f := range files {
		wrong = append(wrong, readWay(t, l, f, "expect:"))
	}
	return solution, wrong
}

func readWay(t *testing.T, l *lessons.Lesson, file, word string) way {
	t.Helper()
	data, err := fs.ReadFile(lessons.Content(), file)
	check(t, err)
	w := way{name: strings.TrimSuffix(filepath.Base(file), ".txtar")}
	if w.expect, err = lessons.ParseWrong(l, []byte(strings.Replace(string(data), word, "expect:", 1))); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for _, f := range txtar.Parse(data).Files {
		name := strings.TrimSuffix(f.Name, ".sh")
		_, step, _ := strings.Cut(name, "-")
		w.scripts = append(w.scripts, readScript(step, string(f.Data)))
	}
	return w
}

// readScript parts what is said to the teacher from what is said to the shell.
func readScript(step, text string) script {
	s := script{step: step}
	for line := range strings.Lines(text) {
		if choice, ok := strings.CutPrefix(line, "predict "); ok {
			s.predict = strings.TrimSpace(choice)
		} else if answer, ok := strings.CutPrefix(line, "answer "); ok {
			s.answer = strings.TrimSpace(answer)
		} else {
			s.shell += line
		}
	}
	return s
}
