package browser

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A Step is something to do in a tab, or to wait for.
type Step = chromedp.Action[chromedp.Void]

// Do does the steps in order. The first that fails ends the test.
func (b *Browser) Do(steps ...Step) {
	b.Helper()
	for i, step := range steps {
		ctx, stop := context.WithTimeout(b.ctx, Patience)
		err := chromedp.Do(ctx, step)
		stop()
		if err != nil {
			b.Fatalf("step %d at %s: %v\n%s", i+1, b.where(), err, b.picture("failed-"+b.Name()))
		}
	}
}

// where is the tab's address.
func (b *Browser) where() string {
	at, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		return err.Error()
	}
	return at
}

// Open goes to an address.
func Open(url string) Step { return chromedp.Navigate(url) }

// See waits until what selector finds first can be seen.
func See(selector string) Step {
	return Wait(fmt.Sprintf(`!!document.querySelector(%q)?.checkVisibility({visibilityProperty: true})`, selector))
}

// Type types into what selector finds first.
func Type(selector, text string) Step {
	focus := loaded(Wait(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e?.focus(); return !!e && document.activeElement === e; })()`, selector)))
	return func(ctx context.Context, at *chromedp.Target) (chromedp.Void, error) {
		if void, err := focus(ctx, at); err != nil {
			return void, err
		}
		return chromedp.KeyEvent(text)(ctx, at)
	}
}

// Keys types wherever the focus is, when the page is loaded.
func Keys(text string) Step { return loaded(chromedp.KeyEvent(text, raw)) }

// Chord presses a key together with others, when the page is loaded. With Ctrl it
// types nothing anyway, and as a raw key a headless browser might keep it for
// itself.
func Chord(key string, with kb.Modifier) Step {
	if with&kb.ModifierCtrl != 0 {
		return loaded(chromedp.KeyEvent(key, chromedp.KeyModifiers(with)))
	}
	return loaded(chromedp.KeyEvent(key, chromedp.KeyModifiers(with), raw))
}

// loaded does a step when the page's scripts have run: before, nobody hears it.
func loaded(step Step) Step {
	wait := Wait(`document.readyState === "complete"`)
	return func(ctx context.Context, at *chromedp.Target) (chromedp.Void, error) {
		if void, err := wait(ctx, at); err != nil {
			return void, err
		}
		return step(ctx, at)
	}
}

// raw makes a pressed key what it is of a keyboard: one that the page has used
// types nothing.
func raw(k *input.DispatchKeyEventParams) {
	if k.Type == kb.KeyDown {
		k.Type = input.DispatchKeyEventTypeRawKeyDown
	}
}

// Before runs a script in every page that is opened from now on, before its own.
func Before(script string) Step {
	return func(ctx context.Context, at *chromedp.Target) (void chromedp.Void, err error) {
		_, err = cdp.Call(ctx, at, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return void, err
	}
}

// Size sets the size of the window, in CSS pixels.
func Size(width, height int64) Step { return chromedp.EmulateViewport(width, height) }

// Media shows the page as on a "screen" or as in "print".
func Media(kind string) Step {
	return func(ctx context.Context, at *chromedp.Target) (void chromedp.Void, err error) {
		_, err = cdp.Call(ctx, at, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind})
		return void, err
	}
}

// Reload loads the page anew.
func Reload() Step { return chromedp.Reload() }

// Wait waits until a script says true, in this page or in the one that follows.
func Wait(script string) Step {
	return func(ctx context.Context, at *chromedp.Target) (chromedp.Void, error) {
		_, err := until(ctx, at, script, func(ok bool) bool { return ok })
		return chromedp.Void{}, err
	}
}

// until runs a script until what it returns is good, and returns that.
func until[T any](ctx context.Context, at *chromedp.Target, script string, good func(T) bool) (T, error) {
	for {
		got, err := chromedp.Evaluate[T](script)(ctx, at)
		if err == nil && good(got) {
			return got, nil
		}
		if _, err := chromedp.Sleep(20*time.Millisecond)(ctx, at); err != nil {
			return got, fmt.Errorf("never true: %s (%w)", script, err)
		}
	}
}

// Text waits until what selector finds first contains text.
func Text(selector, text string) Step {
	return Wait(fmt.Sprintf(`(document.querySelector(%q)?.textContent ?? "").includes(%q)`, selector, text))
}

// Gone waits until nothing that selector finds is shown.
func Gone(selector string) Step {
	return Wait(fmt.Sprintf(`![...document.querySelectorAll(%q)].some((e) => e.checkVisibility())`, selector))
}

// Reach presses Tab until the focus is on what selector finds: the way of
// somebody who has no mouse.
func Reach(selector string) Step { return reach(selector, 0) }

// ReachBack is Reach with Shift held down.
func ReachBack(selector string) Step { return reach(selector, kb.ModifierShift) }

// reach gives up after more presses of Tab than a page has stops.
func reach(selector string, with kb.Modifier) Step {
	return func(ctx context.Context, at *chromedp.Target) (chromedp.Void, error) {
		var trail []string
		for range 400 {
			ok, err := chromedp.Evaluate[bool](fmt.Sprintf(`!!document.activeElement?.matches(%q)`, selector))(ctx, at)
			if ok || err != nil {
				return chromedp.Void{}, err
			}
			if _, err := Chord(kb.Tab, with)(ctx, at); err != nil {
				return chromedp.Void{}, err
			}
			stop, _ := chromedp.Evaluate[string](`document.activeElement?.outerHTML.slice(0, 80) ?? ""`)(ctx, at)
			trail = append(trail, stop)
		}
		return chromedp.Void{}, fmt.Errorf("Tab never comes to %s, but to\n%s", selector, strings.Join(trail[:min(len(trail), 80)], "\n"))
	}
}

// Eval is what a script returns, awaited.
func Eval[T any](b *Browser, script string) T {
	b.Helper()
	ctx, stop := context.WithTimeout(b.ctx, Patience)
	defer stop()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("at %s: %s: %v", b.where(), script, err)
	}
	return got
}
