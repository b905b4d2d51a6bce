package kuberuntime

import "testing"

func TestAttemptOf(t *testing.T) {
	for name, want := range map[string]int{
		"0.log": 0, "12.log": 12, "3.log.20260102-150405": 3,
		"": -1, "log": -1, ".log": -1, "x.log": -1, "-1.log": -1, "3.logs": -1, "3.txt": -1,
	} {
		n, ok := attemptOf(name)
		if !ok {
			n = -1
		}
		if n != want {
			t.Errorf("%q: %d, want %d", name, n, want)
		}
	}
}
