package lessons_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/clock"

	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
	"kubergarten/lessons"
)

const task = `id: web
namespace: lesson-web
minutes: 5
setup: [manifests/start.yaml]
steps:
- id: make
  kind: example
  goal: declare
  predict:
    id: who
    choices: [kubectl, kubelet]
    graded: "pods.exists(p, p.metadata.name == 'web') ? 'kubelet' : 'kubectl'"
    misconception: {kubectl: not-kubectl}
  files: [manifests/web.yaml]
  checks:
  - id: web-there
    watch: [pods]
    expr: pods.exists(p, p.metadata.name == 'web' && p.spec.containers[0].image == 'nginx')
    otherwise:
    - {when: "!pods.exists(p, p.metadata.name == 'web')", say: no-web}
    - {say: web-image}
- id: name
  kind: gaps
  goal: explain
  ask: {kind: text, accept: "answer == 'etcd'", otherwise: [{say: not-that}]}
- id: mend
  kind: alone
  goal: repair
  setup: [manifests/broken.yaml]
  checks:
  - id: mended
    watch: [configmaps]
    expr: configmaps.all(c, c.metadata.name != 'broken' || c.data.state == 'mended')
    otherwise: [{say: still-broken}]
`

const text = `---
title: A page
goal: Make a page.
messages:
  no-web: "There is no pod."
  web-image: "The image is ` + "`{{pods[0].spec.containers[0].image}}`" + `."
  not-kubectl: "It is not kubectl."
  not-that: "Not {{answer}}."
  still-broken: "It is ` + "`{{configmaps.filter(c, c.metadata.name == 'broken')[0].data.state}}`" + `."
---
Before all.

## Make it {#make}

**Do** it:

` + "```yaml\nkind: Pod # a pod\nname: ____\n```" + `

### Guess {#make-predict}

Who?

- kubectl, of course
- the ` + "`kubelet`" + `

### Hints {#make-hints}

1. Look.
2. Run.
3. Done.

## Name it {#name}

Which one?

### Hints {#name-hints}

1. a
2. b
3. c

## Mend it {#mend}

It is broken.

### Hints {#mend-hints}

1. a
2. b
3. c
`

const solution = `-- 01-make.sh --
predict kubelet
kubectl run web --image=nginx
-- 02-name.sh --
answer etcd
-- 03-mend.sh --
kubectl patch
`

// tree is a small lesson that loads; edit replaces, in a file, the first old by
// a new one.
func tree(edits ...[3]string) fstest.MapFS {
	wrong := "expect: make/web-there web-image\n-- 01-make.sh --\nkubectl run web --image=apache\n"
	files := map[string]string{
		"task.yaml": task, "lesson.en.md": text, "lesson.zh-CN.md": strings.Replace(text, "There is no pod.", "没有 Pod。", 1),
		"solution.txtar": solution, "wrong-1.txtar": wrong, "wrong-2.txtar": wrong,
		"manifests/start.yaml":  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: seed}\n",
		"manifests/broken.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: broken}\ndata: {state: broken}\n",
		"manifests/web.yaml":    "kind: Pod\nimage: ____\n",
	}
	for _, e := range edits {
		files[e[0]] = strings.Replace(files[e[0]], e[1], e[2], 1)
	}
	out := fstest.MapFS{}
	for name, data := range files {
		if data != "" {
			out["01-web/"+name] = &fstest.MapFile{Data: []byte(data)}
		}
	}
	return out
}

func load(t testing.TB, edits ...[3]string) *lessons.Catalog {
	t.Helper()
	c, err := lessons.Load(tree(edits...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A town is an API server in memory that does what lessons need of controllers:
// a namespace gets a service account, and takes all with it when it goes.
type town struct {
	*clienttest.API
	mu    sync.Mutex
	calls map[string]int // by verb and resource
	idle  bool           // the controllers do not run
	fail  func(verb string, at client.Target) error
}

func newTown() *town {
	c := &town{API: clienttest.New(), calls: map[string]int{}}
	c.OnCall = func(verb string, at client.Target, _ runtime.Object) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.calls[verb+" "+at.Resource]++
		if c.fail != nil {
			return c.fail(verb, at)
		}
		return nil
	}
	return c
}

func (c *town) count(call string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[call]
}

func (c *town) failing(f func(verb string, at client.Target) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = f
}

func (c *town) Create(ctx context.Context, at client.Target, obj runtime.Object, opts metav1.CreateOptions) (runtime.Object, error) {
	out, err := c.API.Create(ctx, at, obj, opts)
	if ns, ok := obj.(*corev1.Namespace); ok && err == nil && !c.idle {
		c.account(ns.Name)
	}
	return out, err
}

// account is the one of pods that name no other.
func (c *town) account(namespace string) {
	c.Add(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "default"}})
}

