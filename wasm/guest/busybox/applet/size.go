package applet

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// size reads a number with a suffix: b 512, k, m, g.
func size(word string) (int64, error) {
	factor := int64(1)
	for _, s := range []struct {
		suffix string
		factor int64
	}{{"kB", 1000}, {"kD", 1000}, {"MD", 1e6}, {"k", 1 << 10}, {"K", 1 << 10}, {"m", 1 << 20}, {"M", 1 << 20}, {"g", 1 << 30}, {"G", 1 << 30}, {"b", 512}, {"w", 2}, {"c", 1}} {
		if rest, ok := strings.CutSuffix(word, s.suffix); ok {
			word, factor = rest, s.factor
			break
		}
	}
	n, err := strconv.ParseInt(word, 10, 64)
	return n * factor, err
}

// human writes a size as busybox's -h does: 1.5K, 12.0M, 512.
func human(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10)
	}
	v, unit := float64(n), 0
	for v >= 1023.95 && unit < 6 {
		v /= 1024
		unit++
	}
	return fmt.Sprintf("%.1f%c", v, " KMGTPE"[unit])
}

// create opens a file to write, from its start or its end.
func create(name string, add bool) (*os.File, error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if add {
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	return os.OpenFile(name, flags, 0o666)
}
