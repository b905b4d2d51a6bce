package applet

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/benhoyt/goawk/interp"
	"github.com/benhoyt/goawk/parser"
)

// awk is goawk under busybox's options.
func awk(p *Proc) int {
	o, words, ok := p.getopt("+F:v:f:e:")
	if !ok {
		return 1
	}
	var source bytes.Buffer
	for _, name := range o.values['f'] {
		f, err := p.open(name)
		if err != nil {
			return p.cannotOpen(name, err)
		}
		io.Copy(&source, f)
		f.Close()
		source.WriteByte('\n')
	}
	source.WriteString(strings.Join(o.values['e'], "\n"))
	if !o.has('f') && !o.has('e') {
		if len(words) == 0 {
			return p.help(1)
		}
		source.WriteString(words[0])
		words = words[1:]
	}
	prog, err := parser.ParseProgram(source.Bytes(), nil)
	if err != nil {
		var at *parser.ParseError
		if errors.As(err, &at) {
			return p.fail("cmd. line:%d: %s", at.Position.Line, at.Message)
		}
		return p.fail("%v", err)
	}
	return p.runAwk(prog, o, words)
}

func (p *Proc) runAwk(prog *parser.Program, o options, words []string) int {
	config := &interp.Config{
		Stdin: p.In, Output: p.Out, Error: p.Err, Argv0: "awk", Args: words,
		Vars: []string{}, ShellCommand: []string{"/bin/sh", "-c"},
		Environ: environPairs(),
	}
	if o.has('F') {
		config.Vars = append(config.Vars, "FS", awkSeparator(o.value('F')))
	}
	for _, v := range o.values['v'] {
		name, value, ok := strings.Cut(v, "=")
		if !ok {
			return p.fail("bad variable assignment '%s'", v)
		}
		config.Vars = append(config.Vars, name, value)
	}
	status, err := interp.ExecProgram(prog, config)
	if err != nil {
		p.flush()
		return p.fail("%s", reason(err)) + 1
	}
	return status
}

func awkSeparator(sep string) string {
	if sep == "t" {
		return "\t"
	}
	return sep
}

func environPairs() []string {
	pairs := []string{}
	for _, kv := range os.Environ() {
		name, value, _ := strings.Cut(kv, "=")
		pairs = append(pairs, name, value)
	}
	return pairs
}
