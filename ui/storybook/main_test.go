package main

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestEveryStoryInEveryThemeAndLanguage(t *testing.T) {
	for _, lang := range []string{"en", "zh-CN"} {
		for _, theme := range []string{"auto", "light", "dark"} {
			w := httptest.NewRecorder()
			book().ServeHTTP(w, httptest.NewRequest("GET", "/?"+url.Values{"lang": {lang}, "theme": {theme}}.Encode(), nil))
			page := w.Body.String()
			if w.Code != 200 || !strings.Contains(page, `lang="`+lang+`" data-theme="`+theme+`"`) {
				t.Errorf("%s %s: %d", lang, theme, w.Code)
			}
			for _, name := range []string{"Button", "Badge", "Table", "Tabs", "Bar", "Command", "Toast", "Dialog", "Time", "Icon"} {
				if !strings.Contains(page, "<h2>"+name+"</h2>") {
					t.Errorf("%s %s: no story of %s", lang, theme, name)
				}
			}
			if strings.Contains(page, "<script>alert") || strings.Contains(page, "[layout.") {
				t.Errorf("%s %s: hostile words act, or a text is missing", lang, theme)
			}
		}
	}
}

// TestWhatTheHeaderAsksFor: its form chooses language and theme, and the palette
// opens.
func TestWhatTheHeaderAsksFor(t *testing.T) {
	w := httptest.NewRecorder()
	form := httptest.NewRequest("POST", "/preferences", strings.NewReader("back=&lang=zh-CN&theme=dark"))
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	book().ServeHTTP(w, form)
	if to := w.Header().Get("Location"); w.Code != 303 || to != "/?lang=zh-CN&theme=dark" {
		t.Errorf("the form leads to %q: %d", to, w.Code)
	}
	w = httptest.NewRecorder()
	book().ServeHTTP(w, httptest.NewRequest("GET", "/palette", nil))
	if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got != "[]" {
		t.Errorf("the palette has %q: %d", got, w.Code)
	}
}
