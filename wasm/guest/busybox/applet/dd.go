package applet

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

func dd(p *Proc) int {
	bs, count, skip, seek := int64(512), int64(-1), int64(0), int64(0)
	in, out, conv, quiet := "", "", "", false
	for _, a := range p.Args {
		key, value, _ := strings.Cut(a, "=")
		n, err := size(value)
		switch key {
		case "if":
			in, err = value, nil
		case "of":
			out, err = value, nil
		case "conv", "iflag", "oflag":
			conv, err = conv+","+value, nil
		case "status":
			quiet, err = value == "none", nil
		case "bs", "ibs", "obs":
			bs = n
		case "count":
			count = n
		case "skip":
			skip = n
		case "seek":
			seek = n
		default:
			return p.fail("unknown operand '%s'", a)
		}
		if err != nil || bs < 1 || bs > 64<<20 {
			return p.fail("invalid number '%s'", value)
		}
	}
	r, w := p.In, io.Writer(p.Out)
	if in != "" {
		f, err := os.Open(in)
		if err != nil {
			return p.cannotOpen(in, err)
		}
		defer f.Close()
		r = f
		f.Seek(skip*bs, io.SeekStart)
	}
	if out != "" {
		flags := os.O_WRONLY | os.O_CREATE
		if !strings.Contains(conv, "notrunc") && seek == 0 {
			flags |= os.O_TRUNC
		}
		f, err := os.OpenFile(out, flags, 0o666)
		if err != nil {
			return p.cannotOpen(out, err)
		}
		defer f.Close()
		f.Seek(seek*bs, io.SeekStart)
		w = f
	}
	return p.dd(r, w, bs, count, quiet)
}

func (p *Proc) dd(r io.Reader, w io.Writer, bs, count int64, quiet bool) int {
	start := time.Now()
	buf := make([]byte, bs)
	var full, part, total int64
	status := 0
	for count < 0 || full+part < count {
		n, err := r.Read(buf)
		if n > 0 {
			if int64(n) == bs {
				full++
			} else {
				part++
			}
			total += int64(n)
			if _, werr := w.Write(buf[:n]); werr != nil {
				status = p.failed(werr, "error writing")
				break
			}
		}
		if err != nil || n == 0 {
			break
		}
	}
	p.flush()
	if !quiet {
		d := max(time.Since(start).Seconds(), 1e-6)
		fmt.Fprintf(p.Err, "%d+%d records in\n%d+%d records out\n", full, part, full, part)
		fmt.Fprintf(p.Err, "%d bytes (%sB) copied, %f seconds, %sB/s\n", total, human(total), d, human(int64(float64(total)/d)))
	}
	return status
}
