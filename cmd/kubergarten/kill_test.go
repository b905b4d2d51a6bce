package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"
)

// TestKill kills the server with SIGKILL again and again while eight clients
// create objects. What was acknowledged must be there, unchanged, resource
// versions must not go back, a watch must go on where it was, and at the end
// the pods must run. KUBERGARTEN_KILLS says how many times, instead of 20.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	s := newServer(t)
	s.start()
	s.waitReady()
	kube := s.kube()
	deploy(t, kube)
	w := &witness{TB: t, kube: kube, acked: map[types.UID]int64{}, seen: map[types.UID]bool{}}
	var started time.Time
	for round := range kills(t) {
		w.follow()
		w.burst(round, time.Duration(50+rand.IntN(450))*time.Millisecond, s.kill)
		w.watching.Wait()
		started = time.Now()
		s.start()
		s.waitAPI(kube)
		w.check()
	}
	s.waitReady()
	t.Logf("%d objects acknowledged, %d of %d watches resumed", len(w.acked), w.resumed, w.resumed+w.gone)
	comeBack(t, kube, started)
}

func kills(t *testing.T) int {
	n := os.Getenv("KUBERGARTEN_KILLS")
	if n == "" {
		return 20
	}
	kills, err := strconv.Atoi(n)
	if err != nil {
		t.Fatalf("KUBERGARTEN_KILLS: %v", err)
	}
	return kills
}

// witness remembers what the server promised.
type witness struct {
	testing.TB
	kube kubernetes.Interface

	mu     sync.Mutex
	acked  map[types.UID]int64 // resource version of each object that was acknowledged
	newest int64               // of them

	watching      sync.WaitGroup
	seen          map[types.UID]bool // by the watch
	last          string             // resource version that the watch saw
	resumed, gone int
}

const burstNamespace = "default"

// burst creates ConfigMaps from eight clients, and calls kill when so much time
// has gone by.
func (w *witness) burst(round int, after time.Duration, kill func()) {
	w.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var clients sync.WaitGroup
	for c := range 8 {
		clients.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				cm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("burst-%d-%d-%d", round, c, i)}, Data: map[string]string{"i": strconv.Itoa(i)}}
				got, err := w.kube.CoreV1().ConfigMaps(burstNamespace).Create(ctx, cm, metav1.CreateOptions{})
				if err != nil {
					return // killed
				}
				w.ack(got)
			}
		})
	}
	time.Sleep(after)
	kill()
	cancel()
	clients.Wait()
}

func (w *witness) ack(cm *corev1.ConfigMap) {
	rv := w.version(cm.ResourceVersion)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acked[cm.UID] = rv
	w.newest = max(w.newest, rv)
}

func (w *witness) version(s string) int64 {
	rv, err := strconv.ParseInt(s, 10, 64)
	if err != nil || rv == 0 {
		w.Errorf("resource version %q", s)
	}
	return rv
}

// check holds the server to what it promised before it was killed.
func (w *witness) check() {
	w.Helper()
	list, err := w.kube.CoreV1().ConfigMaps(burstNamespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		w.Fatal(err)
	}
	there := map[types.UID]int64{}
	for _, cm := range list.Items {
		there[cm.UID] = w.version(cm.ResourceVersion)
	}
	for uid, rv := range w.acked {
		if there[uid] != rv {
			w.Errorf("object %s was acknowledged at revision %d, and now has %d", uid, rv, there[uid])
		}
	}
	if rv := w.version(list.ResourceVersion); rv < w.newest {
		w.Fatalf("resource versions go back: %d was acknowledged, the list has %d", w.newest, rv)
	}
	after, err := w.kube.CoreV1().ConfigMaps(burstNamespace).Create(context.Background(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "after-"}}, metav1.CreateOptions{})
	if err != nil {
		w.Fatal(err)
	}
	if rv := w.version(after.ResourceVersion); rv <= w.newest {
		w.Fatalf("resource versions go back: %d was acknowledged, a new object has %d", w.newest, rv)
	}
	w.ack(after)
}

