package deployment

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/engine/clock"
	"kubergarten/engine/controller"
)

// A world is a Deployment whose ReplicaSets' pods come and go by lot.
type world struct {
	t    *testing.T
	r    *rand.Rand
	c    *Controller
	api  client.Of[*appsv1.Deployment]
	sets client.Of[*appsv1.ReplicaSet]
}

func newWorld(t *testing.T, r *rand.Rand, d *appsv1.Deployment) *world {
	api := clienttest.New(d)
	c, err := New(controller.Context{
		Client: api, Informers: client.NewInformers(api), Events: &record.FakeRecorder{}, Clock: clock.New(), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return &world{t, r, c, client.For[*appsv1.Deployment](api), client.For[*appsv1.ReplicaSet](api)}
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w *world) look() (*appsv1.Deployment, []*appsv1.ReplicaSet) {
	d := must[*appsv1.Deployment](w.t)(w.api.Get(w.t.Context(), "default", "web"))
	return d.DeepCopy(), must[[]*appsv1.ReplicaSet](w.t)(w.sets.List(w.t.Context(), "default", metav1.ListOptions{}))
}

// step is one sync of the controller.
func (w *world) step() {
	d, sets := w.look()
	if err := (&rollout{Controller: w.c, d: d, all: sets}).rolling(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// obey does what the ReplicaSet controller does: pods that are not available go
// first. move then says how many are available of so many pods.
func (w *world) obey(move func(available, pods int32) int32) {
	_, sets := w.look()
	for _, rs := range sets {
		fresh := rs.DeepCopy()
		n := *fresh.Spec.Replicas
		fresh.Status.AvailableReplicas = move(min(fresh.Status.AvailableReplicas, n), n)
		fresh.Status.Replicas, fresh.Status.ReadyReplicas, fresh.Status.ObservedGeneration = n, fresh.Status.AvailableReplicas, fresh.Generation
		must[*appsv1.ReplicaSet](w.t)(w.sets.UpdateStatus(w.t.Context(), fresh))
	}
}

func same(available, _ int32) int32 { return available }
func all(_, pods int32) int32       { return pods }

// luck makes some pods available, and sometimes one ill.
func (w *world) luck(available, pods int32) int32 {
	if available > 0 && w.r.IntN(6) == 0 {
		return available - 1
	}
	return available + w.r.Int32N(pods-available+1)
}

func (w *world) setImage(image string) {
	d, _ := w.look()
	d.Spec.Template = template(image)
	must[*appsv1.Deployment](w.t)(w.api.Update(w.t.Context(), d))
}

// TestRollingKeepsItsPromise: whatever pods do, and however often the template
// changes on the way, no step takes pods away that maxUnavailable protects, and
// there are never more than maxSurge allows.
func TestRollingKeepsItsPromise(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	limits := []string{"0", "1", "3", "25%", "50%", "100%"}
	for round := range 60 {
		d := deploy(1+r.Int32N(12), limits[r.IntN(len(limits))], limits[r.IntN(len(limits))]).obj
		least, most := minAvailable(d), *d.Spec.Replicas+maxSurge(d)
		w := newWorld(t, r, d)
		for n := range 40 {
			_, sets := w.look()
			before := available(sets)
			w.step()
			w.obey(same)
			_, sets = w.look()
			if after := available(sets); after < before && after < least {
				t.Fatalf("round %d: %d available became %d, want at least %d", round, before, after, least)
			}
			if got := replicas(sets); got > most {
				t.Fatalf("round %d: %d pods, want at most %d", round, got, most)
			}
			w.obey(w.luck)
			if r.IntN(10) == 0 {
				w.setImage(fmt.Sprintf("web:%d", n))
			}
		}
	}
}

// TestRollingComesToAnEnd: once pods do become available, so does the rollout.
func TestRollingComesToAnEnd(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	limits := []string{"0", "1", "25%", "100%"}
	for range 30 {
		d := deploy(1+r.Int32N(9), limits[r.IntN(len(limits))], limits[r.IntN(len(limits))]).obj
		w := newWorld(t, r, d)
		w.step()
		w.setImage("web:2")
		steps := 0
		for ; steps < 100; steps++ {
			w.step()
			w.obey(all)
			if d, _ := w.look(); complete(d, &d.Status) && d.Status.Conditions[len(d.Status.Conditions)-1].Reason == reasonAvailable {
				break
			}
		}
		if steps == 100 {
			d, sets := w.look()
			t.Fatalf("after 100 steps the status is %+v of %d sets", d.Status, len(sets))
		}
	}
}

func TestCleanupKeepsTheHistory(t *testing.T) {
	d := deploy(1, "1", "0").obj
	*d.Spec.RevisionHistoryLimit = 2
	w := newWorld(t, rand.New(rand.NewPCG(7, 8)), d)
	for i := range 6 {
		w.setImage(fmt.Sprintf("web:%d", i))
		for range 8 {
			w.step()
			w.obey(all)
		}
	}
	_, sets := w.look()
	revisions := map[int64]bool{}
	for _, rs := range sets {
		revisions[revision(rs)] = true
	}
	if len(sets) != 3 || !revisions[6] || !revisions[5] || !revisions[4] {
		t.Errorf("revisions left are %v, want 4, 5, 6", revisions)
	}
}
