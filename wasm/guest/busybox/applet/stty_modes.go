package applet

import (
	"fmt"
	"strconv"
	"strings"

	"kubergarten/wasm/guest/tty"
)

// baud is the speed every terminal claims.
const baud = 38400

// The groups in which stty shows the modes.
const (
	controlModes = iota
	inputModes
	outputModes
	localModes
	combinations // are not shown
)

// sanity is how `stty sane` would have a mode.
type sanity byte

const (
	noSane sanity = iota
	saneOn
	saneOff
)

// A ttyMode is a word of stty's. Modes without bits are always as on says.
type ttyMode struct {
	name  string
	group int
	sane  sanity
	rev   bool // "-name" is a word too
	bits  tty.Mode
	on    bool
}

// ttyModes is the table of modes, in the order in which they are shown.
func ttyModes() []ttyMode {
	return append(inAndOut(), []ttyMode{
		{"isig", localModes, saneOn, true, tty.Signals, false},
		{"icanon", localModes, saneOn, true, tty.Canon, false},
		{"iexten", localModes, saneOn, true, 0, true},
		{"echo", localModes, saneOn, true, tty.Echo, false},
		{"echoe", localModes, saneOn, true, 0, true},
		{"echok", localModes, saneOn, true, 0, true},
		{"echonl", localModes, saneOff, true, 0, false},
		{"noflsh", localModes, saneOff, true, 0, false},
		{"xcase", localModes, saneOff, true, 0, false},
		{"tostop", localModes, saneOff, true, 0, false},
		{"echoprt", localModes, saneOff, true, 0, false},
		{"echoctl", localModes, saneOn, true, 0, true},
		{"echoke", localModes, saneOn, true, 0, true},
		{"flusho", localModes, saneOff, true, 0, false},
		{"extproc", localModes, saneOff, true, 0, false},
		{"sane", combinations, noSane, false, tty.Cooked, true},
		{"cooked", combinations, noSane, true, tty.Cooked &^ tty.Echo, true},
		{"raw", combinations, noSane, true, tty.Cooked &^ tty.Echo, false},
		{"cbreak", combinations, noSane, true, tty.Canon, false},
		{"nl", combinations, noSane, true, tty.Return | tty.Output, false},
		{"crt", combinations, noSane, false, 0, true},
		{"ek", combinations, noSane, false, 0, true},
	}...)
}

// inAndOut are the modes of the line, of input and of output. A newline is
// translated if opost and onlcr are on; here they are one.
func inAndOut() []ttyMode {
	return []ttyMode{
		{"parenb", controlModes, noSane, true, 0, false},
		{"parodd", controlModes, noSane, true, 0, false},
		{"cs8", controlModes, noSane, false, 0, true},
		{"hupcl", controlModes, noSane, true, 0, false},
		{"cstopb", controlModes, noSane, true, 0, false},
		{"cread", controlModes, saneOn, true, 0, true},
		{"clocal", controlModes, noSane, true, 0, false},
		{"crtscts", controlModes, noSane, true, 0, false},
		{"ignbrk", inputModes, saneOff, true, 0, false},
		{"brkint", inputModes, saneOn, true, 0, false},
		{"ignpar", inputModes, noSane, true, 0, false},
		{"parmrk", inputModes, noSane, true, 0, false},
		{"inpck", inputModes, noSane, true, 0, false},
		{"istrip", inputModes, noSane, true, 0, false},
		{"inlcr", inputModes, saneOff, true, 0, false},
		{"igncr", inputModes, saneOff, true, 0, false},
		{"icrnl", inputModes, saneOn, true, tty.Return, false},
		{"ixon", inputModes, noSane, true, 0, false},
		{"ixoff", inputModes, saneOff, true, 0, false},
		{"iuclc", inputModes, saneOff, true, 0, false},
		{"ixany", inputModes, saneOff, true, 0, false},
		{"imaxbel", inputModes, saneOn, true, 0, false},
		{"iutf8", inputModes, saneOff, true, 0, true},
		{"opost", outputModes, saneOn, true, tty.Output, false},
		{"olcuc", outputModes, saneOff, true, 0, false},
		{"ocrnl", outputModes, saneOff, true, 0, false},
		{"onlcr", outputModes, saneOn, true, tty.Output, false},
		{"onocr", outputModes, saneOff, true, 0, false},
		{"onlret", outputModes, saneOff, true, 0, false},
		{"ofill", outputModes, saneOff, true, 0, false},
		{"ofdel", outputModes, saneOff, true, 0, false},
		{"nl0", outputModes, saneOn, false, 0, true},
		{"cr0", outputModes, saneOn, false, 0, true},
		{"tab0", outputModes, saneOn, false, 0, true},
		{"bs0", outputModes, saneOn, false, 0, true},
		{"vt0", outputModes, saneOn, false, 0, true},
		{"ff0", outputModes, saneOn, false, 0, true},
	}
}

