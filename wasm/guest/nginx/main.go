package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
)

const configFile = "/etc/nginx/nginx.conf"

func main() {
	debug.SetGCPercent(20) // a small process rather than a fast one
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// arguments are nginx's options.
type arguments struct {
	file, global, signal string
	test, version, quiet bool
}

func parseArguments(args []string) (a arguments, err error) {
	a.file = configFile
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		switch word {
		case "-t":
			a.test = true
		case "-q":
			a.quiet = true
		case "-v", "-V":
			a.version = true
		case "-h", "-?":
			return a, errUsage
		case "-c", "-g", "-s", "-e", "-p":
			if len(args) == 0 {
				return a, fmt.Errorf("option %q requires parameter", word)
			}
			switch word {
			case "-c":
				a.file = args[0]
			case "-g":
				a.global = args[0]
			case "-s":
				a.signal = args[0]
			}
			args = args[1:]
		default:
			return a, fmt.Errorf("invalid option: %q", word)
		}
	}
	return a, nil
}

var errUsage = errors.New("usage")

func run(args []string, out, errs io.Writer) int {
	a, err := parseArguments(args)
	n := &nginx{version: version(), out: out, errs: errs, file: a.file, global: a.global}
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprintf(errs, "nginx version: nginx/%s\nUsage: nginx [-?hvVtTq] [-s signal] [-p prefix]\n             [-e filename] [-c filename] [-g directives]\n", n.version)
		return 0
	case err != nil:
		fmt.Fprintf(errs, "nginx: %v\n", err)
		return 1
	case a.version:
		fmt.Fprintf(errs, "nginx version: nginx/%s\n", n.version)
		return 0
	case a.signal != "":
		return n.signal(a.signal)
	}
	c, err := load(a.file, a.global)
	if err != nil {
		fmt.Fprintf(errs, "nginx: [emerg] %v\n", err)
		if a.test {
			fmt.Fprintf(errs, "nginx: configuration file %s test failed\n", a.file)
		}
		return 1
	}
	if a.test {
		if !a.quiet {
			fmt.Fprintf(errs, "nginx: the configuration file %s syntax is ok\nnginx: configuration file %s test is successful\n", a.file, a.file)
		}
		return 0
	}
	n.config = c
	return n.serve()
}

// version is the image's, as its environment says.
func version() string {
	if v := os.Getenv("NGINX_VERSION"); v != "" {
		return v
	}
	return "1.27.5"
}

// signal is -s: it tells the running server.
func (n *nginx) signal(name string) int {
	signals := map[string]syscall.Signal{"stop": syscall.SIGTERM, "quit": syscall.SIGQUIT, "reload": syscall.SIGHUP, "reopen": syscall.SIGUSR1}
	sig, ok := signals[name]
	if !ok {
		fmt.Fprintf(n.errs, "nginx: invalid option: \"-s %s\"\n", name)
		return 1
	}
	c, err := load(n.file, n.global)
	if err != nil {
		fmt.Fprintf(n.errs, "nginx: [emerg] %v\n", err)
		return 1
	}
	text, err := os.ReadFile(c.pid)
	if err != nil {
		fmt.Fprintf(n.errs, "nginx: [error] %v\n", openError(c.pid, err))
		return 1
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		fmt.Fprintf(n.errs, "nginx: [error] invalid PID number %q in %q\n", strings.TrimSpace(string(text)), c.pid)
		return 1
	}
	if err := syscall.Kill(pid, sig); err != nil {
		no, text := errnoOf(err)
		fmt.Fprintf(n.errs, "nginx: [alert] kill(%d, %d) failed (%d: %s)\n", pid, sig, no, text)
		return 1
	}
	return 0
}

// errnoOf is an error's number and text as Linux has them.
func errnoOf(err error) (int, string) {
	linux := []struct {
		errno syscall.Errno
		n     int
		text  string
	}{
		{syscall.EPERM, 1, "Operation not permitted"},
		{syscall.ENOENT, 2, "No such file or directory"},
		{syscall.ESRCH, 3, "No such process"},
		{syscall.EACCES, 13, "Permission denied"},
		{syscall.ENOTDIR, 20, "Not a directory"},
		{syscall.EISDIR, 21, "Is a directory"},
		{syscall.EROFS, 30, "Read-only file system"},
		{syscall.EADDRINUSE, 98, "Address already in use"},
		{syscall.EADDRNOTAVAIL, 99, "Cannot assign requested address"},
		{syscall.ECONNRESET, 104, "Connection reset by peer"},
		{syscall.ETIMEDOUT, 110, "Connection timed out"},
		{syscall.ECONNREFUSED, 111, "Connection refused"},
		{syscall.EHOSTUNREACH, 113, "No route to host"},
	}
	for _, e := range linux {
		if errors.Is(err, e.errno) {
			return e.n, e.text
		}
	}
	return 0, err.Error()
}
