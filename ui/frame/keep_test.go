package frame

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/clock"
)

// TestASourceIsKept: what passes is told once and tried again, more and more
// seldom; what is refused ends it.
func TestASourceIsKept(t *testing.T) {
	away := fmt.Errorf("dial: %w", syscall.ECONNREFUSED)
	ill := apierrors.NewInternalError(errors.New("ill"))
	refused := apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "", errors.New("no"))
	for name, tt := range map[string]struct {
		runs []error // of the source; it is never run again after the last
		told []error
		ends error
		took time.Duration
	}{
		"away for a while": {[]error{away, away, ill, nil}, []error{away}, nil, (1 + 2 + 4) * time.Second},
		"away for long":    {[]error{away, away, away, away, away, away, nil}, []error{away}, nil, (1 + 2 + 4 + 8 + 8 + 8) * time.Second},
		"refused":          {[]error{refused}, nil, refused, 0},
		"away, refused":    {[]error{away, refused}, []error{away}, refused, time.Second},
		"again":            {[]error{ErrAgain, ErrAgain, nil}, nil, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFrameAt(clock.RealClock{})
				var told []error
				began, n := time.Now(), 0
				err := f.keep(t.Context(), func() error { n++; return tt.runs[n-1] }, func(err error) { told = append(told, err) })
				if !errors.Is(err, tt.ends) || n != len(tt.runs) || time.Since(began) != tt.took {
					t.Errorf("it ends with %v after %d runs and %v", err, n, time.Since(began))
				}
				if d := cmp.Diff(tt.told, told, cmp.Comparer(errors.Is)); d != "" {
					t.Error(d)
				}
			})
		})
	}
}

// TestASourceIsNotKeptForNobody: it waits no longer than its tab.
func TestASourceIsNotKeptForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		began := time.Now()
		err := newFrameAt(clock.RealClock{}).keep(ctx, func() error { return syscall.ECONNREFUSED }, func(error) { stop() })
		if err != nil || time.Since(began) != 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// TestAnEndedViewIsNotShownAgain to who comes while the tabs of it are leaving.
func TestAnEndedViewIsNotShownAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, bad := NewGallery(clock.RealClock{}), errors.New("not today")
		ended, leave := g.enter(With(t.Context(), &Visitor{}), "thing", func(context.Context) (Scene, error) { return nil, bad })
		<-ended.ended
		anew, leaveToo := g.enter(With(t.Context(), &Visitor{}), "thing", func(ctx context.Context) (Scene, error) { <-ctx.Done(); return nil, bad })
		if anew == ended {
			t.Error("who comes next gets the view that has ended")
		}
		leave()
		if g.views["thing"] != anew {
			t.Error("who leaves the old view takes the new one away")
		}
		leaveToo()
		if len(g.views) != 0 {
			t.Errorf("%d views are left", len(g.views))
		}
	})
}
