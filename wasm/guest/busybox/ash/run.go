package ash

import (
	"fmt"
	"os"
	"regexp"
	"sync"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"
)

// stmts runs a list. tail says that nothing follows it in this shell.
func (s *Shell) stmts(list []*syntax.Stmt, tail bool) {
	for i, st := range list {
		if s.flow.kind != onward || s.opts.noexec && !s.interactive {
			return
		}
		s.stmt(st, tail && i == len(list)-1)
	}
}

// stmt runs one statement and, before it, the traps that are due.
func (s *Shell) stmt(st *syntax.Stmt, tail bool) {
	s.runTraps()
	if s.flow.kind != onward {
		return
	}
	s.line = st.Pos().Line()
	if st.Background {
		s.background(st)
		return
	}
	undo, ok := s.redirect(st.Redirs, keepsRedirects(st))
	if ok {
		s.command(st.Cmd, tail && !st.Negated)
	} else {
		s.status = 1
	}
	undo()
	if st.Negated {
		s.status = oneIf(s.status == 0)
		return
	}
	s.checkErrexit(st)
}

// checkErrexit is set -e: not for lists with && and ||, which check their
// last command themselves.
func (s *Shell) checkErrexit(st *syntax.Stmt) {
	if s.status == 0 || !s.opts.errexit || s.untested > 0 || s.flow.kind != onward {
		return
	}
	if b, ok := st.Cmd.(*syntax.BinaryCmd); ok && (b.Op == syntax.AndStmt || b.Op == syntax.OrStmt) {
		return
	}
	s.flow = flow{kind: exiting}
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// command runs a command of any kind.
func (s *Shell) command(cmd syntax.Command, tail bool) {
	switch c := cmd.(type) {
	case nil:
		s.status = 0
	case *syntax.CallExpr:
		s.simple(c, tail)
	case *syntax.Block:
		s.stmts(c.Stmts, tail)
	case *syntax.Subshell:
		sub := s.clone()
		sub.subshell(func() { sub.stmts(c.Stmts, false) })
		s.status = sub.status
	case *syntax.BinaryCmd:
		s.binary(c, tail)
	case *syntax.IfClause:
		s.ifClause(c, tail)
	case *syntax.WhileClause:
		s.while(c)
	case *syntax.ForClause:
		s.forClause(c)
	case *syntax.CaseClause:
		s.caseClause(c, tail)
	case *syntax.FuncDecl:
		s.funcs[c.Name.Value] = c
		s.status = 0
	case *syntax.DeclClause:
		s.declClause(c)
	case *syntax.ArithmCmd:
		s.status = oneIf(s.arithm(c.X) == 0)
	case *syntax.LetClause:
		for _, x := range c.Exprs {
			s.status = oneIf(s.arithm(x) == 0)
		}
	case *syntax.TestClause:
		s.status = oneIf(!s.test(c.X))
	case *syntax.TimeClause:
		s.timeClause(c)
	default:
		s.status = s.fail(2, "syntax error: %T is not supported", cmd)
	}
}

func (s *Shell) binary(c *syntax.BinaryCmd, tail bool) {
	switch c.Op {
	case syntax.AndStmt, syntax.OrStmt:
		s.untested++
		s.stmt(c.X, false)
		s.untested--
		if s.flow.kind == onward && (s.status == 0) == (c.Op == syntax.AndStmt) {
			s.stmt(c.Y, tail)
		}
	default:
		s.pipeline(c)
	}
}

// pipeline runs both sides at the same time, each in a subshell.
func (s *Shell) pipeline(c *syntax.BinaryCmd) {
	r, w, err := os.Pipe()
	if err != nil {
		s.status = s.die(2, "pipe call failed: %s", reason(err))
		return
	}
	left, right := s.clone(), s.clone()
	left.files[1], right.files[0] = w, r
	if c.Op == syntax.PipeAll {
		left.files[2] = w
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		left.subshell(func() { left.stmt(c.X, false) })
		w.Close()
	})
	right.subshell(func() { right.stmt(c.Y, false) })
	r.Close()
	wg.Wait()
	s.status = right.status
	if s.opts.pipefail && s.status == 0 {
		s.status = left.status
	}
}

// condition runs a list whose status is only asked for.
func (s *Shell) condition(list []*syntax.Stmt) bool {
	s.untested++
	s.stmts(list, false)
	s.untested--
	return s.status == 0
}

