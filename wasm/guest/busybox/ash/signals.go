package ash

import (
	"strconv"
	"strings"
)

// signalNames are Linux' signals by number.
func signalNames() []string {
	return []string{
		"EXIT", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
		"STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "POLL", "PWR", "SYS",
	}
}

// SignalName returns a signal's name without SIG, or its number.
func SignalName(n int) string {
	if names := signalNames(); n >= 0 && n < len(names) {
		return names[n]
	}
	return strconv.Itoa(n)
}

// SignalNumber understands 15, TERM, SIGTERM, term; -1 if it is no signal.
func SignalNumber(word string) int {
	if n, err := strconv.Atoi(word); err == nil {
		if n < 0 || n > 64 {
			return -1
		}
		return n
	}
	word = strings.TrimPrefix(strings.ToUpper(word), "SIG")
	for n, name := range signalNames() {
		if name == word {
			return n
		}
	}
	return -1
}

// deathText is how ash reports what a signal ended.
func deathText(n int) string {
	switch SignalName(n) {
	case "HUP":
		return "Hangup"
	case "QUIT":
		return "Quit"
	case "ILL":
		return "Illegal instruction"
	case "ABRT":
		return "Aborted"
	case "KILL":
		return "Killed"
	case "USR1":
		return "User defined signal 1"
	case "SEGV":
		return "Segmentation fault"
	case "USR2":
		return "User defined signal 2"
	case "ALRM":
		return "Alarm clock"
	case "TERM":
		return "Terminated"
	}
	return ""
}
