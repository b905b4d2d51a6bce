//go:build !linux

package main

import "testing"

// isolated is for Linux: elsewhere a test runs with the computer's network.
func isolated(*testing.T) bool { return true }
