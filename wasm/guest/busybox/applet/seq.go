package applet

import (
	"strconv"
	"strings"
)

func seq(p *Proc) int {
	var o struct {
		width bool
		sep   string
	}
	o.sep = "\n"
	args := p.Args
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && len(args[0]) > 1 && !strings.ContainsAny(args[0][1:2], "0123456789.") {
		switch {
		case args[0] == "-w":
			o.width = true
		case args[0] == "-s" && len(args) > 1:
			o.sep = args[1]
			args = args[1:]
		case strings.HasPrefix(args[0], "-s"):
			o.sep = args[0][2:]
		default:
			p.badOption("invalid option -- '%s'", args[0][1:2])
			return 1
		}
		args = args[1:]
	}
	if len(args) < 1 || len(args) > 3 {
		return p.help(1)
	}
	words := []string{"1", "1", args[len(args)-1]}
	if len(args) > 1 {
		words[0] = args[0]
	}
	if len(args) > 2 {
		words[1] = args[1]
	}
	var v [3]float64
	precision := 0
	for i, w := range words {
		f, err := strconv.ParseFloat(w, 64)
		if err != nil {
			return p.fail("invalid number '%s'", w)
		}
		v[i] = f
		if _, frac, ok := strings.Cut(w, "."); ok && i < 2 {
			precision = max(precision, len(frac))
		}
	}
	if v[1] == 0 {
		return p.fail("invalid number '0'")
	}
	width := 0
	if o.width {
		width = max(len(strconv.FormatFloat(v[0], 'f', precision, 64)), len(strconv.FormatFloat(v[2], 'f', precision, 64)))
	}
	for i := 0; ; i++ {
		n := v[0] + float64(i)*v[1]
		if v[1] > 0 && n > v[2]+1e-9 || v[1] < 0 && n < v[2]-1e-9 {
			if i > 0 {
				p.print("\n")
			}
			return 0
		}
		if i > 0 {
			p.print(o.sep)
		}
		p.print(zeroPad(strconv.FormatFloat(n, 'f', precision, 64), width))
		if p.broken() {
			return 1
		}
	}
}

func zeroPad(n string, width int) string {
	sign := ""
	if strings.HasPrefix(n, "-") {
		sign, n = "-", n[1:]
	}
	return sign + strings.Repeat("0", max(0, width-len(n)-len(sign))) + n
}

func yes(p *Proc) int {
	text := "y"
	if len(p.Args) > 0 {
		text = strings.Join(p.Args, " ")
	}
	for {
		if _, err := p.Out.WriteString(text + "\n"); err != nil {
			return 1
		}
	}
}
