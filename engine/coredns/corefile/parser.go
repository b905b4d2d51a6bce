package corefile

import (
	"slices"
	"strings"
)

// maxImports bounds the snippets put in, for they could import one another.
const maxImports = 1000

// A Block is one server block.
type Block struct {
	Keys   []string
	Tokens map[string][]Token // by directive; the first token of each use is its name
}

// Parse reads a Corefile; directives names those that may occur, and env looks
// up environment variables.
func Parse(file string, data []byte, directives []string, env func(string) string) ([]Block, error) {
	p := &parser{Dispenser: NewDispenser(file, tokens(data)), valid: directives, env: env, snippets: map[string][]Token{}}
	var out []Block
	for p.Next() {
		b, err := p.block()
		if err != nil {
			return nil, err
		}
		if len(b.Keys) > 0 {
			out = append(out, b)
		}
	}
	return out, nil
}

type parser struct {
	*Dispenser
	valid    []string
	env      func(string) string
	snippets map[string][]Token
	imports  int
}

// block reads one server block, or keeps a snippet and returns an empty block.
func (p *parser) block() (Block, error) {
	b := Block{Tokens: map[string][]Token{}}
	eof, err := p.keys(&b)
	if err != nil || eof {
		return b, err
	}
	if name, ok := snippetName(b.Keys); ok {
		return Block{}, p.snippet(name)
	}
	braced := p.Val() == "{"
	if !braced {
		p.cursor--
	}
	if err := p.directives(&b); err != nil {
		return b, err
	}
	if braced && p.Val() != "}" {
		return b, p.syntaxErr("}")
	}
	return b, nil
}

// keys reads the zones a block is for, up to its brace or the end of the line.
func (p *parser) keys(b *Block) (eof bool, err error) {
	another := false
	for {
		t := p.replace(p.Val())
		if t == "import" && p.newLine() {
			if err := p.doImport(); err != nil {
				return false, err
			}
			if !p.Next() {
				return true, nil
			}
			continue
		}
		if t == "{" {
			if another {
				return false, p.Errf("Expected another address but had '%s' - check for extra comma", t)
			}
			return false, nil
		}
		if t != "" {
			key, comma := strings.CutSuffix(t, ",")
			another = comma
			b.Keys = append(b.Keys, key)
		}
		if !p.Next() {
			if another {
				return true, p.eofErr()
			}
			return true, nil
		}
		if !another && p.newLine() {
			return false, nil
		}
	}
}

// directives reads the directives of a block up to its closing brace.
func (p *parser) directives(b *Block) error {
	for p.Next() {
		if p.Val() == "}" {
			return nil
		}
		if p.Val() == "import" {
			if err := p.doImport(); err != nil {
				return err
			}
			continue
		}
		if err := p.directive(b); err != nil {
			return err
		}
	}
	return nil
}

// directive reads one directive with its own block.
func (p *parser) directive(b *Block) error {
	name := p.replace(p.Val())
	if !slices.Contains(p.valid, name) {
		return p.Errf("Unknown directive '%s'", name)
	}
	add := func() {
		t := p.tokens[p.cursor]
		t.Text = p.replace(t.Text)
		b.Tokens[name] = append(b.Tokens[name], t)
	}
	add()
	nesting := 0
	for p.Next() {
		switch {
		case p.Val() == "{":
			nesting++
		case p.newLine() && nesting == 0:
			p.cursor--
			return nil
		case p.Val() == "}" && nesting > 0:
			nesting--
		case p.Val() == "}":
			return p.Errf("Unexpected '}' because no matching opening brace")
		case p.Val() == "import" && p.newLine():
			if err := p.doImport(); err != nil {
				return err
			}
			continue
		}
		add()
	}
	if nesting > 0 {
		return p.eofErr()
	}
	return nil
}

func snippetName(keys []string) (string, bool) {
	if len(keys) != 1 || !strings.HasPrefix(keys[0], "(") || !strings.HasSuffix(keys[0], ")") || len(keys[0]) < 2 {
		return "", false
	}
	return keys[0][1 : len(keys[0])-1], true
}

// snippet keeps the tokens between its braces.
func (p *parser) snippet(name string) error {
	if _, dup := p.snippets[name]; dup {
		return p.Errf("redeclaration of previously declared snippet %s", name)
	}
	if p.Val() != "{" {
		return p.syntaxErr("{")
	}
	var body []Token
	for nesting := 1; p.Next(); {
		switch p.Val() {
		case "{":
			nesting++
		case "}":
			nesting--
		}
		if nesting == 0 {
			p.snippets[name] = body
			return nil
		}
		body = append(body, p.tokens[p.cursor])
	}
	return p.syntaxErr("}")
}

// doImport puts a snippet in the place of "import NAME"; the cursor is then
// before its first token.
func (p *parser) doImport() error {
	start := p.cursor
	if !p.NextArg() {
		return p.ArgErr()
	}
	name := p.replace(p.Val())
	if name == "" {
		return p.Errf("Import requires a non-empty filepath")
	}
	body, ok := p.snippets[name]
	if !ok {
		return p.Errf("File to import not found: %s", name)
	}
	if p.NextArg() {
		return p.Errf("Import takes only one argument (glob pattern or file)")
	}
	if p.imports++; p.imports > maxImports {
		return p.Errf("maximum snippet import depth (%d) exceeded", maxImports)
	}
	p.tokens = slices.Concat(p.tokens[:start], body, p.tokens[p.cursor+1:])
	p.cursor = start - 1
	return nil
}

// replace puts in environment variables.
func (p *parser) replace(s string) string {
	return p.refs(p.refs(s, "{%", "%}"), "{$", "}")
}

// refs replaces each reference once; what comes in is not looked at again.
func (p *parser) refs(s, open, end string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, open)
		name, after, closed := strings.Cut(rest, end)
		if !ok || !closed || name == "" {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(before)
		b.WriteString(p.env(name))
		s = after
	}
}
