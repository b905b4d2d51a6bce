package vi

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// edits are what keys make of a text. ^ is escape, $ in the result nothing
// special; | marks the cursor.
var edits = []struct{ name, text, keys, want string }{
	{"insert", "abc\n", "iX^", "|Xabc\n"},
	{"append", "abc\n", "aX^", "a|Xbc\n"},
	{"at the ends", "  abc\n", "IX^AY^", "  Xabc|Y\n"},
	{"open below", "a\nb\n", "ox^", "a\n|x\nb\n"},
	{"open above", "a\nb\n", "jOx^", "a\n|x\nb\n"},
	{"keep the indent", "  a\n", ":set ai\rob\rc^", "  a\n  b\n  |c\n"},
	{"split and join", "ab cd\n", "wi\r^kJ", "ab |cd\n"},
	{"erase", "abc\n", "A\x7f\x7fz^", "a|z\n"},
	{"erase a line's end", "a\nb\n", "ji\x7f^", "|ab\n"},
	{"erase a word", "one two\n", "A\x17x^", "one |x\n"},
	{"delete characters", "abcdef\n", "x2xlX", "|ef\n"},
	{"delete at the end", "abc\n", "$xx", "|a\n"},
	{"delete words", "one two three\n", "dw", "|two three\n"},
	{"delete words by count", "one two three\n", "d2w", "|three\n"},
	{"delete the last word", "one two\nx\n", "wdw", "one| \nx\n"},
	{"delete to the end", "one two\n", "wD", "one| \n"},
	{"delete back", "one two\n", "wdb", "|two\n"},
	{"delete to a character", "name: x\n", "dt:", "|: x\n"},
	{"delete over a character", "name: x\n", "df:", "| x\n"},
	{"delete lines", "a\nb\nc\n", "jdd", "a\n|c\n"},
	{"delete lines by count", "a\nb\nc\nd\n", "2dd", "|c\nd\n"},
	{"delete down", "a\nb\nc\n", "dj", "|c\n"},
	{"delete to the end of the text", "a\nb\nc\n", "jdG", "|a\n"},
	{"delete to the beginning", "a\nb\nc\n", "jdgg", "|c\n"},
	{"delete all", "a\nb\n", "dG", "|"},
	{"change a word", "image: ____ # x\n", "wwcwnginx^", "image: ngin|x # x\n"},
	{"change a big word", "args: -a:1 x\n", "WcWy^", "args: |y x\n"},
	{"change a line", "  a\nb\n", "ccx^", "|x\nb\n"},
	{"change the rest", "a b\n", "wCc^", "a |c\n"},
	{"substitute", "abc\n", "lsXY^", "aX|Yc\n"},
	{"replace", "abc\n", "rx", "|xbc\n"},
	{"replace many", "abc\n", "2rx", "x|xc\n"},
	{"overwrite", "abc\n", "RXY^", "X|Yc\n"},
	{"put lines", "a\nb\n", "yyjp", "a\nb\n|a\n"},
	{"put lines above", "a\nb\n", "jyyP", "a\n|b\nb\n"},
	{"put text", "one two\n", "yw$p", "one twoone| \n"},
	{"move a line", "a\nb\nc\n", "ddp", "b\n|a\nc\n"},
	{"swap characters", "ab\n", "xp", "b|a\n"},
	{"indent", "a\nb\nc\n", "2>>", "  |a\n  b\nc\n"},
	{"outdent", "    a\n", "<<", "  |a\n"},
	{"flip", "aB\n", "2~", "A|b\n"},
	{"undo", "abc\n", "xxu", "|bc\n"},
	{"undo all", "abc\nd\n", "ddoX^uu", "|abc\nd\n"},
	{"undo an insert as one", "a\n", "Abc\rd^u", "|a\n"},
	{"again", "a b c\n", "cwx^w.w.", "x x |x\n"},
	{"again and again", "abcdef\n", "x..", "|def\n"},
	{"search", "one\ntwo\nthree\n", "/th\r", "one\ntwo\n|three\n"},
	{"search on", "x\nax\nbx\n", "/x\rn", "x\nax\nb|x\n"},
	{"search over the end", "x\na\n", "/x\r", "|x\na\n"},
	{"search back", "x\na\nx\n", "G?x\r", "|x\na\nx\n"},
	{"substitute in a line", "a a\na\n", ":s/a/b/\r", "|b a\na\n"},
	{"substitute all", "a ____\na/____\n", ":%s/____/web/g\r", "a web\n|a/web\n"},
	{"substitute with other marks", "a\n", ":s,a,/b&,\r", "|/ba\n"},
	{"lines", "a\nb\nc\nd\n", ":2,3d\r", "a\n|d\n"},
	{"a line's number", "a\nb\nc\n", ":2\r", "a\n|b\nc\n"},
	{"go", "a\nb\nc\n", "Gk1Gj", "a\n|b\nc\n"},
	{"words", "ab, cd-e\n", "wwe", "ab, c|d-e\n"},
	{"big words", "ab, cd-e f\n", "WW", "ab, cd-e |f\n"},
	{"column is kept", "long line\nx\nlong line\n", "$jj", "long line\nx\nlong lin|e\n"},
	{"arrows", "ab\ncd\n", "\x1b[B\x1b[C", "ab\nc|d\n"},
	{"arrows while inserting", "ab\n", "i\x1b[C\x1b[CX^", "ab|X\n"},
	{"Chinese", "名字\n", "lrA", "名|A\n"},
	{"escape leaves a command", "ab\n", "d^x", "|b\n"},
	{"what there is not", "ab\n", "\"ax", "|b\n"},
	{"empty text", "", "dwxpihi^", "h|i\n"},
}

