//go:build !wasip1

package applet

import "errors"

func statfs(string) (fsStat, error) { return fsStat{}, errors.ErrUnsupported }
