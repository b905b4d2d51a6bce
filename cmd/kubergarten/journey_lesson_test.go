package main

import (
	"context"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kubergarten/ui/browser"
)

// lesson goes from the printed link to the first lesson passed: predictions,
// commands from the text and by hand, a wrong answer, a hint, a repair.
func (w *trip) lesson() {
	w.shot("lesson-1-start")
	w.Do(browser.Click(`.kg-next a[href="/lessons/01-components"]`), browser.See("#lesson-head form"))
	w.Do(browser.Click("#lesson-head form button"), browser.See("#step-path .kg-predict"), shows(" # "))
	w.shot("lesson-2-begun")

	w.predict("path", "scheduler")
	w.typed("path", "run hello --image=busybox:1.28")
	w.Do(browser.See(`#step-path[data-status="passed"]`), browser.Text("#step-path .kg-outcome", w.says("It happened differently", "结果和你预测的不一样")))
	w.shot("lesson-3-first-step")

	w.predict("etcd", "apiserver")
	w.typed("etcd", "create configmap note")
	w.Do(browser.Text("#step-etcd .kg-check", w.says("Passed", "通过")))
	w.Do(browser.Type("#answer-etcd", "etcd\r"), browser.See("#answer-wrong-etcd"))
	w.shot("lesson-4-wrong-answer")
	w.Do(browser.Click("#hint-etcd button"), browser.See("#step-etcd .kg-hints"))
	w.Do(w.retype("#answer-etcd"), browser.Keys("kube-apiserver\r"), browser.See(`#step-etcd[data-status="passed"]`))

	w.predict("unscheduled", "waits")
	w.Do(browser.Click(".kg-terms-current"))
	w.run("sed -i s/____/nobody/ waiting.yaml && kubectl -n lesson-components apply -f waiting.yaml")
	w.Do(browser.See(`#step-unscheduled[data-status="passed"]`))
	w.shot("lesson-5-unscheduled")

	w.predict("place", "runs")
	w.Do(browser.Click(".kg-terms-current"))
	w.run("kubectl -n lesson-components delete pod waiting --now")
	w.Do(shows(`pod "waiting" deleted`))
	w.run("sed 's/schedulerName: nobody/&, nodeName: control-plane/' waiting.yaml >placed.yaml")
	w.run("sed -i 's/^\\( *\\)schedulerName: nobody, /\\1schedulerName: nobody\\n\\1/' placed.yaml && cat placed.yaml")
	w.run("kubectl -n lesson-components apply -f placed.yaml")
	w.Do(browser.See("#lesson-end"))
	w.shot("lesson-6-passed")
	w.Do(browser.Click(`#lesson-end a[href="/lessons"]`), browser.See(".kg-lesson-card .kg-ok"))
	w.shot("lesson-7-lessons")
}

// retype selects what is in a field, so that the next key replaces it.
func (w *trip) retype(field string) browser.Step {
	return func(ctx context.Context, at *chromedp.Target) (chromedp.Void, error) {
		if _, err := browser.Click(field)(ctx, at); err != nil {
			return chromedp.Void{}, err
		}
		return browser.Chord("a", kb.ModifierCtrl)(ctx, at)
	}
}

// predict chooses what will happen in a step, and says so.
func (w *trip) predict(step, choice string) {
	w.Helper()
	in := "#step-" + step
	w.Do(browser.Click(in+` .kg-predict input[value="`+choice+`"]`), browser.Click(in+" .kg-predict button[type=submit]"), browser.Gone(in+" .kg-predict"))
}

// typed has the page type the line of a step that contains text, and runs it.
func (w *trip) typed(step, text string) {
	w.Helper()
	line := `[...document.querySelectorAll("#step-` + step + ` .kg-line")].find((e) => e.innerText.includes("` + text + `"))`
	w.Do(browser.Wait("!!" + line + "?.checkVisibility()"))
	browser.Eval[any](w.Browser, line+`.querySelector("[data-type]").setAttribute("id", "the-line")`)
	w.Do(browser.Click("#the-line"), inTerminal(), shows(text), browser.Keys(kb.Enter))
	browser.Eval[any](w.Browser, `document.getElementById("the-line")?.removeAttribute("id")`)
}