// follow watches from where the last watch ended, until the server is killed.
// It returns when all that was acknowledged has been seen.
func (w *witness) follow() {
	w.Helper()
	caught := make(chan struct{})
	missing := map[types.UID]bool{}
	for uid := range w.acked {
		if !w.seen[uid] {
			missing[uid] = true
		}
	}
	w.watching.Go(func() { w.watch(missing, caught) })
	select {
	case <-caught:
	case <-time.After(patience):
		w.Fatal("the watch did not show all that was acknowledged")
	}
}

func (w *witness) watch(missing map[types.UID]bool, caught chan struct{}) {
	if w.last == "" {
		w.relist(missing)
	}
	events, err := w.kube.CoreV1().ConfigMaps(burstNamespace).Watch(context.Background(), metav1.ListOptions{ResourceVersion: w.last})
	if apierrors.IsResourceExpired(err) || apierrors.IsGone(err) {
		w.gone++
		w.relist(missing)
		events, err = w.kube.CoreV1().ConfigMaps(burstNamespace).Watch(context.Background(), metav1.ListOptions{ResourceVersion: w.last})
	} else {
		w.resumed++
	}
	if err != nil {
		w.Errorf("watch from %s: %v", w.last, err)
		return
	}
	defer events.Stop()
	tell := sync.OnceFunc(func() { close(caught) })
	if len(missing) == 0 {
		tell()
	}
	for e := range events.ResultChan() {
		cm, ok := e.Object.(*corev1.ConfigMap)
		if !ok {
			w.Errorf("the watch sent %v", e.Object)
			return
		}
		if w.version(cm.ResourceVersion) <= w.version(w.last) {
			w.Errorf("the watch went back from %s to %s", w.last, cm.ResourceVersion)
		}
		w.last, w.seen[cm.UID] = cm.ResourceVersion, true
		if delete(missing, cm.UID); len(missing) == 0 {
			tell()
		}
	}
}

func (w *witness) relist(missing map[types.UID]bool) {
	list, err := w.kube.CoreV1().ConfigMaps(burstNamespace).List(context.Background(), metav1.ListOptions{})
	if err != nil {
		w.Errorf("list: %v", err)
		return
	}
	for _, cm := range list.Items {
		w.seen[cm.UID] = true
		delete(missing, cm.UID)
	}
	w.last = list.ResourceVersion
}

// deploy creates a Deployment of two pods, and waits until they run.
func deploy(t *testing.T, kube kubernetes.Interface) {
	t.Helper()
	two, labels := int32(2), map[string]string{"app": "echo"}
	_, err := kube.AppsV1().Deployments("default").Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "echo"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &two, Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name: "echo", Image: "hashicorp/http-echo", Args: []string{"-text=hello", "-listen=:8080"},
					ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Port: intstr.FromInt32(8080)}}, PeriodSeconds: 1},
				}}},
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	comeBack(t, kube, time.Time{})
}

// comeBack waits until the pods of the Deployment, and all of kube-system, run
// and are ready, in containers that have started since.
func comeBack(t *testing.T, kube kubernetes.Interface, since time.Time) {
	t.Helper()
	var not string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if not = notReady(t, kube, since.Truncate(time.Second)); not == "" {
			return
		}
	}
	t.Errorf("not ready: %s", not)
}

func notReady(t *testing.T, kube kubernetes.Interface, since time.Time) (names string) {
	t.Helper()
	pods, err := kube.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		return err.Error()
	}
	echoes := 0
	for _, p := range pods.Items {
		ready := false
		for _, c := range p.Status.Conditions {
			ready = ready || c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		}
		for _, c := range p.Status.ContainerStatuses {
			ready = ready && c.State.Running != nil && !c.State.Running.StartedAt.Time.Before(since)
		}
		if p.Status.Phase != corev1.PodRunning || !ready {
			names += " " + p.Name
		}
		if p.Labels["app"] == "echo" {
			echoes++
		}
	}
	if echoes != 2 {
		names += fmt.Sprintf(" (%d pods of the Deployment)", echoes)
	}
	return names
}
