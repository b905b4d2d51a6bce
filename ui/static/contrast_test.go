package static

import (
	"math"
	"regexp"
	"strconv"
	"testing"
)

// TestContrast holds the colours of both themes to WCAG's AA: 4.5 to 1 for
// text, 3 to 1 for the edges of controls.
func TestContrast(t *testing.T) {
	pair := regexp.MustCompile(`--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`)
	colours := map[string][2]string{}
	for _, m := range pair.FindAllStringSubmatch(string(read(t, "app-tokens.css")), -1) {
		colours[m[1]] = [2]string{m[2], m[3]}
	}
	for _, tt := range []struct {
		text, on string
		least    float64
	}{
		{"fg", "bg", 7},
		{"fg", "panel", 7},
		{"fg", "sunk", 7},
		{"fg", "tint", 7},
		{"muted", "bg", 4.5},
		{"muted", "panel", 4.5},
		{"muted", "sunk", 4.5},
		{"muted", "tint", 4.5},
		{"accent", "bg", 4.5},
		{"accent", "panel", 4.5},
		{"accent", "tint", 4.5},
		{"accent", "sunk", 4.5},
		{"on-accent", "accent", 4.5},
		{"ok", "bg", 4.5},
		{"ok", "panel", 4.5},
		{"warn", "bg", 4.5},
		{"warn", "panel", 4.5},
		{"bad", "bg", 4.5},
		{"bad", "panel", 4.5},
		{"busy", "bg", 4.5},
		{"busy", "panel", 4.5},
		{"off", "bg", 4.5},
		{"off", "panel", 4.5},
		{"edge", "panel", 3},
		{"edge", "bg", 3},
	} {
		for theme, name := range []string{"light", "dark"} {
			a, b := colours[tt.text][theme], colours[tt.on][theme]
			if a == "" || b == "" {
				t.Fatalf("%s or %s is no colour", tt.text, tt.on)
			}
			if c := contrast(t, a, b); c < tt.least {
				t.Errorf("%s: %s on %s has %.2f to 1, less than %.1f", name, tt.text, tt.on, c, tt.least)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(shift int) float64 {
		c := float64(n>>shift&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}
