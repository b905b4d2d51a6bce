package cluster

import (
	"io"
	"log/slog"
	"strings"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2/textlogger"
)

// klogger returns a logger that writes as Kubernetes' components do, as much as
// the flag --v asks for:
//
//	I1120 22:51:42.000000       1 schedule_one.go:117] "Successfully bound pod to node" pod="default/web"
func klogger(w io.Writer, v int) *slog.Logger {
	return slog.New(logr.ToSlogHandler(textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(w), textlogger.Verbosity(v)))))
}

// jsonLogger returns a logger that writes as etcd does.
func jsonLogger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.TimeKey:
			a.Key = "ts"
		case slog.LevelKey:
			a.Value = slog.StringValue(strings.ToLower(a.Value.String()))
		}
		return a
	}}))
}
