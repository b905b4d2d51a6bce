package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// A point is a place in the window, in CSS pixels from the left and from the top.
type point [2]float64

// Click clicks with the mouse in the middle of what selector finds first, when
// the page is loaded, it can be seen, and nothing lies above it.
func Click(selector string) Step { return clicks(selector, 1) }

// TripleClick clicks thrice, which selects a line.
func TripleClick(selector string) Step { return clicks(selector, 3) }

func clicks(selector string, times int) Step {
	return func(ctx context.Context, at *chromedp.Target) (chromedp.Void, error) {
		p, err := middle(ctx, at, selector)
		for n := 1; n <= times && err == nil; n++ {
			err = mouse(ctx, at, press(p, n), release(p, n))
		}
		return chromedp.Void{}, err
	}
}

// Drag presses the mouse in the middle of what selector finds first, moves it by
// as many CSS pixels, and lets it go.
func Drag(selector string, right, down float64) Step {
	return func(ctx context.Context, at *chromedp.Target) (chromedp.Void, error) {
		p, err := middle(ctx, at, selector)
		if err != nil {
			return chromedp.Void{}, err
		}
		half, all := point{p[0] + right/2, p[1] + down/2}, point{p[0] + right, p[1] + down}
		return chromedp.Void{}, mouse(ctx, at, press(p, 1), move(half), move(all), release(all, 1))
	}
}

func press(p point, n int) Step {
	return button(input.DispatchMouseEventTypeMousePressed, p, chromedp.ClickCount(n))
}

func release(p point, n int) Step {
	return button(input.DispatchMouseEventTypeMouseReleased, p, chromedp.ClickCount(n))
}
func move(p point) Step { return button(input.DispatchMouseEventTypeMouseMoved, p) }

func button(what input.DispatchMouseEventType, p point, opts ...chromedp.MouseOption) Step {
	return chromedp.MouseEvent(what, p[0], p[1], append(opts, chromedp.ButtonType(input.MouseButtonLeft))...)
}

func mouse(ctx context.Context, at *chromedp.Target, steps ...Step) error {
	for _, step := range steps {
		if _, err := step(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// middle waits until the page's scripts have run and what selector finds first is
// there to be clicked, and returns where its middle is. The page finds it in one
// go: on a page that lives, what was found a moment ago may be gone.
func middle(ctx context.Context, at *chromedp.Target, selector string) (point, error) {
	found := fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		if (document.readyState !== "complete" || !e?.checkVisibility({visibilityProperty: true})) return [];
		e.scrollIntoViewIfNeeded();
		const r = e.getClientRects()[0], x = r.x + r.width / 2, y = r.y + r.height / 2;
		const top = document.elementFromPoint(x, y); // what is around it, if it lets clicks through
		return e.contains(top) || top?.contains(e) ? [x, y] : [];
	})()`, selector)
	p, err := until(ctx, at, found, func(p []float64) bool { return len(p) == 2 })
	if err != nil {
		return point{}, err
	}
	return point(p), nil
}
