package main

import (
	"fmt"
	"os/exec"
	"strings"
)

// goVersion is the Go whose internals the overlay knows.
const goVersion = "go1.26"

// toolchain returns GOROOT and the version of the go on PATH.
func toolchain() (goroot, version string, err error) {
	out, err := exec.Command("go", "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return "", "", fmt.Errorf("go env: %w", err)
	}
	f := strings.Fields(string(out))
	if len(f) != 2 {
		return "", "", fmt.Errorf("go env: unexpected answer %q", out)
	}
	if !supported(f[1]) {
		return "", "", fmt.Errorf("guests are built with an overlay of the standard library of %s, but this is %s: install %s, or set GOTOOLCHAIN=%s.0", goVersion, f[1], goVersion, goVersion)
	}
	return f[0], f[1], nil
}

// supported tells whether version is a release of goVersion.
func supported(version string) bool {
	rest, ok := strings.CutPrefix(version, goVersion)
	return ok && (rest == "" || rest[0] < '0' || rest[0] > '9')
}
