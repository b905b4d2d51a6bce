package ash

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// keepsRedirects tells whether a statement is `exec` with redirections only,
// which stay.
func keepsRedirects(st *syntax.Stmt) bool {
	c, ok := st.Cmd.(*syntax.CallExpr)
	return ok && len(c.Args) == 1 && c.Args[0].Lit() == "exec"
}

// redirect applies redirections; undo takes them back and closes what they
// opened.
func (s *Shell) redirect(list []*syntax.Redirect, keep bool) (undo func(), ok bool) {
	if len(list) == 0 {
		return func() {}, true
	}
	old := map[int]*os.File{}
	var opened []*os.File
	undo = func() {
		for fd, f := range old {
			s.files[fd] = f
		}
		for _, f := range opened {
			f.Close()
		}
	}
	for _, rd := range list {
		fds, f, fresh, ok := s.target(rd)
		if !ok {
			return undo, false
		}
		if fresh {
			opened = append(opened, f)
		}
		for _, fd := range fds {
			if _, saved := old[fd]; !saved {
				old[fd] = s.files[fd]
			}
			s.files[fd] = f
		}
	}
	if keep {
		return func() {}, true
	}
	return undo, true
}

// target opens what a redirection names: which descriptors become which file,
// and whether it was opened for this.
func (s *Shell) target(rd *syntax.Redirect) (fds []int, f *os.File, fresh, ok bool) {
	fd := 1
	switch rd.Op {
	case syntax.RdrIn, syntax.RdrInOut, syntax.DplIn, syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc:
		fd = 0
	}
	if rd.N != nil {
		n, err := strconv.Atoi(rd.N.Value)
		if err != nil {
			s.fail(1, "bad redirection %s", rd.N.Value)
			return nil, nil, false, false
		}
		fd = n
	}
	fds = []int{fd}
	switch rd.Op {
	case syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc:
		f, ok = s.hereDoc(rd)
		return fds, f, true, ok
	}
	word, ok := s.literal(rd.Word)
	if !ok {
		return nil, nil, false, false
	}
	switch rd.Op {
	case syntax.DplIn, syntax.DplOut:
		if n, err := strconv.Atoi(word); err == nil || word == "-" {
			f, ok = s.duplicate(n, word)
			return fds, f, false, ok
		}
		fds = []int{1, 2} // >&file
	case syntax.RdrAll, syntax.AppAll:
		fds = []int{1, 2}
	}
	f, ok = s.open(rd.Op, word)
	return fds, f, true, ok
}

func (s *Shell) duplicate(n int, word string) (*os.File, bool) {
	if word == "-" {
		return nil, true
	}
	f := s.files[n]
	if f == nil {
		s.fail(1, "%d: Bad file descriptor", n)
		return nil, false
	}
	return f, true
}

func (s *Shell) open(op syntax.RedirOperator, name string) (*os.File, bool) {
	flags, verb, missing := os.O_WRONLY|os.O_CREATE|os.O_TRUNC, "create", "nonexistent directory"
	switch op {
	case syntax.RdrIn:
		flags, verb, missing = os.O_RDONLY, "open", "no such file"
	case syntax.RdrInOut:
		flags = os.O_RDWR | os.O_CREATE
	case syntax.AppOut, syntax.AppAll:
		flags = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	f, err := os.OpenFile(s.path(name), flags, 0o666)
	if err == nil {
		return f, true
	}
	text := reason(err)
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ENOTDIR) {
		text = missing
	}
	s.fail(1, "can't %s %s: %s", verb, name, text)
	return nil, false
}

// hereDoc puts the text into a pipe; a goroutine writes what does not fit.
func (s *Shell) hereDoc(rd *syntax.Redirect) (*os.File, bool) {
	text, err := s.hereText(rd)
	if err != nil {
		s.expandError(err)
		return nil, false
	}
	r, w, err := os.Pipe()
	if err != nil {
		s.fail(1, "pipe call failed: %s", reason(err))
		return nil, false
	}
	go func() {
		io.WriteString(w, text)
		w.Close()
	}()
	return r, true
}

func (s *Shell) hereText(rd *syntax.Redirect) (string, error) {
	if rd.Op == syntax.WordHdoc {
		text, err := expand.Literal(s.config(), rd.Word)
		return text + "\n", err
	}
	if rd.Hdoc == nil {
		return "", nil
	}
	text := rd.Hdoc.Lit()
	if !quoted(rd.Word) || text == "" {
		var err error
		if text, err = expand.Document(s.config(), rd.Hdoc); err != nil {
			return "", err
		}
	}
	if rd.Op == syntax.DashHdoc {
		lines := strings.SplitAfter(text, "\n")
		for i, l := range lines {
			lines[i] = strings.TrimLeft(l, "\t")
		}
		text = strings.Join(lines, "")
	}
	return text, nil
}

// quoted tells whether a here-document's delimiter makes its text literal.
func quoted(word *syntax.Word) bool {
	for _, p := range word.Parts {
		switch p := p.(type) {
		case *syntax.SglQuoted, *syntax.DblQuoted:
			return true
		case *syntax.Lit:
			if strings.Contains(p.Value, `\`) {
				return true
			}
		}
	}
	return false
}
