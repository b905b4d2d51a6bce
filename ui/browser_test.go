package ui

import (
	"context"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kubergarten/ui/static"
)

// A browser is a headless chromium and what it complained of.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("chromium is not here")
	}
	ctx, stop := chromedp.NewContext(t.Context(), chromedp.WithAllocatorOptions(chromedp.NoSandbox, chromedp.Flag("force-prefers-reduced-motion", true)))
	t.Cleanup(stop)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank"), chromedp.EmulateViewport(1280, 720)); err != nil {
		t.Fatal(err)
	}
	go func() {
		for m, err := range chromedp.Console(ctx) {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.complaints = append(b.complaints, m.String())
			b.mu.Unlock()
		}
	}()
	return b
}

// do does the steps, each of which may wait for what it needs.
func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for i, step := range steps {
		ctx, stop := context.WithTimeout(b.ctx, 30*time.Second)
		err := chromedp.Do(ctx, step)
		stop()
		if err != nil {
			at, _ := chromedp.Run(b.ctx, chromedp.Location())
			b.shoot("failed")
			b.t.Fatalf("step %d at %s: %v", i, at, err)
		}
	}
}

func see(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(selector))
}

func keys(selector, text string) chromedp.Action[chromedp.Void] {
	return chromedp.SendKeys(chromedp.CSS(selector), text)
}

// eval is what a script returns.
func eval[T any](b *browser, script string) T {
	b.t.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return got
}

func TestInABrowser(t *testing.T) {
	dir := t.TempDir()
	s := newSite(t, dir)
	b := newBrowser(t)

	// A wrong token says so; where one wanted to go is kept.
	b.do(chromedp.Navigate(s.base+"/about/licences?x"), see("details"), chromedp.Navigate(s.base+"/nowhere"),
		see("#kg-token"), keys("#kg-token", "bad\r"), see("#kg-wrong"))
	if next := eval[string](b, `document.querySelector("[name=next]").value`); next != "/nowhere" {
		t.Errorf("after a wrong token one goes on to %q", next)
	}
	// The link logs in; the start page lives.
	b.do(chromedp.Navigate(s.srv.Link()), see("#start-nodes"))
	b.do(wait(`document.getElementById("start-nodes").textContent.includes("0 of 1")`))

	// Keys: the sheet and the palette, without a mouse.
	b.do(chromedp.KeyEvent("?"), see("#kg-keys[open]"), chromedp.KeyEvent(kb.Escape), wait(`!document.querySelector("dialog[open]")`))
	b.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(2)), see("#kg-palette [role=option]"), keys("#kg-palette input", "lic"),
		chromedp.KeyEvent(kb.Escape), wait(`!document.querySelector("dialog[open]")`))

	// Theme and language go by our own form.
	for _, choice := range []string{"kg-theme=dark", "kg-lang=zh-CN"} {
		id, value, _ := strings.Cut(choice, "=")
		eval[any](b, `(() => { const s = document.getElementById("`+id+`"); s.value = "`+value+`"; s.dispatchEvent(new Event("change")); })()`)
		b.do(wait(`[document.documentElement.dataset.theme, document.documentElement.lang].includes("` + value + `")`))
	}
	if got := eval[string](b, `document.documentElement.lang + " " + getComputedStyle(document.body.parentElement).colorScheme`); got != "zh-CN dark" {
		t.Errorf("the page is %q", got)
	}

	// The server goes and comes back: a banner, then none, and the session lives.
	eval[any](b, `(() => { const i = document.createElement("input"); i.id = "typed"; document.getElementById("content").append(i); i.value = "typed text"; })()`)
	s.stop()
	b.do(see("#kg-lost"))
	again := newSiteAt(t, dir, s.srv.addr.String())
	b.do(wait(`document.getElementById("kg-lost").hidden`))

	// The session ends while one types: a dialog, a wrong token, a right one.
	again.srv.sessions.CloseAll()
	eval[any](b, `document.dispatchEvent(new CustomEvent("kg:login"))`)
	b.do(see("#kg-again[open] #kg-token"), keys("#kg-again #kg-token", "bad\r"), see("#kg-again #kg-wrong"),
		keys("#kg-again #kg-token", good+"\r"), see(".kg-toast.kg-ok"), wait(`!document.querySelector("dialog[open]")`))
	if typed := eval[string](b, `document.getElementById("typed")?.value`); typed != "typed text" {
		t.Errorf("what was typed is now %q", typed)
	}
	b.do(wait(`document.querySelectorAll("#kg-lost[hidden]").length === 1`))

	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		if strings.Contains(c, "Content Security Policy") || strings.Contains(c, "Error") {
			t.Errorf("the browser complains: %s", c)
		}
	}
}

// TestTheBundlesKeepToThePolicy opens the terminal and the editor, which make
// style elements of their own, under the page's content security policy.
func TestTheBundlesKeepToThePolicy(t *testing.T) {
	s := newSite(t, t.TempDir())
	b := newBrowser(t)
	b.do(chromedp.Navigate(s.srv.Link()), see("#start-nodes"))
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`(async () => {
		const broken = [];
		document.addEventListener("securitypolicyviolation", (e) => broken.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample));
		const box = (id) => { const d = document.createElement("div"); d.id = id; d.style.height = "200px"; document.getElementById("content").append(d); return d; };
		const { Terminal, FitAddon } = await import("`+static.URL("terminal.js")+`");
		const term = new Terminal({ screenReaderMode: true }), fit = new FitAddon();
		term.loadAddon(fit);
		term.open(box("term"));
		fit.fit();
		await new Promise((done) => term.write("\x1b[31mhello", done));
		const editor = await import("`+static.URL("editor.js")+`");
		new editor.EditorView({ doc: "kind: Pod", parent: box("edit"), extensions: [editor.basicSetup, editor.yaml(), editor.lintGutter(), editor.nonce] });
		new editor.MergeView({ a: { doc: "a: 1", extensions: [editor.nonce] }, b: { doc: "a: 2", extensions: [editor.nonce] }, parent: box("merge") });
		await new Promise((done) => setTimeout(done, 300));
		const styles = [...document.querySelectorAll("style")];
		if (!styles.length || styles.some((e) => e.textContent && !e.sheet?.cssRules.length)) broken.push("a style element is not in force");
		if (getComputedStyle(document.querySelector(".cm-editor")).display !== "flex") broken.push("the editor has no style");
		return broken.join("; ");
	})()`, chromedp.EvalAwaitPromise))
	if err != nil || got != "" {
		t.Errorf("%v %s", err, got)
	}
}

// wait waits until a script says true, in this page or in the one that follows.
func wait(script string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, at *chromedp.Target) (chromedp.Void, error) {
		for {
			ok, err := chromedp.Evaluate[bool](script)(ctx, at)
			if ok && err == nil || ctx.Err() != nil {
				return chromedp.Void{}, ctx.Err()
			}
			if _, err := chromedp.Sleep(20*time.Millisecond)(ctx, at); err != nil {
				return chromedp.Void{}, err
			}
		}
	}
}
