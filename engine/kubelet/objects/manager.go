package objects

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
)

// patience is how long a reader waits for an object's watch to begin.
const patience = 10 * time.Second

// A Key names an object.
type Key struct{ Kind, Namespace, Name string } // Kind is "configmap" or "secret", as in upstream's errors

// Manager watches what pods refer to.
type Manager struct {
	api     client.Interface
	clock   clock.Clock
	changed func(pods []types.UID)

	mu    sync.Mutex
	ctx   context.Context // of Run; nil before
	wg    sync.WaitGroup
	items map[Key]*item
	pods  map[types.UID]map[Key]struct{}
}

// New returns a manager that watches nothing; changed is told which pods refer
// to an object that changed.
func New(api client.Interface, clk clock.Clock, changed func(pods []types.UID)) *Manager {
	return &Manager{api: api, clock: clk, changed: changed, items: map[Key]*item{}, pods: map[types.UID]map[Key]struct{}{}}
}

// Run watches until ctx is done.
func (m *Manager) Run(ctx context.Context) error {
	m.mu.Lock()
	m.ctx = ctx
	for _, i := range m.items {
		m.start(i)
	}
	m.mu.Unlock()
	<-ctx.Done()
	m.mu.Lock()
	m.ctx = nil // nothing new begins
	m.mu.Unlock()
	m.wg.Wait()
	return nil
}

// start begins to watch the item. mu is held.
func (m *Manager) start(i *item) {
	if m.ctx == nil {
		return
	}
	ctx, cancel := context.WithCancel(m.ctx)
	i.stop = cancel
	m.wg.Go(func() { i.run(ctx) })
}

// RegisterPod watches what the pod refers to, and nothing that it does not any more.
func (m *Manager) RegisterPod(pod *corev1.Pod) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(pod.UID, References(pod))
}

// UnregisterPod forgets the pod.
func (m *Manager) UnregisterPod(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(uid, nil)
	delete(m.pods, uid)
}

// set is called with mu held.
func (m *Manager) set(uid types.UID, want map[Key]struct{}) {
	have := m.pods[uid]
	for k := range want {
		if _, ok := have[k]; !ok {
			m.item(k).pods[uid] = struct{}{}
		}
	}
	for k := range have {
		if _, ok := want[k]; !ok {
			m.drop(k, uid)
		}
	}
	m.pods[uid] = want
}

func (m *Manager) item(k Key) *item {
	i, ok := m.items[k]
	if !ok {
		i = &item{key: k, m: m, pods: map[types.UID]struct{}{}, known: make(chan struct{}), stop: func() {}}
		m.items[k] = i
		m.start(i)
	}
	return i
}

func (m *Manager) drop(k Key, uid types.UID) {
	i := m.items[k]
	delete(i.pods, uid)
	if len(i.pods) == 0 {
		i.stop()
		delete(m.items, k)
	}
}

// ConfigMap returns the ConfigMap; a registered pod must refer to it.
func (m *Manager) ConfigMap(ctx context.Context, ns, name string) (*corev1.ConfigMap, error) {
	obj, err := m.get(ctx, Key{"configmap", ns, name})
	if err != nil {
		return nil, err
	}
	return obj.(*corev1.ConfigMap), nil
}

// Secret returns the Secret; a registered pod must refer to it.
func (m *Manager) Secret(ctx context.Context, ns, name string) (*corev1.Secret, error) {
	obj, err := m.get(ctx, Key{"secret", ns, name})
	if err != nil {
		return nil, err
	}
	return obj.(*corev1.Secret), nil
}

func (m *Manager) get(ctx context.Context, k Key) (client.Object, error) {
	m.mu.Lock()
	i, ok := m.items[k]
	m.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("object %q/%q not registered", k.Namespace, k.Name)
	}
	select {
	case <-i.known:
	default:
		t := m.clock.NewTimer(patience)
		defer t.Stop()
		select {
		case <-i.known:
		case <-t.C():
			return nil, fmt.Errorf("failed to sync %s cache: timed out waiting for the condition", k.Kind)
		case <-ctx.Done():
			return nil, fmt.Errorf("failed to sync %s cache: %w", k.Kind, ctx.Err())
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if i.obj == nil {
		return nil, apierrors.NewNotFound(corev1.Resource(k.Kind), k.Name)
	}
	return i.obj, nil
}
