package vi

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"kubergarten/wasm/guest/busybox/cells"
)

// A terminal understands what an Editor draws.
type terminal struct {
	rows     [][]string // cells; the second one of a wide character is ""
	row, col int
	cols     int
}

func newTerminal(cols, rows int) *terminal {
	t := &terminal{cols: cols, rows: make([][]string, rows)}
	for i := range t.rows {
		t.clear(i)
	}
	return t
}

func (t *terminal) clear(row int) {
	t.rows[row] = strings.Split(strings.Repeat(" ", t.cols), "")
}

func (t *terminal) show(b []byte) error {
	for s := string(b); s != ""; {
		if s[0] == 0x1b {
			n := strings.IndexFunc(s[2:], func(r rune) bool { return r >= '@' }) + 3
			if err := t.sequence(s[2:n]); err != nil {
				return err
			}
			s = s[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		if err := t.put(r); err != nil {
			return err
		}
		s = s[n:]
	}
	return nil
}

func (t *terminal) put(r rune) error {
	w := cells.Width(r)
	switch {
	case r == '\a':
		return nil
	case r < ' ', r == utf8.RuneError, r >= 0x7f && r < 0xa0:
		return fmt.Errorf("shows %q", r)
	case w == 0:
		if t.col > 0 {
			t.rows[t.row][t.col-1] += string(r)
		}
		return nil
	case t.col+w > t.cols:
		return fmt.Errorf("%q is beyond the right border", r)
	}
	t.rows[t.row][t.col] = string(r)
	if w == 2 {
		t.rows[t.row][t.col+1] = ""
	}
	t.col += w
	return nil
}

func (t *terminal) sequence(s string) error {
	switch {
	case s == "H":
		t.row, t.col = 0, 0
	case s == "J":
		for i := range t.rows {
			t.clear(i)
		}
	case s == "K":
		t.clear(t.row)
	case strings.HasSuffix(s, "H"):
		if n, err := fmt.Sscanf(s, "%d;%dH", &t.row, &t.col); n != 2 {
			return err
		}
		t.row, t.col = t.row-1, t.col-1
		if t.row < 0 || t.row >= len(t.rows) || t.col < 0 || t.col >= t.cols {
			return fmt.Errorf("the cursor goes to %d, %d", t.row, t.col)
		}
	case strings.HasSuffix(s, "m"):
	default:
		return fmt.Errorf("unknown sequence %q", s)
	}
	return nil
}

// String is the screen with the cursor as │ before its cell.
func (t *terminal) String() string {
	var b strings.Builder
	for i, row := range t.rows {
		line := ""
		for j, cell := range row {
			if i == t.row && j == t.col {
				line += "│"
			}
			line += cell
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

func TestScreen(t *testing.T) {
	long := strings.Repeat("0123456789", 3) + "\n"
	numbers := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"
	for _, tt := range []struct{ name, text, keys, want string }{
		{"start", "a\nb\n", "", "│a\nb\n~\n~\n- f 1/2 50%\n"},
		{"no text", "", "", "│\n~\n~\n~\n- f 1/1 100%\n"},
		{"inserting", "a\nb\n", "oX", "a\nX│\nb\n~\nI f [Modified] 2/3 6\n"},
		{"a colon command", "a\n", ":set et", "a\n~\n~\n~\n:set et│\n"},
		{"a long colon command", "a\n", ":0123456789012345678901", "a\n~\n~\n~\n3456789012345678901│\n"},
		{"a tab", "\ta\n", "", "       │ a\n~\n~\n~\n- f 1/1 100%\n"},
		{"a tab, inserting", "\ta\n", "i", "│        a\n~\n~\n~\nI f 1/1 100%\n"},
		{"control characters", "\x01\x7fa\u202e\n", "lll", "^A^?a│.\n~\n~\n~\n- f 1/1 100%\n"},
		{"invalid bytes", "a\xff\xe5b\n", "$", "a..│b\n~\n~\n~\n- f 1/1 100%\n"},
		{"wide characters", "容器abc\n", "ll", "容器│abc\n~\n~\n~\n- f 1/1 100%\n"},
		{"a wide character at the border", strings.Repeat("容", 15) + "\n", "9l", "容容容容容容容容容│容\n~\n~\n~\n- f 1/1 100%\n"},
		{"a wide character cut", strings.Repeat("容", 10) + "b\n", "$", " 容容容容容容容容容│b\n~\n~\n~\n- f 1/1 100%\n"},
		{"a combining character", "u\u0308x\n", "$", "u\u0308│x\n~\n~\n~\n- f 1/1 100%\n"},
		{"a long line", long, "", "│01234567890123456789\n~\n~\n~\n- f 1/1 100%\n"},
		{"a long line's end", "ab\n" + long, "j$", "\n0123456789012345678│9\n~\n~\n- f 2/2 100%\n"},
		{"a long line and back", "ab\n" + long, "j$0", "ab\n│01234567890123456789\n~\n~\n- f 2/2 100%\n"},
		{"down", numbers, "4j", "2\n3\n4\n│5\n- f 5/12 41%\n"},
		{"to the end", numbers, "G", "10\n11\n│12\n~\n- f 12/12 100%\n"},
		{"page", numbers, "<c-f>", "│4\n5\n6\n7\n- f 4/12 33%\n"},
		{"page and back", numbers, "<c-f><c-b>", "1\n2\n3\n│4\n- f 4/12 33%\n"},
		{"half a page", numbers, "<c-d><c-d>", "│3\n4\n5\n6\n- f 3/12 25%\n"},
		{"half a page up", numbers, "G<c-u>", "9\n10\n11\n│12\n- f 12/12 100%\n"},
		{"a line", numbers, "<c-e>", "│2\n3\n4\n5\n- f 2/12 16%\n"},
		{"window", numbers, "<c-f>L", "4\n5\n6\n│7\n- f 7/12 58%\n"},
		{"window's middle", numbers, "<c-f>M", "4\n│5\n6\n7\n- f 5/12 41%\n"},
		{"window's top", numbers, "<c-f>LH", "│4\n5\n6\n7\n- f 4/12 33%\n"},
		{"to the top", numbers, "Ggg", "│1\n2\n3\n4\n- f 1/12 8%\n"},
		{"delete at the end", numbers, "Gdk", "│10\n~\n~\n~\nDelete 2 lines (6 ch\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, _ := newEditor(tt.text)
			e.Resize(20, 5)
			term := newTerminal(20, 5)
			must(t, term.show(e.Draw()))
			typed(e, tt.keys)
			must(t, term.show(e.Draw()))
			if diff := cmp.Diff(tt.want, term.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestResize(t *testing.T) {
	e, _ := newEditor("1\n2\n3\n4\n5\n6\n")
	typed(e, "G")
	e.Draw()
	e.Resize(10, 3)
	term := newTerminal(10, 3)
	must(t, term.show(e.Draw()))
	if got := term.String(); got != "5\n│6\n- f 6/6 10\n" {
		t.Errorf("shows %q", got)
	}
	if again := e.Draw(); strings.Count(string(again), "\x1b") != 1 {
		t.Errorf("draws %q once more", again)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// FuzzEditor types anything into any text. What was drawn step by step is what
// a new drawing shows; undoing all gives the first text.
func FuzzEditor(f *testing.F) {
	for _, keys := range []string{"dwix\x1b.u:%s/e/E/g\r", "2dd\"ap\x1b[A99999999x", "o容器\x1b/o\rnN?x\r", "cw\x16\x1b\tRyz\x1b10|~J>>yy3pG\x06\x02", ":set et ts=3 ic\r:1,$d\ru:w g\r:e g\r", "qfa;,%{}HML'a''ma'a"} {
		f.Add("one two\n\tthree {four}\n容器 \xff\n", []byte(keys), uint8(20), uint8(5))
	}
	f.Fuzz(func(t *testing.T, text string, keys []byte, cols, rows uint8) {
		if len(text) > 2000 || len(keys) > 200 {
			return
		}
		w, h := max(int(cols), 1), max(int(rows), 2)
		e, _ := newEditor(text)
		e.Resize(w, h)
		term := newTerminal(w, h)
		for i := 0; i < len(keys); i += 3 {
			e.Type(keys[i:min(i+3, len(keys))])
			if i%2 == 0 {
				e.Settle()
			}
			if w >= 8 { // narrower ones cannot show a wide character
				must(t, term.show(e.Draw()))
			} else {
				e.Draw()
			}
			if b := e.text.b; len(b) == 0 || b[len(b)-1] != '\n' || e.dot < 0 || e.dot >= len(b) {
				t.Fatalf("the cursor is at %d of %q", e.dot, b)
			}
		}
		if w >= 8 {
			compareFresh(t, e, term)
		}
	})
}

func compareFresh(t *testing.T, e *Editor, term *terminal) {
	t.Helper()
	e.Settle()
	must(t, term.show(e.Draw()))
	fresh := newTerminal(term.cols, len(term.rows))
	e.screen.forget()
	must(t, fresh.show(e.Draw()))
	if diff := cmp.Diff(fresh.String(), term.String()); diff != "" {
		t.Errorf("-new drawing +step by step:\n%s", diff)
	}
}

// FuzzUndo holds that undoing all gives the text as it was.
func FuzzUndo(f *testing.F) {
	f.Add("one two\nthree\n", []byte("dwix\x1bJ.yyp>>:%s/e/EE/g\rrxcwab\x1b~"))
	f.Fuzz(func(t *testing.T, text string, keys []byte) {
		if len(text) > 1000 || len(keys) > 100 {
			return
		}
		e, _ := newEditor(text)
		before := string(e.text.b)
		e.cfg.Files = &memory{files: map[string]string{}}
		e.Type(keys)
		e.Settle()
		e.Type([]byte("\x03\x03"))
		if e.name != "f" || e.Over() || strings.Contains(string(keys), "e") && strings.Contains(string(keys), ":") {
			return // another text
		}
		for range len(e.text.undo) + 1 {
			e.Type([]byte("u"))
		}
		if got := string(e.text.b); got != before || e.text.modified() && e.text.disk == 0 {
			t.Errorf("got %q, want %q", got, before)
		}
	})
}
