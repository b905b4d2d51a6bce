package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// Shot leaves a picture of what the window shows in the directory that
// KUBERGARTEN_SHOTS names, as NAME.png; without that it does nothing.
func (b *Browser) Shot(name string) {
	b.Helper()
	if os.Getenv("KUBERGARTEN_SHOTS") != "" {
		b.Log(b.picture(name))
	}
}

// picture takes a picture, if there is a place for it, and says where it is.
func (b *Browser) picture(name string) string {
	dir := os.Getenv("KUBERGARTEN_SHOTS")
	if dir == "" {
		return "KUBERGARTEN_SHOTS=DIR leaves a picture there"
	}
	ctx, stop := context.WithTimeout(b.ctx, 10*time.Second)
	defer stop()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return fmt.Sprintf("no picture: %v", err)
	}
	file := filepath.Join(dir, strings.NewReplacer("/", "-", " ", "-").Replace(name)+".png")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err.Error()
	}
	if err := os.WriteFile(file, png, 0o600); err != nil {
		return err.Error()
	}
	return "picture: " + file
}