func TestEdits(t *testing.T) {
	for _, c := range edits {
		t.Run(c.name, func(t *testing.T) {
			e := New("f", c.text)
			typeKeys(e, c.keys)
			if diff := cmp.Diff(c.want, marked(e)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func typeKeys(e *Editor, text string) {
	for part := range strings.SplitSeq(text, "^") {
		keys, _ := Decode([]byte(part))
		for _, k := range keys {
			e.Key(k)
		}
		if len(part) < len(text) && strings.Contains(text, part+"^") {
			e.Key(escape)
		}
	}
}

// marked is the text with a mark at the cursor.
func marked(e *Editor) string {
	text := e.Text()
	if text == "" {
		return "|"
	}
	lines := strings.SplitAfter(text, "\n")
	line := []rune(lines[e.row])
	lines[e.row] = string(line[:e.col]) + "|" + string(line[e.col:])
	return strings.Join(lines, "")
}

// TestLeave saves, or not.
func TestLeave(t *testing.T) {
	for _, c := range []struct {
		keys, saved, message string
		done                 bool
	}{
		{":q\r", "", "", true},
		{"x:q\r", "", "No write since last change (:q! overrides)", false},
		{"x:q!\r", "", "", true},
		{"x:w\r", "f: bc\n", "'f' 1L, 3C", false},
		{"x:w\r:q\r", "f: bc\n", "", true},
		{"x:wq\r", "f: bc\n", "'f' 1L, 3C", true},
		{"xZZ", "f: bc\n", "'f' 1L, 3C", true},
		{"ZZ", "", "", true},
		{"xZQ", "", "", true},
		{"x:w g\r", "g: bc\n", "'g' 1L, 3C", false},
		{":w /\r", "", "'/' Is a directory", false},
		{":nonsense\r", "", "':nonsense' is not implemented", false},
		{"x:e!\r", "", "", false},
	} {
		t.Run(c.keys, func(t *testing.T) {
			e, saved := New("f", "abc\n"), ""
			e.Load = func(string) (string, error) { return "abc\n", nil }
			e.Save = func(file, text string) error {
				if file == "/" {
					return errors.New("Is a directory")
				}
				saved = file + ": " + text
				return nil
			}
			typeKeys(e, c.keys)
			if saved != c.saved || e.message != c.message || e.Done() != c.done {
				t.Errorf("saved %q, says %q, done %v; want %q, %q, %v", saved, e.message, e.Done(), c.saved, c.message, c.done)
			}
		})
	}
}

func TestReadOnly(t *testing.T) {
	e := New("f", "abc\n")
	e.ReadOnly = true
	typeKeys(e, "x:w\r")
	if want := "'f' is read only"; e.message != want || e.Done() {
		t.Errorf("says %q, want %q", e.message, want)
	}
}

// TestScreen draws.
func TestScreen(t *testing.T) {
	e := New("名.yaml", "a\tb\n名字\nlong line\n")
	typeKeys(e, "jl")
	want := "\x1b[?25l\x1b[Ha       b\x1b[K\r\n名字\x1b[K\r\nlong line\x1b[K\r\n~\x1b[K\r\n- 名.yaml 2/3 66%\x1b[K\x1b[2;3H\x1b[?25h"
	if diff := cmp.Diff(want, e.Screen(20, 5)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	typeKeys(e, ":w")
	if got := e.Screen(20, 5); !strings.HasSuffix(got, ":w\x1b[K\x1b[5;3H\x1b[?25h") {
		t.Errorf("the prompt is %q", got)
	}
}

// TestScreenFollowsTheCursor moves far down and to the right.
func TestScreenFollowsTheCursor(t *testing.T) {
	e := New("f", strings.Repeat("0123456789abcdef\n", 50))
	typeKeys(e, "40G$")
	got := e.Screen(10, 5)
	if !strings.Contains(got, "789abcdef\x1b[K") || !strings.HasSuffix(got, "\x1b[4;10H\x1b[?25h") {
		t.Errorf("%q", got)
	}
}

// FuzzKeys types anything: the editor must stand it.
func FuzzKeys(f *testing.F) {
	for _, c := range edits {
		f.Add(c.text, strings.ReplaceAll(c.keys, "^", "\x1b"))
	}
	f.Add("0", ":s\xfb\xfb\r")
	f.Fuzz(func(t *testing.T, text, typed string) {
		e := New("f", text)
		e.Save = func(string, string) error { return nil }
		e.Load = func(string) (string, error) { return text, nil }
		keys, _ := Decode([]byte(typed))
		for _, k := range keys {
			e.Key(k)
			if e.row < 0 || e.row >= len(e.lines) || e.col < 0 || e.col > len(e.lines[e.row]) {
				t.Fatalf("the cursor is at %d, %d", e.row, e.col)
			}
		}
		e.Screen(20, 5)
	})
}
