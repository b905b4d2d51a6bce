package browser

import (
	"context"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Patience is how long a step may wait for what it needs. It bounds failures
// only.
const Patience = 60 * time.Second

// A Browser is one tab of a headless chromium.
type Browser struct {
	testing.TB
	ctx context.Context

	mu         sync.Mutex
	complaints []string
	strangers  []string // addresses outside of this computer that were asked for
}

// New starts a chromium with an empty profile, that ends with the test. Without
// a chromium the test is skipped.
func New(tb testing.TB) *Browser {
	tb.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		tb.Skip("chromium is not here: run 'make browser'")
	}
	return open(tb, context.Background(), chromedp.WithAllocatorOptions(
		chromedp.NoSandbox,
		chromedp.Flag("force-prefers-reduced-motion", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"),
	))
}

// Tab opens another tab, in the same profile: it has the same cookies.
func (b *Browser) Tab() *Browser {
	b.Helper()
	return open(b.TB, b.ctx)
}

func open(tb testing.TB, parent context.Context, opts ...chromedp.ContextOption) *Browser {
	tb.Helper()
	ctx, stop := chromedp.NewContext(parent, opts...)
	tb.Cleanup(stop)
	b := &Browser{TB: tb, ctx: ctx}
	// The first step starts the tab, which ends with that step's context.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank"), chromedp.EmulateViewport(1280, 720)); err != nil {
		tb.Fatal(err)
	}
	go b.listen(chromedp.Console(ctx))
	go b.trail(chromedp.Events(ctx, network.RequestWillBeSent))
	return b
}

// listen remembers what the page says to its console.
func (b *Browser) listen(messages func(func(chromedp.ConsoleMessage, error) bool)) {
	for m, err := range messages {
		if err != nil {
			return
		}
		b.mu.Lock()
		b.complaints = append(b.complaints, m.String())
		b.mu.Unlock()
	}
}

// trail remembers which addresses outside of this computer the page asks for.
func (b *Browser) trail(requests func(func(network.EventRequestWillBeSent, error) bool)) {
	for r, err := range requests {
		if err != nil {
			return
		}
		u, err := url.Parse(r.Request.URL)
		if err == nil && !slices.Contains([]string{"", "127.0.0.1", "localhost"}, u.Hostname()) {
			b.mu.Lock()
			b.strangers = append(b.strangers, r.Request.URL)
			b.mu.Unlock()
		}
	}
}

// Innocent fails the test if the page broke its content security policy, threw
// an error, or asked for anything outside of this computer.
func (b *Browser) Innocent() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		if strings.Contains(c, "Content Security Policy") || strings.HasPrefix(c, "exception") {
			b.Errorf("the browser complains: %s", c)
		}
	}
	for _, s := range b.strangers {
		b.Errorf("the page asked for %s", s)
	}
}
