package resource

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"

	"kubergarten/ui/kube"
)

// A logTail keeps the last lines of a log.
type logTail struct {
	mu  sync.Mutex
	now logState
}

// A logState is what is known of a log.
type logState struct {
	Lines []string
	Cut   bool // there is more before the first line
	Ended bool
	Err   error // why there is no more of it
	begun int   // how often the log was begun
	lost  int   // how many lines there were before the first
	// settled: what the log held at the beginning had its time to come.
	settled bool
	// division and newer divide the lines for the page, see logScene.
	division, newer int
}

// unknown tells whether it is not known yet what there was of the log.
func (l logState) unknown() bool {
	return !l.Ended && l.Err == nil && (!l.settled || len(l.Lines) == 0)
}

// head are the lines that do not change, tail are those that came since.
func (l logState) head() string { return joined(l.Lines[:max(0, len(l.Lines)-l.newer)]) }
func (l logState) tail() string { return joined(l.Lines[max(0, len(l.Lines)-l.newer):]) }

func (l logState) tailID() string { return fmt.Sprintf("resource-log-%d", l.division) }

func joined(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

func (l *logTail) state() logState {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.now
	s.Lines = slices.Clone(s.Lines)
	return s
}

func (l *logTail) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now.Lines = append(l.now.Lines, line)
	if n := len(l.now.Lines) - longestLog; n > newest {
		l.now.Lines, l.now.Cut = slices.Clone(l.now.Lines[n:]), true
		l.now.lost += n
	}
}

// end notes that the log ended, with an error or without.
func (l *logTail) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now.Ended, l.now.Err = err == nil, err
}

// begin forgets what was read.
func (l *logTail) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = logState{begun: l.now.begun + 1, settled: l.now.settled}
}

// settle notes that what the log held at the beginning had its time to come.
func (l *logTail) settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now.settled = true
}

// read reads a log to its end and tells more of each line.
func (l *logTail) read(ctx context.Context, c *kube.Client, q url.Values, follow bool, more ...func()) error {
	log, err := c.Logs(ctx, q.Get("namespace"), q.Get("name"), kube.LogOptions{
		Container: q.Get("container"), Previous: q.Get("previous") != "", Follow: follow, Tail: longestLog,
	})
	if err != nil {
		return err
	}
	defer log.Close()
	for in := bufio.NewReaderSize(log, 2*longestLine); ; {
		line, err := readLine(in)
		if line != "" || err == nil {
			l.add(strip(line))
			for _, tell := range more {
				tell()
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// readLine reads a line; of one that is too long, the beginning.
func readLine(in *bufio.Reader) (string, error) {
	line, isPrefix, err := in.ReadLine()
	s := string(line)
	for isPrefix && err == nil {
		_, isPrefix, err = in.ReadLine()
	}
	return s, err
}
