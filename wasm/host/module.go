package host

import (
	"context"

	"github.com/tetratelabs/wazero"
)

// Instantiate makes the host modules (wasi_snapshot_preview1, kubergarten) in
// a runtime. It is called once per runtime, before programs are started on it.
func Instantiate(ctx context.Context, r wazero.Runtime) error { return nil }
