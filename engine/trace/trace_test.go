package trace_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/trace"
)

func words(records []trace.Record) (out []string) {
	for _, r := range records {
		out = append(out, r.Words)
	}
	return out
}

func TestSince(t *testing.T) {
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	rec := trace.New(clocktesting.NewFakePassiveClock(now), 3)
	for _, w := range []string{"a", "b", "c", "d", "e"} {
		rec.Emit(trace.Record{Words: w})
	}
	for _, tt := range []struct {
		name  string
		after uint64
		want  []string
	}{
		{"from the start, what is kept", 0, []string{"c", "d", "e"}},
		{"from the middle", 4, []string{"e"}},
		{"nothing new", 5, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := rec.Since(tt.after)
			if diff := cmp.Diff(tt.want, words(got)); diff != "" {
				t.Error(diff)
			}
			for i, r := range got {
				if want := max(tt.after, 2) + uint64(i) + 1; r.Seq != want || !r.Time.Equal(now) {
					t.Errorf("record %d has seq %d at %v, want %d at %v", i, r.Seq, r.Time, want, now)
				}
			}
		})
	}
}

func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := trace.New(clocktesting.NewFakePassiveClock(time.Now()), 8)
		_, more := rec.Since(0)
		go rec.Emit(trace.Record{Words: "late"})
		<-more
		if got, _ := rec.Since(0); len(got) != 1 || got[0].Words != "late" {
			t.Errorf("got %v", got)
		}
	})
}

func TestNilKeepsNothing(t *testing.T) {
	var rec *trace.Recorder
	rec.Emit(trace.Record{})
	if got, _ := rec.Since(0); got != nil {
		t.Errorf("got %v", got)
	}
}