func (s *Shell) ifClause(c *syntax.IfClause, tail bool) {
	for ; c != nil; c = c.Else {
		if c.ThenPos.IsValid() {
			yes := s.condition(c.Cond)
			if s.flow.kind != onward {
				return
			}
			if !yes {
				continue
			}
		}
		s.status = 0
		s.stmts(c.Then, tail)
		return
	}
	s.status = 0
}

func (s *Shell) while(c *syntax.WhileClause) {
	last := 0
	for {
		yes := s.condition(c.Cond)
		if s.flow.kind != onward && !s.next() {
			break
		}
		if yes == c.Until {
			break
		}
		s.status = 0
		if !s.body(c.Do) {
			last = s.status
			break
		}
		last = s.status
	}
	if s.flow.kind == onward {
		s.status = last
	}
}

func (s *Shell) forClause(c *syntax.ForClause) {
	iter, ok := c.Loop.(*syntax.WordIter)
	if !ok {
		s.cloop(c)
		return
	}
	words := s.params
	if iter.InPos.IsValid() {
		words, ok = s.fields(iter.Items)
		if !ok {
			return
		}
	}
	s.status = 0
	for _, word := range words {
		if err := s.set(iter.Name.Value, word); err != nil {
			s.die(2, "%v", err)
			return
		}
		if !s.body(c.Do) {
			return
		}
	}
}

// cloop is for ((a; b; c)).
func (s *Shell) cloop(c *syntax.ForClause) {
	l := c.Loop.(*syntax.CStyleLoop)
	if l.Init != nil {
		s.arithm(l.Init)
	}
	for s.flow.kind == onward && (l.Cond == nil || s.arithm(l.Cond) != 0) {
		if !s.body(c.Do) {
			return
		}
		if l.Post != nil {
			s.arithm(l.Post)
		}
	}
}

// body runs a loop's body once and tells whether the loop goes on.
func (s *Shell) body(list []*syntax.Stmt) bool {
	s.loops++
	s.stmts(list, false)
	s.loops--
	return s.next()
}

// next settles break and continue at the end of a round.
func (s *Shell) next() bool {
	switch s.flow.kind {
	case onward:
		return true
	case breaking, continuing:
		s.flow.n--
		if s.flow.n > 0 {
			return false
		}
		again := s.flow.kind == continuing
		s.flow = flow{}
		return again
	}
	return false
}

func (s *Shell) caseClause(c *syntax.CaseClause, tail bool) {
	word, ok := s.literal(c.Word)
	if !ok {
		return
	}
	s.status = 0
	through := false
	for _, item := range c.Items {
		if !through && !s.matchesAny(item.Patterns, word) {
			continue
		}
		s.stmts(item.Stmts, tail && item.Op == syntax.Break)
		if item.Op == syntax.Break || s.flow.kind != onward {
			return
		}
		through = item.Op == syntax.Fallthrough
	}
}

func (s *Shell) matchesAny(patterns []*syntax.Word, word string) bool {
	for _, p := range patterns {
		pat, err := expand.Pattern(s.config(), p)
		if err != nil {
			s.expandError(err)
			return false
		}
		if match(pat, word) {
			return true
		}
	}
	return false
}

// match tells whether the whole word is what the shell pattern says.
func match(pat, word string) bool {
	if pattern.HasMeta(pat, 0) {
		expr, err := pattern.Regexp(pat, pattern.EntireString)
		if err != nil {
			return false
		}
		re, err := regexp.Compile(expr)
		return err == nil && re.MatchString(word)
	}
	return unescape(pat) == word
}

// unescape takes the backslashes out of a pattern without wildcards.
func unescape(pat string) string {
	b := make([]byte, 0, len(pat))
	for i := 0; i < len(pat); i++ {
		if pat[i] == '\\' && i+1 < len(pat) {
			i++
		}
		b = append(b, pat[i])
	}
	return string(b)
}

func (s *Shell) timeClause(c *syntax.TimeClause) {
	start := time.Now()
	if c.Stmt != nil {
		s.stmt(c.Stmt, false)
	}
	d := time.Since(start)
	show := func(name string, d time.Duration) {
		fmt.Fprintf(s.errs(), "%s\t%dm %.2fs\n", name, int(d.Minutes()), d.Seconds()-60*float64(int(d.Minutes())))
	}
	show("real", d)
	show("user", 0)
	show("sys", 0)
}
