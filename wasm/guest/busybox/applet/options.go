package applet

import (
	"fmt"
	"strings"
)

// options are those given to an applet, by letter.
type options struct {
	count  map[byte]int
	values map[byte][]string
}

func (o options) has(letter byte) bool { return o.count[letter] > 0 }

// value returns the last value of an option, "" if there is none.
func (o options) value(letter byte) string {
	if v := o.values[letter]; len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
}

// getopt reads options as getopt_long does. spec names the letters, ":" after
// those with a value, "+" before all to stop at the first word that is no
// option. long are pairs "name=letter". On an error it has said so.
func (p *Proc) getopt(spec string, long ...string) (o options, rest []string, ok bool) {
	o = options{count: map[byte]int{}, values: map[byte][]string{}}
	stop := strings.HasPrefix(spec, "+")
	args := p.Args
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		switch {
		case word == "--":
			return o, append(rest, args...), true
		case len(word) < 2 || word[0] != '-':
			rest = append(rest, word)
			if stop {
				return o, append(rest, args...), true
			}
			continue
		case word[1] == '-':
			letter, value, has := longOption(word[2:], long)
			if letter == 0 {
				return o, nil, p.badOption("unrecognized option '%s'", word)
			}
			if takesValue(spec, letter) {
				if !has {
					if len(args) == 0 {
						return o, nil, p.badOption("option '%s' requires an argument", word)
					}
					value, args = args[0], args[1:]
				}
				o.values[letter] = append(o.values[letter], value)
			}
			o.count[letter]++
			continue
		}
		if args, ok = p.short(spec, word[1:], args, &o); !ok {
			return o, nil, false
		}
	}
	return o, rest, true
}

// short reads a cluster of one-letter options.
func (p *Proc) short(spec, cluster string, args []string, o *options) ([]string, bool) {
	for i := 0; i < len(cluster); i++ {
		letter := cluster[i]
		if letter == ':' || letter == '+' || strings.IndexByte(spec, letter) < 0 {
			return nil, p.badOption("invalid option -- '%s'", string(letter))
		}
		o.count[letter]++
		if !takesValue(spec, letter) {
			continue
		}
		value := cluster[i+1:]
		if value == "" {
			if len(args) == 0 {
				return nil, p.badOption("option requires an argument -- '%s'", string(letter))
			}
			value, args = args[0], args[1:]
		}
		o.values[letter] = append(o.values[letter], value)
		return args, true
	}
	return args, true
}

func takesValue(spec string, letter byte) bool {
	i := strings.IndexByte(spec, letter)
	return i >= 0 && i+1 < len(spec) && spec[i+1] == ':'
}

func longOption(word string, long []string) (letter byte, value string, has bool) {
	name, value, has := strings.Cut(word, "=")
	for _, pair := range long {
		full, l, _ := strings.Cut(pair, "=")
		if full == name {
			return l[0], value, has
		}
	}
	return 0, "", false
}

func (p *Proc) badOption(format string, a ...any) bool {
	p.flush()
	fmt.Fprintf(p.Err, p.Name+": "+format+"\n", a...)
	p.help(1)
	return false
}
