//go:build !wasip1

package applet

import "errors"

// replaceProcess is for guests: tests live in the process they run in.
func replaceProcess(string, []string, []string) error { return errors.ErrUnsupported }
