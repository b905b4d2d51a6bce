package main

import (
	"fmt"

	"github.com/chromedp/chromedp/kb"

	"kubergarten/ui/browser"
)

// terminal works as at any shell: kubectl, its completion, Ctrl-C, another size
// of the window, and a restart of the server.
func (w *trip) terminal() {
	w.Do(browser.Click(`.kg-nav a[href="/terminal"]`), inTerminal(), shows(" # "))
	w.run("kubectl get nodes")
	w.Do(shows("node-1"), shows("Ready"), shows("v1.36."))

	// Tab completes kubectl's words and the cluster's names.
	w.Do(browser.Keys("kubectl creat"), browser.Keys(kb.Tab), lastLine("# kubectl create"), browser.Keys("deployment talker --image=busybox:1.28 -- sh -c 'i=0; while :; do echo tick $((i=i+1)); sleep 1; done'"), browser.Keys(kb.Enter))
	w.Do(shows("deployment.apps/talker created"))
	w.run("kubectl rollout status deployment/talker")
	w.Do(shows("successfully rolled out"))
	w.Do(browser.Keys("kubectl logs -f deployments.apps/tal"), browser.Keys(kb.Tab), lastLine("kubectl logs -f deployments.apps/talker"), browser.Keys(kb.Enter))
	w.Do(shows("tick 3"))
	w.shot("terminal-1-logs")
	w.Do(browser.Chord("c", kb.ModifierCtrl), shows("^C"), lastLine("#"))
	w.run("echo ended with $?")
	w.Do(shows("ended with 130"))

	// A smaller window has fewer rows and columns, and the shell knows.
	wide := w.shellSize()
	w.Do(browser.Size(800, 600), browser.Wait(fmt.Sprintf(`%s < %d`, rows, wide.rows)))
	narrow := w.shellSize()
	for tries := 0; narrow == wide && tries < 20; tries++ { // the shell hears of it a moment after the page
		narrow = w.shellSize()
	}
	if narrow.cols > wide.cols-20 || narrow.rows >= wide.rows {
		w.Errorf("a window of 800 by 600 has %v for the shell, after %v", narrow, wide)
	}
	w.shot("terminal-2-narrow")
	w.Do(browser.Size(1280, 720), browser.Wait(fmt.Sprintf(`%s === %d`, rows, wide.rows)))

	// The server is started anew: one sentence, the same files, a prompt.
	w.run("echo kept >note.txt")
	w.Do(lastLine("#"), browser.Keys("cat no"), lastLine("# cat no"))
	w.server.stop()
	w.Do(browser.Text("[data-note]", w.says("The connection to the server is lost", "与服务器的连接已断开")), browser.Keys("te.txt"))
	w.shot("terminal-3-lost")
	w.server.start()
	w.server.waitReady()
	w.Do(browser.Text("[data-note]", w.says("new one with the same files", "文件保持不变")), lastLine("# cat note.txt"), browser.Keys(kb.Enter), shows("kept\n"))
	w.run("kubectl get deployments")
	w.Do(shows("talker   1/1"))
	w.shot("terminal-4-back")
}

// rows is how many lines the open terminal has.
const rows = `document.querySelectorAll(".kg-terms-current .xterm-rows > div").length`

type shellSize struct{ rows, cols int }

// shellSize is how large the shell believes its terminal to be.
func (w *trip) shellSize() (z shellSize) {
	w.Helper()
	w.run("clear; stty size")
	w.Do(browser.Wait(fmt.Sprintf(`/^\d+ \d+\n.*# $/.test(%s.trimEnd() + " ")`, screen)))
	if _, err := fmt.Sscan(browser.Eval[string](w.Browser, screen), &z.rows, &z.cols); err != nil {
		w.Fatal(err)
	}
	return z
}