func (c *town) Delete(ctx context.Context, at client.Target, opts metav1.DeleteOptions) (runtime.Object, error) {
	if at.Resource == "namespaces" {
		for _, resource := range []string{"pods", "configmaps", "serviceaccounts"} {
			in := client.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource(resource), Namespace: at.Name}
			if err := c.DeleteCollection(ctx, in, metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
				return nil, err
			}
		}
	}
	return c.API.Delete(ctx, at, opts)
}

func (c *town) pod(t testing.TB, name, image string) {
	t.Helper()
	_, err := client.For[*corev1.Pod](c).Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "lesson-web", Name: name},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: image}}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (c *town) mend(t testing.TB, state string) {
	t.Helper()
	maps := client.For[*corev1.ConfigMap](c)
	cm, err := maps.Get(t.Context(), "lesson-web", "broken")
	if err != nil {
		t.Fatal(err)
	}
	cm = cm.DeepCopy()
	cm.Data["state"] = state
	if _, err := maps.Update(t.Context(), cm); err != nil {
		t.Fatal(err)
	}
}

// has lists what is in the lesson's namespace.
func (c *town) has(t testing.TB) (out []string) {
	t.Helper()
	cms, err := client.For[*corev1.ConfigMap](c).List(t.Context(), "lesson-web", metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, cm := range cms {
		out = append(out, cm.Name+"="+cm.Data["state"])
	}
	pods, err := client.For[*corev1.Pod](c).List(t.Context(), "lesson-web", metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pods {
		out = append(out, p.Name)
	}
	slices.Sort(out)
	return out
}

// A desk is a learner's files in memory.
type desk struct {
	mu    sync.Mutex
	files map[string]string
}

func (d *desk) Put(_ context.Context, name string, data []byte, fresh bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, there := d.files[name]; !there || fresh {
		d.files[name] = string(data)
	}
	return nil
}

// write is the learner's editor.
func (d *desk) write(name, data string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files[name] = data
}

func (d *desk) read(name string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.files[name]
}

func (d *desk) names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.files))
}

// A prober answers as it is told.
type prober struct {
	mu    sync.Mutex
	http  func(n int) (int, string, error)
	asked int
	log   func(pod string) io.ReadCloser
}

func (p *prober) HTTP(_ context.Context, url string) (int, string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	return p.http(p.asked)
}

func (p *prober) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

func (p *prober) Exec(context.Context, string, string, string, []string) (int, string, string, error) {
	panic("a prober that breaks")
}

func (p *prober) Logs(_ context.Context, _, pod, _ string, _ bool) (io.ReadCloser, error) {
	return p.log(pod), nil
}

// A school is a Teacher that runs, with a cluster and one learner.
type school struct {
	testing.TB
	*lessons.Teacher
	town *town
	desk *desk
	dir  string
	me   lessons.Learner
	stop func()
}

// inSchool runs a test with time of its own.
func inSchool(t *testing.T, c *lessons.Catalog, test func(*testing.T, *school)) {
	t.Helper()
	inSchoolWith(t, lessons.Config{Catalog: c}, test)
}

func inSchoolWith(t *testing.T, cfg lessons.Config, test func(*testing.T, *school)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &school{TB: t, town: newTown(), desk: &desk{files: map[string]string{}}, dir: t.TempDir()}
		s.me = lessons.Learner{ID: "me", API: s.town, Desk: s.desk}
		s.open(cfg)
		defer func() { s.stop() }()
		test(t, s)
	})
}

// open starts the Teacher, as a server does that starts anew.
func (s *school) open(cfg lessons.Config) {
	s.Helper()
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		s.Fatal(err)
	}
	cfg.Dir, cfg.Clock, cfg.Log = root, clock.RealClock{}, slog.New(slog.DiscardHandler)
	if s.Teacher, err = lessons.New(cfg); err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithCancel(s.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	s.stop = func() {
		cancel()
		<-done
		root.Close()
	}
}

// until follows the lesson until it is as wanted.
func (s *school) until(what string, is func(lessons.State) bool) lessons.State {
	s.Helper()
	late := time.After(time.Minute)
	for {
		state, more := s.Follow(s.me, "01-web")
		if is(state) {
			return state
		}
		select {
		case <-more:
		case <-late:
			s.Fatalf("not %s: %+v", what, state)
		}
	}
}

func (s *school) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *school) begin() {
	s.Helper()
	s.must(s.Start(s.Context(), s.me, "01-web"))
}

func status(step, want string) func(lessons.State) bool {
	return func(s lessons.State) bool {
		got, _ := s.Step(step)
		return got.Status == want
	}
}

func says(step, message string) func(lessons.State) bool {
	return func(s lessons.State) bool {
		got, _ := s.Step(step)
		return len(got.Checks) > 0 && got.Checks[0].MessageID == message
	}
}
