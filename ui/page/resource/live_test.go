package resource

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/ui/component"
	"kubergarten/ui/kube"
)

// TestBlocks: whatever comes and goes, each row is in one block, in order, and a
// block does not grow for ever.
func TestBlocks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	s := listScene{painted: map[string]*paintedList{}}
	row := func(n int) *kube.Row { return &kube.Row{Meta: metav1.ObjectMeta{Name: fmt.Sprintf("%04d", n)}} }
	var rows []*kube.Row
	for step := range 2000 {
		r := row(rnd.IntN(300))
		i, found := slices.BinarySearchFunc(rows, r, kube.ByName)
		rows = slices.Clone(rows)
		if found && (rnd.IntN(3) > 0 || step > 1500) {
			rows = slices.Delete(rows, i, i+1)
		} else if !found && step < 1700 {
			rows = slices.Insert(rows, i, r)
		}
		s.newest = &kube.Table{Rows: rows}
		s.Look(t.Context())
		if !slices.Equal(slices.Concat(s.blocks...), rows) {
			t.Fatalf("step %d: the blocks hold other rows", step)
		}
		for _, b := range s.blocks {
			if len(b) > 3*blockLength {
				t.Fatalf("step %d: a block of %d", step, len(b))
			}
		}
	}
	if s.division > 200 {
		t.Errorf("the rows were divided %d times", s.division)
	}
	before := s.division
	s.newest = &kube.Table{Rows: rows, More: true}
	if s.Look(t.Context()); s.division == before {
		t.Error("a list that is cut now is not painted anew, and does not say so")
	}
}

// TestLogTail keeps the last lines.
func TestLogTail(t *testing.T) {
	l := &logTail{}
	l.begin()
	for n := range longestLog + newest + 1 {
		l.add(fmt.Sprint(n))
	}
	s := l.state()
	if len(s.Lines) != longestLog || !s.Cut || s.Lines[0] != fmt.Sprint(newest+1) || s.lost != newest+1 {
		t.Errorf("%d lines from %s, %d lost", len(s.Lines), s.Lines[0], s.lost)
	}
	s.newer = 2
	if got := s.tail(); got != "549\n550\n" || !strings.HasSuffix(s.head(), "\n548\n") {
		t.Errorf("the tail is %q", got)
	}
	l.begin()
	if s := l.state(); len(s.Lines) > 0 || s.Cut {
		t.Error("a log that begins anew has lines")
	}
}

func TestWordStatus(t *testing.T) {
	for word, want := range map[string]string{
		"Running": component.OK, "Completed": component.Off, "Pending": component.Busy, "Init:0/2": component.Busy, "Init:Error": component.Bad, "Init:CrashLoopBackOff": component.Bad,
		"ErrImagePull": component.Bad, "OOMKilled": component.Bad, "Ready,SchedulingDisabled": component.Warn, "NotReady": component.Bad, "Terminating": component.Busy, "Active": component.OK,
		"whatever": "", "CreateContainerConfigError": component.Bad, "ExitCode:3": component.Bad,
	} {
		if got := wordStatus(word); got != want {
			t.Errorf("%s is %q, not %q", word, got, want)
		}
	}
}

func TestReadyStatus(t *testing.T) {
	table := &kube.Table{Columns: []kube.Column{{Name: "Ready"}, {Name: "Desired"}, {Name: "Status"}}}
	for _, tt := range []struct{ ready, desired, status, want string }{
		{"1/1", "", "Running", component.OK},
		{"0/1", "", "Running", component.Warn},
		{"0/0", "", "", component.Off},
		{"0/1", "", "Completed", ""},
		{"2", "3", "", component.Warn},
		{"3", "3", "", component.OK},
		{"0", "0", "", component.Off},
		{"x", "3", "", ""},
	} {
		row := &kube.Row{Cells: []string{tt.ready, tt.desired, tt.status}}
		if got := cellStatus(table, row, 0); got != tt.want {
			t.Errorf("%v is %q", tt, got)
		}
	}
}
