//go:build !linux

package image

// codeToDisk does nothing: machine code stays in memory.
func codeToDisk(string, uint64) error { return nil }

// restCode does nothing.
func restCode() error { return nil }
