package host

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestLineDiscipline(t *testing.T) {
	tests := []struct{ name, typed, shown, read string }{
		{"a line", "ab\r", "ab\r\n", "ab\n"},
		{"no line yet", "ab", "ab", ""},
		{"erase", "abc\x7f\bd\n", "abc\b \b\b \bd\r\n", "ad\n"},
		{"erase a rune", "ü\x7f\n", "ü\b \b\r\n", "\n"},
		{"nothing to erase", "\x7f\n", "\r\n", "\n"},
		{"kill", "abc\x15d\n", "abc\b \b\b \b\b \bd\r\n", "d\n"},
		{"a word", "ab cd\x17\n", "ab cd\b \b\b \b\r\n", "ab \n"},
		{"control characters", "a\x01\x7f\n", "a^A\b \b\b \b\r\n", "a\n"},
		{"interrupt", "abc\x03d\n", "abc^Cd\r\n", "d\n"},
		{"end of file after text", "ab\x04", "ab", "ab"},
		{"two lines", "a\nb\n", "a\r\nb\r\n", "a\n|b\n"},
		{"end of file", "a\n\x04", "a\r\n", "a\n|"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := discipline{mode: modeCooked}
			var shown strings.Builder
			for _, c := range []byte(tt.typed) {
				echo, _ := d.typed(c)
				shown.Write(echo)
			}
			want(t, "shown", shown.String(), tt.shown)
			var got []string
			b := make([]byte, 100)
			for {
				n, e := d.read(b)
				if e != ok {
					break
				}
				got = append(got, string(b[:n]))
			}
			want(t, "read", strings.Join(got, "|"), tt.read)
			want(t, "bytes left", d.n, 0)
		})
	}
}

func TestModes(t *testing.T) {
	for _, tt := range []struct {
		name               string
		mode               ttyMode
		typed, shown, read string
		sig                int
	}{
		{"raw", modeRaw, "a\r\x03", "", "a\r\x03", 0},
		{"stty raw", modeEcho, "a\r\x03\n", "a^M^C\n", "a\r\x03\n", 0},
		{"stty -echo", modeCooked &^ modeEcho, "ab\x7f\r", "", "a\n", 0},
		{"stty -icanon", modeCooked &^ modeCanon, "a\x04\r", "a^D\r\n", "a\x04\n", 0},
		{"stty -icanon, ^C", modeCooked &^ modeCanon, "a\x03", "a^C", "a", sigINT},
		{"stty -isig", modeCooked &^ modeSignals, "a\x03\r", "a^C\r\n", "a\x03\n", 0},
		{"stty -icrnl", modeCooked &^ modeReturn, "a\r\n", "a^M\r\n", "a\r\n", 0},
		{"stty -onlcr", modeCooked &^ modeOutput, "a\r", "a\n", "a\n", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, shown, last := discipline{mode: tt.mode}, "", 0
			for _, c := range []byte(tt.typed) {
				echo, sig := d.typed(c)
				shown, last = shown+string(echo), max(last, sig)
			}
			b := make([]byte, 100)
			n, _ := d.read(b)
			want(t, "shown", shown, tt.shown)
			want(t, "read", string(b[:n]), tt.read)
			want(t, "signal", last, tt.sig)
		})
	}
}

func TestTerminalMode(t *testing.T) {
	b := newBox(t, "ttymode")
	tty := NewTTY(80, 24)
	b.Stdin, b.Stdout, b.Stderr, b.TTY = tty, tty, tty, tty
	wait(t, b.start())
	expect(t, tty, "mode 31\r\nmode 27\r\ninvalid 28 28\r\nsize 100 30\r\n")
}

