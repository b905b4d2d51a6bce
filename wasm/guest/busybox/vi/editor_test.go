package vi

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

// memory is files in memory.
type memory struct {
	files map[string]string
	full  bool
}

func (m *memory) Read(name string) ([]byte, error) {
	s, ok := m.files[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(s), nil
}

func (m *memory) Write(name string, data []byte) error {
	if m.full {
		return errors.New("No space left on device")
	}
	m.files[name] = string(data)
	return nil
}

func (m *memory) Exists(name string) bool { _, ok := m.files[name]; return ok }
func (m *memory) Reason(err error) string { return err.Error() }

func newEditor(text string) (*Editor, *memory) {
	m := &memory{files: map[string]string{"f": text, "g": "other\n"}}
	return New(Config{Files: m, Names: []string{"f"}, Cols: 40, Rows: 10}), m
}

// typed types keys: those in <> by name.
func typed(e *Editor, keys string) {
	names := strings.NewReplacer("<esc>", "\x1b", "<cr>", "\r", "<bs>", "\x7f", "<up>", "\x1b[A", "<down>", "\x1bOB",
		"<right>", "\x1b[C", "<left>", "\x1b[D", "<home>", "\x1b[1~", "<end>", "\x1b[F", "<del>", "\x1b[3~",
		"<c-f>", "\x06", "<c-b>", "\x02", "<c-d>", "\x04", "<c-u>", "\x15", "<c-e>", "\x05", "<c-v>", "\x16", "<c-c>", "\x03")
	e.Type([]byte(names.Replace(keys)))
	e.Settle()
}

// marked is the text with the cursor as │ before its character.
func marked(e *Editor) string {
	return string(e.text.b[:e.dot]) + "│" + string(e.text.b[e.dot:])
}

func TestKeys(t *testing.T) {
	const three = "one two\nthree four\nfive\n"
	for _, tt := range []struct{ text, keys, want string }{
		{"", "", "│\n"},
		{"no newline", "", "│no newline\n"},
		// motions
		{three, "l", "o│ne two\n" + three[8:]},
		{three, "3lh", "on│e two\n" + three[8:]},
		{three, "99l", "one tw│o\n" + three[8:]},
		{three, "j$", "one two\nthree fou│r\nfive\n"},
		{three, "$jj", "one two\nthree four\nfiv│e\n"},
		{three, "jllllllljk", "one two\nthree f│our\nfive\n"},
		{three, "w", "one │two\n" + three[8:]},
		{three, "ww", "one two\n│three four\nfive\n"},
		{three, "9w", "one two\nthree four\nfiv│e\n"},
		{"a.b-c d\n", "w", "a│.b-c d\n"},
		{"a.b-c d\n", "W", "a.b-c │d\n"},
		{"a\n\nb\n", "w", "a\n│\nb\n"},
		{three, "Gb", "one two\nthree │four\nfive\n"},
		{three, "G2B", "one two\n│three four\nfive\n"},
		{three, "e", "on│e two\n" + three[8:]},
		{three, "ee", "one tw│o\n" + three[8:]},
		{three, "4E", "one two\nthree fou│r\nfive\n"},
		{three, "G", "one two\nthree four\n│five\n"},
		{three, "2G", "one two\n│three four\nfive\n"},
		{three, "Ggg", "│" + three},
		{three, "3gg", "one two\nthree four\n│five\n"},
		{"  a b\n", "$0", "│  a b\n"},
		{"  a b\n", "$^", "  │a b\n"},
		{"  a b\n", "4|", "  a│ b\n"},
		{three, "fo", "one tw│o\n" + three[8:]},
		{three, "ft", "one │two\n" + three[8:]},
		{three, "2fo", "│" + three},
		{three, "to$F Tn", "on│e two\n" + three[8:]},
		{three, "jfr;", "one two\nthree fou│r\nfive\n"},
		{three, "jfr;,", "one two\nth│ree four\nfive\n"},
		{"{a: [b]}\n", "%", "{a: [b]│}\n"},
		{"{a: [b]}\n", "ll%%", "{a: │[b]}\n"},
		{"a\nb\n\nc\n", "}", "a\nb\n│\nc\n"},
		{"a\nb\n\nc\n", "G{", "a\nb\n│\nc\n"},
		{three, "jmakk'a", "one two\n│three four\nfive\n"},
		{three, "+", "one two\n│three four\nfive\n"},
		{three, "<cr><cr>-", "one two\n│three four\nfive\n"},
		{three, "<down><right><end><home><right><up><left>", "│" + three},
		{three, "5j", "one two\nthree four\n│five\n"},
		// inserting
		{three, "iX<esc>", "│X" + three},
		{three, "aX<esc>", "o│Xne two\n" + three[8:]},
		{three, "AX<esc>", "one two│X\n" + three[8:]},
		{"  a\n", "AX<esc>IY<esc>", "  │YaX\n"},
		{three, "onew<esc>", "one two\nne│w\nthree four\nfive\n"},
		{three, "jOnew<esc>", "one two\nne│w\nthree four\nfive\n"},
		{three, "Gonew<cr>er<esc>", three + "new\ne│r\n"},
		{three, "iab<bs><bs><bs>c<esc>", "│c" + three},
		{three, "ji<bs> <esc>", "one two│ three four\nfive\n"},
		{three, "ia<right>b<left><del><esc>", "a│o" + "ne two\n" + three[8:]},
		{three, "i<c-v><esc><esc>", "│\x1b" + three},
		{three, "ia<c-c>x", "│" + three},
		{"a\n", "i\x01\t<esc>", "│\ta\n"},
		{"one two\n", "A\x17x<esc>", "one │x\n"},
		{"    a\n", ":set ts=2<cr>A<c-d><esc>", "  │a\n"},
		{three, "RXYZW<esc>", "XYZ│Wtwo\n" + three[8:]},
		{"ab\n", "lRxyz<esc>", "axy│z\n"},
		{"", "ihello<cr>world<esc>", "hello\nworl│d\n"},
		// deleting and changing
		{three, "x", "│ne two\n" + three[8:]},
		{three, "3x", "│ two\n" + three[8:]},
		{three, "$x", "one t│w\n" + three[8:]},
		{three, "$X", "one t│o\n" + three[8:]},
		{three, "dd", "│three four\nfive\n"},
		{three, "2dd", "│five\n"},
		{three, "9dd", "│\n"},
		{three, "Gdd", "one two\n│three four\n"},
		{three, "dw", "│two\n" + three[8:]},
		{three, "wdw", "one│ \n" + three[8:]},
		{three, "2dw", "│\n" + three[8:]},
		{"a b\n", "dw", "│b\n"},
		{three, "Gdw", "one two\nthree four\n│\n"},
		{three, "de", "│ two\n" + three[8:]},
		{three, "wd0", "│two\n" + three[8:]},
		{three, "wd$", "one│ \n" + three[8:]},
		{three, "wD", "one│ \n" + three[8:]},
		{three, "ldb", "│ne two\n" + three[8:]},
		{three, "dj", "│five\n"},
		{three, "jdk", "│five\n"},
		{three, "Gdk", "│one two\n"},
		{three, "jdG", "│one two\n"},
		{three, "jdgg", "│five\n"},
		{three, "dft", "│wo\n" + three[8:]},
		{three, "dtt", "│two\n" + three[8:]},
		{"f(a)b\n", "d%", "│b\n"},
		{three, "cwX<esc>", "│X two\n" + three[8:]},
		{three, "c2wX<esc>", "│X\n" + three[8:]},
		{"a b\n", "cwX<esc>", "│X b\n"},
		{three, "ccX<esc>", "│X\n" + three[8:]},
		{three, "SX<esc>", "│X\n" + three[8:]},
		{three, "wCX<esc>", "one │X\n" + three[8:]},
		{three, "2sX<esc>", "│Xe two\n" + three[8:]},
		{"\n", "sX<esc>", "│X\n"},
		{three, "rX", "│Xne two\n" + three[8:]},
		{three, "3rX", "XX│X two\n" + three[8:]},
		{three, "9rX", "│" + three},
		{three, "wr<cr>", "one \n│wo\n" + three[8:]},
		{"ab\n", "~~", "A│B\n"},
		{three, "J", "one two│ three four\nfive\n"},
		{"a\n\n\n  b\n", "4J", "a│ b\n"},
		{"a\nb\n", ">>", "\t│a\nb\n"},
		{"a\nb\n", ":set et ts=2<cr>>j", "  │a\n  b\n"},
		{"    a\n\tb\n", ":set ts=2<cr><j<j", "│a\nb\n"},
		// registers
		{three, "yyp", "one two\n│one two\n" + three[8:]},
		{three, "yyP", "│one two\n" + three},
		{three, "yyGp", three + "│one two\n"},
		{three, "dd2p", "three four\n│one two\none two\nfive\n"},
		{three, "ywP", "one│ " + three},
		{three, "dwp", "tone│ wo\n" + three[8:]},
		{three, "xp", "n│oe two\n" + three[8:]},
		{three, "\"ayyj\"byy\"ap", "one two\nthree four\n│one two\nfive\n"},
		{three, "ddjp", "three four\nfive\n│one two\n"},
		{three, "Yjp", "one two\nthree four\n│one two\nfive\n"},
		// undo and repeat
		{three, "ddu", "│" + three},
		{three, "ddddu", "│three four\nfive\n"},
		{three, "dddduu", "│" + three},
		{three, "iabc<esc>u", "│" + three},
		{three, ":%s/e/E/g<cr>u", "│" + three},
		{three, "J.u", "one two three fou│r\nfive\n"},
		{three, "x..", "│ two\n" + three[8:]},
		{three, "dd.", "│five\n"},
		{three, "2x3.", "│wo\n" + three[8:]},
		{three, "cwX<esc>w.", "X │X\n" + three[8:]},
		{three, "A!<esc>j.", "one two!\nthree four│!\nfive\n"},
		{three, "x.uu", "│" + three},
		// searches
		{three, "/four<cr>", "one two\nthree │four\nfive\n"},
		{three, "/f<cr>n", "one two\nthree four\n│five\n"},
		{three, "/f<cr>nn", "one two\nthree │four\nfive\n"},
		{three, "/f<cr>nN", "one two\nthree │four\nfive\n"},
		{three, "?f<cr>", "one two\nthree four\n│five\n"},
		{three, "?f<cr>n", "one two\nthree │four\nfive\n"},
		{three, "?f<cr>N", "one two\nthree │four\nfive\n"},
		{three, "/nosuch<cr>", "│" + three},
		{three, "/FOUR<cr>", "│" + three},
		{three, ":set ic<cr>/FOUR<cr>", "one two\nthree │four\nfive\n"},
		{three, ":set ic<cr>?FOUR<cr>", "one two\nthree │four\nfive\n"},
		{three, "/fo<bs><bs><bs>x", "│ne two\n" + three[8:]},
		{three, "/two<cr>dn", "one │two\n" + three[8:]},
		// colon commands
		{three, ":2<cr>", "one two\n│three four\nfive\n"},
		{three, ":$<cr>", "one two\nthree four\n│five\n"},
		{three, ":/four/<cr>", "one two\n│three four\nfive\n"},
		{three, ":2d<cr>", "one two\n│five\n"},
		{three, ":1,2d<cr>", "│five\n"},
		{three, ":.,+1d<cr>", "│five\n"},
		{three, ":%d<cr>", "│\n"},
		{three, ":$-1,$d<cr>", "│one two\n"},
		{three, ":4d<cr>", "│" + three},
		{three, ":s/o/0/<cr>", "│0ne two\n" + three[8:]},
		{three, ":s/o/0/g<cr>", "│0ne tw0\n" + three[8:]},
		{three, ":%s/o/0/g<cr>", "0ne tw0\n│three f0ur\nfive\n"},
		{three, ":2,3s#r#R#<cr>", "one two\n│thRee four\nfive\n"},
		{three, "/o<cr>:s//0/g<cr>", "│0ne tw0\n" + three[8:]},
		{three, ":2y<cr>p", "one two\n│three four\nthree four\nfive\n"},
		{three, ":r g<cr>", "one two\n│other\n" + three[8:]},
		{three, ":0r g<cr>", "│other\n" + three},
		{"  a\n", ":set ai<cr>ob<esc>", "  a\n  │b\n"},
		{"  a\n", ":set ai<cr>Ab<cr>c<esc>", "  ab\n  │c\n"},
		{"a\n", ":set et ts=4<cr>a\t<esc>", "a  │ \n"},
		// other scripts
		{"容器\n", "l", "容│器\n"},
		{"容器\n", "a副本<esc>", "容副│本器\n"},
		{"容器\n", "x", "│器\n"},
		{"容器\n", "A<bs><bs>X<esc>", "│X\n"},
		{"abcd\n容器\n", "lllj", "abcd\n容│器\n"},
		{"abcd\n容器\n", "jlk", "ab│cd\n容器\n"},
		{"容器 b\n", "r副", "│副器 b\n"},
		{"容器 b\n", "f器", "容│器 b\n"},
		{"a\xffb\n", "lx", "a│b\n"},
	} {
		t.Run(fmt.Sprintf("%q %s", tt.text, tt.keys), func(t *testing.T) {
			e, _ := newEditor(tt.text)
			typed(e, tt.keys)
			if got := marked(e); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestMessages(t *testing.T) {
	const three = "one two\nthree four\nfive\n"
	for _, tt := range []struct{ keys, want string }{
		{"", "- f 1/3 33%"},
		{"jx", "Delete 0 lines (1 chars) from [D]"},
		{"jxh", "- f [Modified] 2/3 66%"},
		{"i", "I f 1/3 33%"},
		{"R", "R f 1/3 33%"},
		{"2yy", "Yank 2 lines (19 chars) from [D]"},
		{"\"ayy", "Yank 1 lines (8 chars) from [A]"},
		{"yy2p", "Put 2 lines (16 chars) from [D]"},
		{"xu", "Undo [0] restored 1 chars at position 0"},
		{"xul", "- f 1/3 33%"},
		{"u", "Already at oldest change"},
		{"p", "!Nothing in register D"},
		{"q", "!'q' is not implemented"},
		{":foo", "!':foo' is not implemented"},
		{":q", "over"},
		{"x:q", "!No write since last change (:q! overrides)"},
		{"x:q!", "over"},
		{"x:w", "'f' 3L, 23C"},
		{"x:x", "over"},
		{":x", "over"},
		{"xZZ", "over"},
		{"xZQ", "over"},
		{"x:e", "!No write since last change (:e! overrides)"},
		{"x:e!", "'f' 3L, 24C"},
		{":e new", "'new' [New file] 1L, 1C"},
		{":w new", "'new' 3L, 24C"},
		{":w g", "!File exists (:w! overrides)"},
		{":w! g", "'g' 3L, 24C"},
		{":1,2w new", "'new' 2L, 19C"},
		{":n", "!No more files to edit"},
		{":prev", "!No previous files to edit"},
		{":=", "1"},
		{":%s/e/E/g", "4 substitutions on 3 lines"},
		{":s/x/y/", "!No match"},
		{":s", ":s expression missing delimiters"},
		{":s//x/", "!No previous search"},
		{":2,1d", "!Invalid range"},
		{":'ad", "!Mark not set"},
		{"/nosuch\r", "!Pattern not found"},
		{"G/one\r", "search hit BOTTOM, continuing at TOP"},
		{"?five\r", "search hit TOP, continuing at BOTTOM"},
		{":set", "!noautoindent noexpandtab noflash noignorec"},
		{":set nosuch", "!bad option: nosuch"},
		{":r nosuch", "!'nosuch' file does not exist"},
	} {
		t.Run(tt.keys, func(t *testing.T) {
			e, _ := newEditor(three)
			if strings.HasPrefix(strings.TrimLeft(tt.keys, "x"), ":") {
				tt.keys += "\r"
			}
			typed(e, tt.keys)
			got := strings.NewReplacer("\x1b[7m", "!", "\x1b[m", "").Replace(e.bottom())
			if e.Over() {
				got = "over"
			}
			if !strings.HasPrefix(tt.want, got) && got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSave(t *testing.T) {
	e, m := newEditor("a\n")
	m.full = true
	typed(e, "ix<esc>:wq<cr>")
	if got := e.bottom(); e.Over() || m.files["f"] != "a\n" || got != "\x1b[7m'f' No space left on device\x1b[m" {
		t.Errorf("over %v, file %q, status %q", e.Over(), m.files["f"], got)
	}
	m.full = false
	typed(e, ":wq<cr>")
	if !e.Over() || m.files["f"] != "xa\n" {
		t.Errorf("over %v, file %q", e.Over(), m.files["f"])
	}
}

func TestReadOnly(t *testing.T) {
	_, m := newEditor("a\n")
	e := New(Config{Files: m, Names: []string{"f"}, ReadOnly: true, Cols: 80, Rows: 24})
	typed(e, "x:w<cr>")
	if got := e.bottom(); m.files["f"] != "a\n" || !strings.Contains(got, "'f' is read only") {
		t.Errorf("file %q, status %q", m.files["f"], got)
	}
	typed(e, ":w!<cr>")
	if m.files["f"] != "\n" {
		t.Errorf("file %q", m.files["f"])
	}
}

func TestSeveralFiles(t *testing.T) {
	_, m := newEditor("a\n")
	e := New(Config{Files: m, Names: []string{"f", "g"}, Commands: []string{"set ts=4"}, Cols: 80, Rows: 24})
	typed(e, ":q<cr>")
	if got := e.bottom(); e.Over() || !strings.Contains(got, "1 more file(s) to edit") {
		t.Errorf("status %q", got)
	}
	typed(e, "x:wn<cr>")
	if e.name != "g" || m.files["f"] != "\n" || e.opts.tabstop != 4 {
		t.Errorf("%q is edited, file %q", e.name, m.files["f"])
	}
	typed(e, ":prev<cr>:f h<cr>:w<cr>")
	if m.files["h"] != "\n" {
		t.Errorf("files %q", m.files)
	}
}

// TestTooLarge holds that a text that cannot be edited is not saved as nothing.
func TestTooLarge(t *testing.T) {
	big := strings.Repeat("x\n", maxText/2+1)
	e, m := newEditor(big)
	typed(e, ":wq<cr>")
	if m.files["f"] != big || e.Over() {
		t.Error("the file was changed")
	}
	e, _ = newEditor(big[:maxText-1])
	typed(e, "yyp99p")
	if len(e.text.b) > maxText {
		t.Errorf("%d bytes", len(e.text.b))
	}
}

func TestSplitSequences(t *testing.T) {
	e, _ := newEditor("abc\n容器\n")
	for _, part := range []string{"\x1b", "[", "C", "i\xe5", "\xae", "\xb9"} {
		e.Type([]byte(part))
	}
	e.Type([]byte("\x1b"))
	if !e.Waiting() || e.mode != inserting {
		t.Error("an Escape is taken before it is known to be one")
	}
	e.Settle()
	if got := marked(e); got != "a│容bc\n容器\n" || e.mode != commanding {
		t.Errorf("got %q", got)
	}
}