// findMode finds a mode by its word; on is what the word asks of its bits.
func findMode(word string) (m ttyMode, on, ok bool) {
	name, off := strings.CutPrefix(word, "-")
	for _, m := range ttyModes() {
		if m.name == name && (m.rev || !off) {
			combined := m.group == combinations
			return m, !combined && !off || combined && m.on != off, true
		}
	}
	return ttyMode{}, false, false
}

// A controlChar is a key with a meaning.
type controlChar struct{ name, value string }

func controlChars() []controlChar {
	return []controlChar{
		{"intr", "^C"},
		{"quit", "^\\"},
		{"erase", "^?"},
		{"kill", "^U"},
		{"eof", "^D"},
		{"eol", undefined},
		{"eol2", undefined},
		{"swtch", undefined},
		{"start", undefined},
		{"stop", undefined},
		{"susp", undefined},
		{"rprnt", undefined},
		{"werase", "^W"},
		{"lnext", undefined},
		{"flush", undefined},
	}
}

const undefined = "<undef>"

// A termiosFlag is a mode's place in Linux's termios: in the word of input,
// output, control or local modes.
type termiosFlag struct {
	mode tty.Mode
	word int
	bits int64
}

func termiosFlags() []termiosFlag {
	return []termiosFlag{
		{tty.Return, 0, 0o400},
		{tty.Output, 1, 0o1 | 0o4},
		{tty.Signals, 3, 0o1},
		{tty.Canon, 3, 0o2},
		{tty.Echo, 3, 0o10},
	}
}

// savedChars are the control characters as `stty -g` prints them.
const savedChars = ":3:1c:7f:15:4:0:1:0:0:0:0:0:0:0:17:0:0" + ":0:0:0:0:0:0:0:0:0:0:0:0:0:0:0"

// saved is the mode as `stty -g` prints it.
func saved(m tty.Mode) string {
	// iutf8; 38400 baud, cs8, cread; iexten, echoctl, echoke, echoe, echok
	words := [4]int64{0o40000, 0, 0xbf, 0x8a30}
	for _, f := range termiosFlags() {
		if m&f.mode != 0 {
			words[f.word] |= f.bits
		}
	}
	return fmt.Sprintf("%x:%x:%x:%x", words[0], words[1], words[2], words[3]) + savedChars
}

// restored reads what `stty -g` has printed.
func restored(word string) (m tty.Mode, ok bool) {
	if !strings.HasSuffix(word, savedChars) {
		return 0, false
	}
	fields := strings.Split(strings.TrimSuffix(word, savedChars), ":")
	if len(fields) != 4 {
		return 0, false
	}
	for _, f := range termiosFlags() {
		if v, err := strconv.ParseInt(fields[f.word], 16, 64); err != nil {
			return 0, false
		} else if v&f.bits == f.bits {
			m |= f.mode
		}
	}
	return m, true
}