func TestTerminal(t *testing.T) {
	b := newBox(t, "tty")
	tty := NewTTY(80, 24)
	b.Stdin, b.Stdout, b.Stderr, b.TTY = tty, tty, tty, tty
	p := b.start()
	expect(t, tty, "0 0\r\n80 24\r\n")
	_, err := io.WriteString(tty, "hi\r")
	must(t, err)
	expect(t, tty, "hi\r\n<hi>\r\n")
	_, err = io.WriteString(tty, "\x04")
	must(t, err)
	wait(t, p)
	_, err = tty.Read(make([]byte, 1))
	want(t, "the end", err, io.EOF)
}

func TestTerminalRaw(t *testing.T) {
	b := newBox(t, "raw")
	tty := NewTTY(80, 24)
	b.Stdin, b.Stdout, b.Stderr, b.TTY = tty, tty, tty, tty
	p := b.start()
	expect(t, tty, "raw\n")
	_, err := tty.Write([]byte{3})
	must(t, err)
	expect(t, tty, `"\x03"`)
	want(t, "code", wait(t, p).Code, 0)
}

func TestTerminalSignals(t *testing.T) {
	onTTY := func(b *box, args ...string) (*TTY, *Process) {
		tty := NewTTY(80, 24)
		b.Args = append([]string{"guest"}, args...)
		b.Stdin, b.Stdout, b.Stderr, b.TTY = tty, tty, tty, tty
		return tty, b.start()
	}
	t.Run("^C is for the newest", func(t *testing.T) {
		b := newBox(t, "sleep", "1h")
		b.start()
		tty, p := onTTY(b, "run", "/bin/guest", "catch", "2")
		expect(t, tty, "ready\r\n")
		_, err := tty.Write([]byte{3})
		must(t, err)
		expect(t, tty, "child true status 0 signal 2\r\n")
		want(t, "the parent's code", wait(t, p).Code, 0)
	})
	t.Run("resize", func(t *testing.T) {
		b := newBox(t)
		tty, p := onTTY(b, "catch")
		expect(t, tty, "ready\r\n")
		tty.Resize(100, 40)
		expect(t, tty, "got 28\r\n")
		tty.Resize(100, 40) // the same: no signal
		p.Signal(sigTERM)
		expect(t, tty, "got 15\r\n")
		wait(t, p)
	})
	t.Run("hang up", func(t *testing.T) {
		b := newBox(t, "sleep", "1h")
		b.start()
		tty, p := onTTY(b, "sleep", "1h")
		must(t, tty.Close())
		want(t, "code", wait(t, p).Code, 129)
	})
}

func TestTerminalOutputIsBounded(t *testing.T) {
	b := newBox(t, "yes")
	tty := NewTTY(80, 24)
	b.Stdin, b.Stdout, b.TTY = tty, tty, tty
	p := b.start()
	for !p.parked.Load() { // waits for somebody to read
		time.Sleep(time.Millisecond)
	}
	tty.mu.Lock()
	if tty.out.n > ttyMax {
		t.Errorf("%d bytes wait", tty.out.n)
	}
	tty.mu.Unlock()
	expect(t, tty, "y\r\ny\r\n")
	p.Signal(sigKILL)
	wait(t, p)
}

func FuzzLineDiscipline(f *testing.F) {
	f.Add([]byte("ab\x7f\x15\x17\x03\x04ü\n"), uint32(modeCooked), uint32(modeRaw))
	f.Add([]byte("ab\x7f\x03\r\n"), uint32(modeEcho), uint32(modeCanon|modeOutput))
	f.Fuzz(func(t *testing.T, typed []byte, before, after uint32) {
		d := discipline{mode: ttyMode(before) & modeCooked}
		b := make([]byte, 3)
		for i, c := range typed {
			d.typed(c)
			if i == len(typed)/2 {
				d.setMode(ttyMode(after) & modeCooked)
			}
			if i%3 == 0 {
				d.read(b)
			}
		}
		for {
			if _, e := d.read(b); e != ok {
				break
			}
		}
		if d.n != 0 {
			t.Errorf("%d bytes left", d.n)
		}
	})
}
