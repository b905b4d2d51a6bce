package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// dataDir is where the cluster is kept: what was asked for, or the place that
// the platform has for a user's data.
func dataDir(asked string) (string, error) {
	if asked != "" {
		return filepath.Abs(asked)
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "kubergarten"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no place for the data, name one with --data-dir: %w", err)
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "kubergarten"), nil
	case "windows":
		return filepath.Join(home, "AppData", "Local", "kubergarten"), nil
	}
	return filepath.Join(home, ".local", "share", "kubergarten"), nil
}
