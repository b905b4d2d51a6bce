package main

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kubergarten/ui/browser"
)

// BenchmarkPageMemory is what the page costs the server: its memory at rest,
// with the cluster's page open, and with a terminal that has run a kubectl.
func BenchmarkPageMemory(b *testing.B) {
	for b.Loop() {
		s := newServer(b)
		s.start()
		s.waitReady()
		idle := settled(b, s.cmd.Process.Pid)
		tab := browser.New(b)
		tab.Do(browser.Open(s.link), browser.See("#start-nodes"), browser.Open(pageOf(s.link)+"/cluster"), browser.See(".kg-pods .kg-pod"))
		page := settled(b, s.cmd.Process.Pid)
		other := tab.Tab()
		other.Do(browser.Open(pageOf(s.link)+"/terminal"), inTerminal(), shows(" # "), browser.Keys("kubectl get nodes"), browser.Keys(kb.Enter), shows("node-1"))
		terminal := settled(b, s.cmd.Process.Pid)
		b.ReportMetric(idle, "MB-idle")
		b.ReportMetric(page-idle, "MB-page")
		b.ReportMetric(terminal-idle, "MB-page-and-terminal")
		s.stop()
	}
}
