//go:build !linux

package image

import "kubergarten/wasm/fuel"

// initial is the memory with which all instances of a program begin.
type initial struct{ segments []fuel.Segment }

func newInitial(segments []fuel.Segment) *initial { return &initial{segments} }

func (i *initial) instance(_ uint64, _ int64) pages { return &slice{segments: i.segments} }

func (i *initial) close() {}
