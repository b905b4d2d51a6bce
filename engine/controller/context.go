package controller

import (
	"log/slog"

	"k8s.io/client-go/tools/record"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
	"kubergarten/engine/trace"
)

// A Context is what kube-controller-manager gives each controller.
type Context struct {
	Client    client.Interface     // as the controller's own service account
	Informers *client.Informers    // shared by all controllers
	Events    record.EventRecorder // its source is the controller
	Clock     clock.Clock
	Log       *slog.Logger
	Trace     *trace.Recorder
}
