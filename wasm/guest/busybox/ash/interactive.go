package ash

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/term"
	"mvdan.cc/sh/v3/syntax"

	"kubergarten/wasm/guest/tty"
)

// runInteractive reads commands from the terminal and runs them.
func (s *Shell) runInteractive() {
	s.interactive, s.terminal = true, true
	ignored := make(chan os.Signal, 1)
	signal.Notify(ignored, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM) // a user's shell outlives them
	ed := newEditor(s)
	for {
		s.reportJobs()
		s.runTraps()
		if s.flow.kind == exiting {
			return
		}
		text, err := ed.readCommand()
		if err != nil {
			return
		}
		s.flow = flow{}
		s.runLine(text)
		if s.flow.kind == exiting {
			return
		}
	}
}

// runLine runs one complete command as typed.
func (s *Shell) runLine(text string) {
	file, err := newParser().Parse(strings.NewReader(text), "")
	if err != nil {
		s.syntaxError(err)
		return
	}
	s.stmts(file.Stmts, false)
}

// An editor reads lines from a terminal.
type editor struct {
	s           *Shell
	term        *term.Terminal
	interrupted bool
}

func newEditor(s *Shell) *editor {
	ed := &editor{s: s}
	ed.term = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{ed, os.Stdout}, "")
	ed.term.AutoCompleteCallback = ed.complete
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.Signal(SignalNumber("WINCH")))
	go func() {
		for range resized {
			ed.fit()
		}
	}()
	return ed
}

// fit gives the line the terminal's width.
func (ed *editor) fit() {
	if cols, rows, err := tty.Size(0); err == nil && cols > 0 {
		_ = ed.term.SetSize(cols, rows)
	}
}

// Read hands keys to the line editor. ^C becomes: end of line, erase it, enter.
func (ed *editor) Read(p []byte) (int, error) {
	n, err := os.Stdin.Read(p[:1])
	if n == 1 && p[0] == 3 && len(p) >= 3 {
		ed.interrupted = true
		return copy(p, "\x05\x15\r"), nil
	}
	return n, err
}

// readCommand reads lines until they are a whole command.
func (ed *editor) readCommand() (string, error) {
	text, prompt := "", "PS1"
	for {
		line, err := ed.readLine(ed.s.prompt(prompt))
		if err != nil {
			return "", err
		}
		if ed.interrupted {
			return "", nil
		}
		text += line + "\n"
		if _, err := newParser().Parse(strings.NewReader(text), ""); err == nil || !syntax.IsIncomplete(err) {
			return text, nil
		}
		prompt = "PS2"
	}
}

func (ed *editor) readLine(prompt string) (string, error) {
	ed.interrupted = false
	ed.fit()
	restore, _ := tty.Raw(0)
	defer restore()
	ed.term.SetPrompt(prompt)
	line, err := ed.term.ReadLine()
	if errors.Is(err, term.ErrPasteIndicator) {
		err = nil
	}
	return line, err
}

// prompt expands the backslashes busybox knows.
func (s *Shell) prompt(name string) string {
	text := s.get(name)
	host, _ := os.Hostname()
	host, _, _ = strings.Cut(host, ".")
	end := "#"
	if os.Getuid() != 0 {
		end = "$"
	}
	dir := s.dir
	if home := s.get("HOME"); home != "" && home != "/" && (dir == home || strings.HasPrefix(dir, home+"/")) {
		dir = "~" + dir[len(home):]
	}
	user := s.get("USER")
	if user == "" {
		user = "root"
	}
	return strings.NewReplacer(
		`\w`, dir, `\W`, filepath.Base(dir), `\$`, end, `\u`, user, `\h`, host, `\H`, host,
		`\n`, "\n", `\e`, "\x1b", `\033`, "\x1b", `\[`, "", `\]`, "", `\\`, `\`,
	).Replace(text)
}
