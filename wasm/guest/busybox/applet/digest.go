package applet

import (
	"bufio"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"strconv"
	"strings"
)

// hasher is the digest of md5sum, sha256sum and the like.
func hasher(name string) hash.Hash {
	switch name {
	case "md5sum":
		return md5.New()
	case "sha1sum":
		return sha1.New()
	case "sha512sum":
		return sha512.New()
	}
	return sha256.New()
}

func checksum(p *Proc) int {
	o, files, ok := p.getopt("cswb")
	if !ok {
		return 1
	}
	if o.has('c') {
		return p.verify(o, files)
	}
	return p.eachFile(files, func(name string, r io.Reader) error {
		h := hasher(p.Name)
		if _, err := io.Copy(h, r); err != nil {
			return err
		}
		p.printf("%s  %s\n", hex.EncodeToString(h.Sum(nil)), name)
		return nil
	})
}

// verify is -c.
func (p *Proc) verify(o options, lists []string) int {
	bad, total := 0, 0
	status := p.eachFile(lists, func(_ string, r io.Reader) error {
		return lines(r, func(line string) bool {
			sum, name, ok := strings.Cut(line, " ")
			if !ok {
				return true
			}
			name = strings.TrimLeft(name, " *")
			total++
			good := false
			if f, err := p.open(name); err == nil {
				h := hasher(p.Name)
				io.Copy(h, f)
				f.Close()
				good = strings.EqualFold(sum, hex.EncodeToString(h.Sum(nil)))
			} else {
				p.cannotOpen(name, err)
			}
			if !good {
				bad++
			}
			if !o.has('s') {
				p.println(name + ": " + map[bool]string{true: "OK", false: "FAILED"}[good])
			}
			return true
		})
	})
	if bad > 0 {
		if !o.has('s') {
			p.fail("WARNING: %d of %d computed checksums did NOT match", bad, total)
		}
		return 1
	}
	return status
}

func base64Applet(p *Proc) int {
	o, files, ok := p.getopt("dw:", "decode=d", "wrap=w")
	if !ok {
		return 1
	}
	width := 76
	if o.has('w') {
		n, err := strconv.Atoi(o.value('w'))
		if err != nil {
			return p.fail("invalid number '%s'", o.value('w'))
		}
		width = n
	}
	return p.eachFile(files, func(_ string, r io.Reader) error {
		if o.has('d') {
			return p.decode64(r)
		}
		all, err := io.ReadAll(r)
		text := base64.StdEncoding.EncodeToString(all)
		for width > 0 && len(text) > width {
			p.println(text[:width])
			text = text[width:]
		}
		p.print(text)
		if width > 0 && text != "" {
			p.println()
		}
		return err
	})
}

func (p *Proc) decode64(r io.Reader) error {
	all, err := io.ReadAll(bufio.NewReader(r))
	if err != nil {
		return err
	}
	text := strings.Map(func(c rune) rune {
		if c == '\n' || c == '\r' || c == ' ' || c == '\t' {
			return -1
		}
		return c
	}, string(all))
	enc := base64.StdEncoding
	if len(text)%4 != 0 {
		enc = base64.RawStdEncoding
	}
	out, err := enc.DecodeString(text)
	p.Out.Write(out)
	if err != nil {
		p.fail("truncated input")
		return errSaid
	}
	return nil
}
