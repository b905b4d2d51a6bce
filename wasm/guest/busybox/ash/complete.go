package ash

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"kubergarten/wasm/guest/tty"
)

// complete completes the word before the cursor: with what kubectl offers, with
// names of commands at the start of a command, or of files.
func (ed *editor) complete(line string, pos int, key rune) (string, int, bool) {
	if key != '\t' {
		return "", 0, false
	}
	word, found, space := ed.s.completions(line[:pos])
	if len(found) == 0 {
		return line, pos, true
	}
	common := commonPrefix(found)
	if common == word && len(found) > 1 {
		cols, _, err := tty.Size(0)
		if err != nil || cols <= 0 {
			cols = 80
		}
		_, _ = io.WriteString(ed.term, inColumns(found, cols))
	}
	if len(found) == 1 && space && !strings.HasSuffix(common, "/") {
		common += " "
	}
	start := pos - len(word)
	return line[:start] + common + line[pos:], start + len(common), true
}

// commonPrefix is the characters that all of list begin with.
func commonPrefix(list []string) string {
	common := list[0]
	for _, f := range list[1:] {
		for !strings.HasPrefix(f, common) {
			_, size := utf8.DecodeLastRuneInString(common)
			common = common[:len(common)-size]
		}
	}
	return common
}

// completions finds what the last word of text may become, and whether a space
// follows that.
func (s *Shell) completions(text string) (word string, found []string, space bool) {
	t := readTyped(text)
	if words := s.aliased(t.words); t.plain && len(words) > 0 && words[0] == "kubectl" {
		if found, space, ok := s.offered(words, t.word); ok {
			return t.word, found, space
		}
	}
	word = text[strings.LastIndexAny(text, " \t|&;<>")+1:]
	return word, s.candidates(word, len(t.words) == 0 && t.plain), true
}

// aliased replaces a command's name by what it is an alias for.
func (s *Shell) aliased(words []string) []string {
	if len(words) == 0 || s.aliases[words[0]] == "" {
		return words
	}
	return append(strings.Fields(s.aliases[words[0]]), words[1:]...)
}

// offered asks the program itself; not ok means that files are meant.
func (s *Shell) offered(words []string, word string) (found []string, space, ok bool) {
	args := append([]string{words[0], "__complete"}, words[1:]...)
	c := parseCompletion(s.output(append(args, word), patience))
	found = c.matching(word)
	switch {
	case c.directive&completeError != 0:
		return nil, false, true
	case c.directive&completeExts != 0:
		return s.filesOf(word, c.choices), true, true
	case c.directive&completeDirs != 0:
		return s.filesOf(word, nil), false, true
	}
	return found, c.directive&completeNoSpc == 0, len(found) > 0 || c.directive&completeNoFile != 0
}

// filesOf lists directories, and files with one of the endings. They are a
// flag's where the word is "--flag=file".
func (s *Shell) filesOf(word string, endings []string) (found []string) {
	flag := flagOf(word)
	for _, name := range s.candidates(word[len(flag):], false) {
		ending := strings.TrimPrefix(filepath.Ext(name), ".")
		if strings.HasSuffix(name, "/") || ending != "" && slices.Contains(endings, ending) {
			found = append(found, flag+name)
		}
	}
	return found
}

// patience is how long a program may take to say what it offers. Meanwhile the
// shell hears no key, not even ^C.
const patience = 3 * time.Second

// output runs a program, without input, and returns what it says. It is killed
// when it takes too long.
func (s *Shell) output(words []string, patience time.Duration) string {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return ""
	}
	defer null.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return ""
	}
	c := s.quiet(words, null, w)
	w.Close()
	if c == nil {
		r.Close()
		return ""
	}
	late := time.AfterFunc(patience, func() { _ = syscall.Kill(c.pid, syscall.SIGKILL) })
	text, _ := io.ReadAll(io.LimitReader(r, 1<<20))
	r.Close() // it may have more to say
	c.wait()
	late.Stop()
	return string(text)
}

// quiet starts a program whose errors nobody sees; nil if it cannot.
func (s *Shell) quiet(words []string, null, out *os.File) *child {
	path, status := s.lookup(words[0])
	if status != 0 {
		return nil
	}
	sub := s.clone()
	sub.files = map[int]*os.File{0: null, 1: out, 2: null}
	c, err := sub.start(path, words, false)
	if err != nil {
		return nil
	}
	return c
}

// candidates lists what a word may be completed to, as far as a line can hold it.
func (s *Shell) candidates(word string, first bool) []string {
	dir, base := filepath.Split(word)
	var found []string
	list := func(path, prefix string) {
		entries, _ := os.ReadDir(path)
		for _, e := range entries {
			if name := e.Name(); strings.HasPrefix(name, base) && (base != "" || name[0] != '.') && utf8.ValidString(name) {
				if e.IsDir() {
					name += "/"
				}
				found = append(found, prefix+name)
			}
		}
	}
	if first && dir == "" {
		for _, path := range strings.Split(s.get("PATH"), ":") {
			list(path, "")
		}
		for _, name := range names() {
			if strings.HasPrefix(name, base) {
				found = append(found, name)
			}
		}
	} else {
		list(s.path(dir+"."), dir)
	}
	slices.Sort(found)
	return slices.Compact(found)
}
