package fuel

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// What a rewritten module exports and imports.
const (
	Global       = "__fuel" // the exported counter
	ImportModule = "fuel"   // the imported function
	ImportName   = "yield"
)

// ErrKilled is the usual reason of a Kill: SIGKILL.
var ErrKilled = errors.New("killed")

// errNoMeter reports a guest that was called without a meter.
var errNoMeter = errors.New("fuel: no meter in the context of the call")

// Instantiate offers fuel.yield to the rewritten guests of r. They must be
// called with a context from WithMeter.
func Instantiate(ctx context.Context, r wazero.Runtime) error {
	_, err := r.NewHostModuleBuilder(ImportModule).
		NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(yield), nil, nil).
		Export(ImportName).
		Instantiate(ctx)
	if err != nil {
		return fmt.Errorf("offer fuel.yield: %w", err)
	}
	return nil
}

func yield(ctx context.Context, mod api.Module, _ []uint64) {
	m := MeterFrom(ctx)
	if m == nil {
		panic(errNoMeter)
	}
	m.Yield(mod)
}
