//go:build !linux

package isolation

import "testing"

// Offline is for Linux: elsewhere a test runs with the computer's network, and
// its skipped part "offline" says so.
func Offline(t *testing.T) bool {
	t.Helper()
	t.Run("offline", func(t *testing.T) { t.Skip("only Linux gives a test a network of its own") })
	return true
}
