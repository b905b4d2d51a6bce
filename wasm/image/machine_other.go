//go:build !linux

package image

// memorySize is how much memory the machine is assumed to have.
func memorySize() int64 { return 4 << 30 }
