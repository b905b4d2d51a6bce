package applet

import (
	"regexp"
	"strconv"
	"strings"
)

// expr evaluates its words; exit 0 if the result is neither empty nor 0.
func expr(p *Proc) int {
	if len(p.Args) == 0 {
		p.fail("too few arguments")
		return 2
	}
	e := &exprParser{args: p.Args}
	v := e.or()
	if e.err == "" && len(e.args) > 0 {
		e.err = "syntax error"
	}
	if e.err != "" {
		p.fail("%s", e.err)
		return 2
	}
	p.println(v)
	if v == "" || v == "0" {
		return 1
	}
	return 0
}

type exprParser struct {
	args []string
	err  string
}

func (e *exprParser) fail(text string) string {
	if e.err == "" {
		e.err = text
	}
	e.args = nil
	return ""
}

func (e *exprParser) take(ops ...string) string {
	for _, op := range ops {
		if len(e.args) > 0 && e.args[0] == op {
			e.args = e.args[1:]
			return op
		}
	}
	return ""
}

func null(v string) bool { return v == "" || v == "0" }

func (e *exprParser) or() string {
	l := e.and()
	for e.take("|") != "" {
		if r := e.and(); null(l) {
			l = r
		}
	}
	return l
}

func (e *exprParser) and() string {
	l := e.compare()
	for e.take("&") != "" {
		if r := e.compare(); null(l) || null(r) {
			l = "0"
		}
	}
	return l
}

func (e *exprParser) compare() string {
	l := e.sum()
	for {
		op := e.take("<=", "<", "==", "=", "!=", ">=", ">")
		if op == "" {
			return l
		}
		l = compareWords(l, op, e.sum())
	}
}

func compareWords(l, op, r string) string {
	c := strings.Compare(l, r)
	a, err1 := strconv.ParseInt(l, 10, 64)
	b, err2 := strconv.ParseInt(r, 10, 64)
	if err1 == nil && err2 == nil {
		c = 0
		if a < b {
			c = -1
		} else if a > b {
			c = 1
		}
	}
	yes := map[string]bool{"<": c < 0, "<=": c <= 0, "=": c == 0, "==": c == 0, "!=": c != 0, ">=": c >= 0, ">": c > 0}[op]
	if yes {
		return "1"
	}
	return "0"
}

func (e *exprParser) sum() string {
	l := e.product()
	for {
		op := e.take("+", "-")
		if op == "" {
			return l
		}
		l = e.arithmetic(l, op, e.product())
	}
}

func (e *exprParser) product() string {
	l := e.match()
	for {
		op := e.take("*", "/", "%")
		if op == "" {
			return l
		}
		l = e.arithmetic(l, op, e.match())
	}
}

func (e *exprParser) arithmetic(l, op, r string) string {
	a, err1 := strconv.ParseInt(l, 10, 64)
	b, err2 := strconv.ParseInt(r, 10, 64)
	if err1 != nil || err2 != nil {
		return e.fail("non-numeric argument")
	}
	switch op {
	case "+":
		a += b
	case "-":
		a -= b
	case "*":
		a *= b
	default:
		if b == 0 {
			return e.fail("division by zero")
		}
		if op == "/" {
			a /= b
		} else {
			a %= b
		}
	}
	return strconv.FormatInt(a, 10)
}

func (e *exprParser) match() string {
	l := e.primary()
	for e.take(":") != "" {
		l = e.regexp(l, e.primary())
	}
	return l
}

func (e *exprParser) regexp(text, pat string) string {
	re, err := regexp.Compile("^(?:" + posixRegexp(pat, false) + ")")
	if err != nil {
		return e.fail(err.Error())
	}
	m := re.FindStringSubmatch(text)
	switch {
	case re.NumSubexp() > 0 && m != nil:
		return m[1]
	case re.NumSubexp() > 0:
		return ""
	case m != nil:
		return strconv.Itoa(len([]rune(m[0])))
	}
	return "0"
}

func (e *exprParser) primary() string {
	if len(e.args) == 0 {
		return e.fail("syntax error")
	}
	word := e.args[0]
	e.args = e.args[1:]
	switch word {
	case "(":
		v := e.or()
		if e.take(")") == "" {
			return e.fail("syntax error")
		}
		return v
	case "length":
		return strconv.Itoa(len([]rune(e.primary())))
	case "match":
		text := e.primary()
		return e.regexp(text, e.primary())
	case "index":
		text := e.primary()
		return strconv.Itoa(strings.IndexAny(text, e.primary()) + 1)
	case "substr":
		text := e.primary()
		at, _ := strconv.Atoi(e.primary())
		n, _ := strconv.Atoi(e.primary())
		if at < 1 || n < 1 || at > len(text) {
			return ""
		}
		return text[at-1 : min(len(text), at-1+n)]
	}
	return word
}
