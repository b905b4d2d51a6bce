package ui

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kubergarten/ui/browser"
	"kubergarten/ui/static"
)

func TestInABrowser(t *testing.T) {
	dir := t.TempDir()
	s := newSite(t, dir)
	b := browser.New(t)

	// A wrong token says so; where one wanted to go is kept.
	b.Do(browser.Open(s.base+"/about/licences?x"), browser.See("details"), browser.Open(s.base+"/nowhere"),
		browser.See("#kg-token"), browser.Type("#kg-token", "bad\r"), browser.See("#kg-wrong"))
	if next := browser.Eval[string](b, `document.querySelector("[name=next]").value`); next != "/nowhere" {
		t.Errorf("after a wrong token one goes on to %q", next)
	}
	// The link logs in; the start page lives.
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"))
	b.Do(browser.Wait(`document.getElementById("start-nodes").textContent.includes("0 of 1")`))

	// Keys: the sheet and the palette, without a mouse.
	b.Do(browser.Keys("?"), browser.See("#kg-keys[open]"), browser.Keys(kb.Escape), browser.Wait(`!document.querySelector("dialog[open]")`))
	b.Do(browser.Chord("k", kb.ModifierCtrl), browser.See("#kg-palette [role=option]"), browser.Type("#kg-palette input", "lic"),
		browser.Keys(kb.Escape), browser.Wait(`!document.querySelector("dialog[open]")`))
	// A colon goes to a kind: that of the pages, which also has these letters, is not there.
	b.Do(browser.Wait(`document.activeElement === document.body`), browser.Keys(":"), browser.Keys("cluster"), browser.Wait(`document.querySelector("#kg-palette input").value === ":cluster"`),
		browser.Text("#kg-palette [role=option]", "ClusterRole"), browser.Gone(`#kg-palette [data-href="/cluster"]`),
		browser.Keys(kb.Escape), browser.Wait(`!document.querySelector("dialog[open]")`))

	// What one has unfolded stays so when its part changes.
	browser.Eval[any](b, `(() => {
		const content = document.getElementById("content");
		content.insertAdjacentHTML("beforeend", "<details id='fold' open><p>old</p></details>");
		void htmx.swap({ text: "<details id='fold'><p>new</p></details>", target: content.lastChild, sourceElement: content.lastChild, swap: "outerMorph" });
	})()`)
	b.Do(browser.Wait(`document.getElementById("fold").textContent === "new"`))
	if !browser.Eval[bool](b, `document.getElementById("fold").open`) {
		t.Error("a change folds what one has unfolded")
	}

	// Theme and language go by our own form.
	for _, choice := range []string{"kg-theme=dark", "kg-lang=zh-CN"} {
		id, value, _ := strings.Cut(choice, "=")
		browser.Eval[any](b, `(() => { const s = document.getElementById("`+id+`"); s.value = "`+value+`"; s.dispatchEvent(new Event("change")); })()`)
		b.Do(browser.Wait(`[document.documentElement.dataset.theme, document.documentElement.lang].includes("` + value + `")`))
	}
	if got := browser.Eval[string](b, `document.documentElement.lang + " " + getComputedStyle(document.body.parentElement).colorScheme`); got != "zh-CN dark" {
		t.Errorf("the page is %q", got)
	}

	// The server goes and comes back: a banner, then none, and the session lives.
	browser.Eval[any](b, `(() => { const i = document.createElement("input"); i.id = "typed"; document.getElementById("content").append(i); i.value = "typed text"; })()`)
	s.stop()
	b.Do(browser.See("#kg-lost"))
	newSiteAt(t, dir, s.srv.addr.String())
	b.Do(browser.Wait(`document.getElementById("kg-lost").hidden`))

	// The session ends while one types: a dialog, a wrong token, a right one.
	logOut(b)
	browser.Eval[any](b, `document.dispatchEvent(new CustomEvent("kg:login"))`)
	b.Do(browser.See("#kg-again[open] #kg-token"), browser.Type("#kg-again #kg-token", "bad\r"), browser.See("#kg-again #kg-wrong"),
		browser.Type("#kg-again #kg-token", good+"\r"), browser.See(".kg-toast.kg-ok"), browser.Wait(`!document.querySelector("dialog[open]")`))
	if typed := browser.Eval[string](b, `document.getElementById("typed")?.value`); typed != "typed text" {
		t.Errorf("what was typed is now %q", typed)
	}
	b.Do(browser.Wait(`document.querySelectorAll("#kg-lost[hidden]").length === 1`))

	b.Innocent()
}

// TestTheBundlesKeepToThePolicy opens the terminal and the editor, which make
// style elements of their own, under the page's content security policy.
func TestTheBundlesKeepToThePolicy(t *testing.T) {
	s := newSite(t, t.TempDir())
	b := browser.New(t)
	b.Do(browser.Open(s.srv.Link()), browser.See("#start-nodes"))
	got := browser.Eval[string](b, `(async () => {
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
	})()`)
	if got != "" {
		t.Error(got)
	}
}
