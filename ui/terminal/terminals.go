package terminal

import (
	"context"
	"log/slog"

	"k8s.io/utils/clock"
)

// Config is what Terminals needs.
type Config struct {
	Workbench Workbench
	Clock     clock.WithTickerAndDelayedExecution
	Log       *slog.Logger
}

// Terminals are the shells of all visitors.
type Terminals struct {
	cfg Config
}

// New returns an empty room: before Run no shell opens.
func New(c Config) *Terminals { return &Terminals{cfg: c} }

// Run lets shells open until ctx ends, and returns when all have ended.
func (t *Terminals) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
