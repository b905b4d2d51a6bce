package applet

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"unicode/utf8"

	"kubergarten/wasm/guest/busybox/vi"
	"kubergarten/wasm/guest/tty"
)

func viApplet(p *Proc) int {
	o, files, ok := p.getopt("R")
	if !ok {
		return 1
	}
	if !tty.IsTerminal(0) || !tty.IsTerminal(1) {
		return p.fail("standard input and output must be a terminal")
	}
	e := vi.New("", "")
	if len(files) > 0 {
		text, err := loadText(files[0])
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return p.failed(err, "can't open '%s'", files[0])
		}
		e = vi.New(files[0], text)
	}
	e.ReadOnly, e.Save, e.Load, e.Compile = o.has('R'), saveText, loadText, func(s string, fold bool) (*regexp.Regexp, error) { return compile(s, false, fold) }
	return p.edit(e)
}

// edit gives the terminal to the editor, and takes it back.
func (p *Proc) edit(e *vi.Editor) int {
	restore, err := tty.Raw(0)
	if err != nil {
		return p.failed(err, "standard input")
	}
	defer restore()
	screen := flushed{p}
	_, _ = screen.Write([]byte("\x1b[?1049h"))
	defer screen.Write([]byte("\x1b[?1049l"))
	if err := e.Run(vi.Terminal{In: p.In, Out: screen, Size: screenSize}); err != nil {
		return 1
	}
	return 0
}

// flushed writes at once.
type flushed struct{ *Proc }

func (f flushed) Write(b []byte) (int, error) {
	if _, err := f.Out.Write(b); err != nil {
		return 0, err
	}
	return len(b), f.Out.Flush()
}

func screenSize() (cols, rows int) {
	cols, rows, err := tty.Size(0)
	if err != nil || cols == 0 || rows == 0 {
		return 80, 24
	}
	return cols, rows
}

func loadText(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err == nil && !utf8.Valid(b) {
		err = errors.New("is not a text")
	}
	return string(b), err
}

func saveText(file, text string) error { return os.WriteFile(file, []byte(text), 0o644) }
