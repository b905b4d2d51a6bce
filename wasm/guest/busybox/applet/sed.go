package applet

import (
	"io"
	"os"
	"strings"
)

func sed(p *Proc) int {
	o, words, ok := p.sedOptions()
	if !ok {
		return 1
	}
	script := strings.Join(o.values['e'], "\n")
	for _, name := range o.values['f'] {
		text, err := readAll(p, name)
		if err != nil {
			return p.cannotOpen(name, err)
		}
		script += "\n" + strings.TrimSuffix(text, "\n")
	}
	if !o.has('e') && !o.has('f') {
		if len(words) == 0 {
			return p.help(1)
		}
		script, words = words[0], words[1:]
	}
	prog, err := parseSed(script, o.has('r') || o.has('E'))
	if err != nil {
		return p.fail("%v", err)
	}
	quiet := o.has('n') || strings.HasPrefix(script, "#n\n")
	if o.has('i') {
		return sedInPlace(p, prog, words, quiet, o.value('i'))
	}
	s := &sedRun{p: p, prog: prog, quiet: quiet, out: p.Out}
	return s.run(words)
}

// sedOptions reads -i by hand: its suffix counts only if attached.
func (p *Proc) sedOptions() (options, []string, bool) {
	var suffix string
	inPlace := false
	var args []string
	for i, a := range p.Args {
		if a == "--" {
			args = append(args, p.Args[i:]...)
			break
		}
		if rest, ok := strings.CutPrefix(a, "-i"); ok {
			inPlace, suffix = true, rest
			continue
		}
		if rest, ok := strings.CutPrefix(a, "--in-place"); ok {
			inPlace, suffix = true, strings.TrimPrefix(rest, "=")
			continue
		}
		args = append(args, a)
	}
	p.Args = args
	o, words, ok := p.getopt("nrEe:f:sz", "expression=e", "file=f", "quiet=n", "silent=n", "regexp-extended=E")
	if inPlace {
		o.count['i'] = 1
		o.values['i'] = []string{suffix}
	}
	return o, words, ok
}

func readAll(p *Proc, name string) (string, error) {
	f, err := p.open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	return string(b), err
}

func sedInPlace(p *Proc, prog []*sedCommand, files []string, quiet bool, suffix string) int {
	status := 0
	for _, name := range files {
		fi, err := os.Stat(name)
		if err != nil {
			status = p.failed(err, "%s", name)
			continue
		}
		var b strings.Builder
		s := &sedRun{p: p, prog: prog, quiet: quiet, out: &b}
		for _, c := range prog {
			c.active = false
		}
		if s.run([]string{name}) != 0 && s.status != 0 {
			status = s.status
		}
		if suffix != "" {
			os.Rename(name, name+suffix)
		}
		if err := os.WriteFile(name, []byte(b.String()), fi.Mode().Perm()); err != nil {
			status = p.failed(err, "%s", name)
		}
	}
	return status
}
