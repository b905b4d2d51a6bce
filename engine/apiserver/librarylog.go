package apiserver

import (
	"context"
	"log/slog"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

// withLibraryLog hands what upstream's libraries log about a request to our own
// log, as debugging: they call a client that hangs up an error.
func (s *Server) withLibraryLog(ctx context.Context) context.Context {
	return klog.NewContext(ctx, logr.FromSlogHandler(debugging{s.log.Handler()}))
}

// debugging is a handler that takes everything for debugging.
type debugging struct{ to slog.Handler }

var _ slog.Handler = debugging{}

// Enabled implements slog.Handler.
func (d debugging) Enabled(ctx context.Context, _ slog.Level) bool {
	return d.to.Enabled(ctx, slog.LevelDebug)
}

// Handle implements slog.Handler.
func (d debugging) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelDebug
	return d.to.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (d debugging) WithAttrs(attrs []slog.Attr) slog.Handler { return debugging{d.to.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (d debugging) WithGroup(name string) slog.Handler { return debugging{d.to.WithGroup(name)} }
