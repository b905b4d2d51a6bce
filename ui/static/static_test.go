package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// firstScript is the budget of the first page's script, compressed.
const firstScript = 60 << 10

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheManifestHoldsTheBundles(t *testing.T) {
	var sums map[string]string
	if err := json.Unmarshal(read(t, "manifest.json"), &sums); err != nil {
		t.Fatal(err)
	}
	entries, err := files.ReadDir("dist")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(sums)+1 {
		t.Errorf("%d files for %d sums: run make assets", len(entries), len(sums))
	}
	for _, e := range entries {
		if e.Name() == "manifest.json" {
			continue
		}
		sum := sha256.Sum256(read(t, e.Name()))
		if hex.EncodeToString(sum[:]) != sums[e.Name()] {
			t.Errorf("%s is not what the manifest says: run make assets", e.Name())
		}
	}
}

func TestBudgets(t *testing.T) {
	app, terminal, editor := len(compress(read(t, "app.js"))), len(compress(read(t, "terminal.js"))), len(compress(read(t, "editor.js")))
	t.Logf("gzipped: app %d, terminal %d, editor %d", app, terminal, editor)
	page := len(compress(read(t, "terminal-page.js"))) // xterm itself comes when a terminal opens
	if app+page > firstScript {
		t.Errorf("the first script of a page with a terminal is %d bytes, over %d", app+page, firstScript)
	}
	if all := app + terminal + editor; all > 350<<10 {
		t.Errorf("all scripts are %d bytes, over 350 KiB", all)
	}
}

// TestNothingFromElsewhere: no style sheet and none of our modules names a
// place outside, or what the content security policy forbids.
func TestNothingFromElsewhere(t *testing.T) {
	outside := regexp.MustCompile(`@import\s+(url\()?["']?(https?:)?//|url\(["']?(https?:)?//|import\s*\(?["'](https?:)?//`)
	unsafe := regexp.MustCompile(`\beval\(|new Function\(|setAttribute\(\s*["']style["']|\.innerHTML\s*=[^=].*\+`)
	for _, dir := range []string{"src", "dist"} {
		entries, err := files.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() {
				continue
			}
			text, err := files.ReadFile(dir + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			if hit := outside.Find(text); hit != nil {
				t.Errorf("%s/%s loads from elsewhere: %s", dir, e.Name(), hit)
			}
			if hit := unsafe.Find(text); dir == "src" && hit != nil {
				t.Errorf("%s/%s: %s", dir, e.Name(), hit)
			}
		}
	}
}

func TestLicensesAreKept(t *testing.T) {
	all, err := Licenses()
	if err != nil {
		t.Fatal(err)
	}
	free := map[string]bool{"MIT": true, "BSD-0-Clause": true, "0BSD": true, "BSD-3-Clause": true, "Apache-2.0": true, "ISC": true}
	names := map[string]bool{}
	for _, l := range all {
		names[l.Name] = true
		if !free[l.Licence] {
			t.Errorf("%s has the licence %q", l.Name, l.Licence)
		}
		if l.Text == "" {
			t.Errorf("%s has no licence text", l.Name)
		}
	}
	for _, want := range []string{"htmx.org", "@xterm/xterm", "@codemirror/view"} {
		if !names[want] {
			t.Errorf("%s is not listed", want)
		}
	}
}

func get(url string, header ...string) *http.Response {
	mux := http.NewServeMux()
	mux.Handle("GET /static/{hash}/{name...}", NewServer())
	r := httptest.NewRequest("GET", url, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w.Result()
}

func TestServing(t *testing.T) {
	plain := get(URL("app.js"))
	body, _ := io.ReadAll(plain.Body)
	if plain.StatusCode != 200 || !bytes.Equal(body, read(t, "app.js")) || plain.Header.Get("Content-Encoding") != "" {
		t.Errorf("plain: %v", plain.Status)
	}
	if cc := plain.Header.Get("Cache-Control"); !strings.Contains(cc, "immutable") {
		t.Errorf("Cache-Control is %q", cc)
	}
	small := get(URL("app.js"), "Accept-Encoding", "gzip, br")
	z, err := gzip.NewReader(small.Body)
	if err != nil {
		t.Fatal(err)
	}
	if unpacked, _ := io.ReadAll(z); !bytes.Equal(unpacked, body) {
		t.Error("what is compressed is not the file")
	}
	if ct := get(URL("app.css")).Header.Get("Content-Type"); ct != "text/css; charset=utf-8" {
		t.Errorf("Content-Type is %q", ct)
	}
}

func TestWhatIsNotServed(t *testing.T) {
	dir := strings.TrimSuffix(URL(""), "/")
	for _, path := range []string{
		"/static/0000000000000000/app.js", dir + "/none.js", dir + "/", dir + "/vendor",
		dir + "/%2e%2e/static.go", dir + "/..%2fstatic.go", dir + "/%2fetc%2fpasswd",
	} {
		if res := get(path); res.StatusCode == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
}
