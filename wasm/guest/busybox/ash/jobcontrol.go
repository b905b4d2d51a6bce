package ash

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// wait waits for all jobs or those named; a trapped signal ends it.
func wait(s *Shell, args []string) int {
	if len(args) == 0 {
		for _, j := range s.jobs.all() {
			if status, interrupted := s.await(j); interrupted {
				return status
			}
			s.jobs.remove(j)
		}
		return 0
	}
	status := 0
	for _, word := range args {
		j := s.jobs.find(word)
		if j == nil {
			status = 127
			continue
		}
		var interrupted bool
		if status, interrupted = s.await(j); interrupted {
			return status
		}
		s.jobs.remove(j)
	}
	return status
}

func (s *Shell) await(j *job) (status int, interrupted bool) {
	for {
		select {
		case <-j.done:
			return j.status, false
		case sig := <-s.due():
			n := 0
			if sig, ok := sig.(syscall.Signal); ok {
				n = int(sig)
			}
			if s.traps.actions[SignalName(n)] == "" {
				continue
			}
			s.status = 128 + n
			s.runTrap(sig)
			if s.flow.kind == exiting {
				return s.status, true
			}
			return 128 + n, true
		}
	}
}

// due is where trapped signals come; nil, which never does, without traps.
func (s *Shell) due() chan os.Signal { return s.traps.due }

func jobsBuiltin(s *Shell, args []string) int {
	pids := len(args) > 0 && args[0] == "-p"
	list := s.jobs.all()
	for i, j := range list {
		switch {
		case pids:
			fmt.Fprintln(s.out(), j.pid)
		default:
			fmt.Fprintln(s.out(), j.line(mark(i, len(list))))
		}
		if j.ended() {
			s.jobs.remove(j)
		}
	}
	return 0
}

func mark(i, n int) string {
	switch i {
	case n - 1:
		return "+"
	case n - 2:
		return "-"
	}
	return " "
}

// line is how `jobs` shows a job.
func (j *job) line(mark string) string {
	state := "Running"
	if j.ended() {
		switch {
		case j.status == 0:
			state = "Done"
		case j.status > 128 && deathText(j.status-128) != "":
			state = deathText(j.status - 128)
		default:
			state = fmt.Sprintf("Done(%d)", j.status)
		}
	}
	return fmt.Sprintf("[%d] %s %-26s %s", j.number, mark, state, j.text)
}

// reportJobs tells an interactive user of the jobs that ended.
func (s *Shell) reportJobs() {
	list := s.jobs.all()
	for i, j := range list {
		if j.ended() {
			fmt.Fprintln(s.errs(), strings.Replace(j.line(mark(i, len(list))), "] ", "]", 1))
			s.jobs.remove(j)
		}
	}
}

// kill is a builtin for the sake of %N.
func kill(s *Shell, args []string) int {
	for i, word := range args {
		if !strings.HasPrefix(word, "%") {
			continue
		}
		j := s.jobs.find(word)
		if j == nil {
			return s.fail(1, "kill: %s: no such job", word)
		}
		args[i] = strconv.Itoa(j.pid)
	}
	return Kill(args, s.out(), func(format string, a ...any) {
		s.fail(1, "kill: "+format, a...)
	})
}

func (s *Shell) noJobControl(name string, args []string) int {
	switch name {
	case "hash":
		return 0
	case "fc":
		return s.fail(1, "fc: not found")
	case "fg":
		j := s.jobs.find(strings.Join(append(args, ""), ""))
		if len(args) == 0 {
			j = s.jobs.find("%%")
		}
		if j == nil {
			return s.fail(2, "fg: no current job")
		}
		fmt.Fprintln(s.out(), j.text)
		status, interrupted := s.await(j)
		if !interrupted {
			s.jobs.remove(j)
		}
		return status
	}
	return s.fail(2, "%s: job (null) not created under job control", name)
}
