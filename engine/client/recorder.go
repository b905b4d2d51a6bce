package client

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/record"
)

// Events writes Events about objects, as one component of one host.
type Events struct {
	record.EventRecorder
	broadcaster record.EventBroadcaster
	api         Interface
	started     chan struct{}
}

// NewEvents returns a recorder for the component of that name; host is its node,
// or empty. Nothing is written until Run runs.
func NewEvents(api Interface, component, host string) *Events {
	b := record.NewBroadcaster()
	return &Events{b.NewRecorder(scheme.Scheme, corev1.EventSource{Component: component, Host: host}), b, api, make(chan struct{})}
}

// Started is closed once Run runs: what is recorded before is lost.
func (e *Events) Started() <-chan struct{} { return e.started }

// Run writes what is recorded to the API until ctx is done, aggregating
// repeated events as upstream does.
func (e *Events) Run(ctx context.Context) error {
	w := e.broadcaster.StartRecordingToSink(sink{ctx, For[*corev1.Event](e.api)})
	close(e.started)
	defer e.broadcaster.Shutdown()
	defer w.Stop()
	<-ctx.Done()
	return nil
}

// sink is record.EventSink on our client.
type sink struct {
	ctx    context.Context
	events Of[*corev1.Event]
}

func (s sink) Create(e *corev1.Event) (*corev1.Event, error) {
	return s.settle(e)(s.events.Create(s.ctx, e))
}

func (s sink) Update(e *corev1.Event) (*corev1.Event, error) {
	return s.settle(e)(s.events.Update(s.ctx, e))
}

func (s sink) Patch(e *corev1.Event, data []byte) (*corev1.Event, error) {
	at := s.events.target(e.Namespace, e.Name, "")
	return s.settle(e)(typed[*corev1.Event](s.events.api.Patch(s.ctx, at, types.StrategicMergePatchType, data, metav1.PatchOptions{})))
}

// settle takes an event for written once its writer is to stop, for client-go
// would try again, and complain.
func (s sink) settle(e *corev1.Event) func(*corev1.Event, error) (*corev1.Event, error) {
	return func(got *corev1.Event, err error) (*corev1.Event, error) {
		if s.ctx.Err() != nil {
			return e, nil
		}
		return got, err
	}
}
