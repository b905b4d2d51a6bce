package applet

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Version is what --help and a bare busybox print.
const Version = "BusyBox v1.36.1 (Kubergarten) multi-call binary."

// A Proc is what an applet sees of its process.
type Proc struct {
	Name  string
	Args  []string // without the name
	In    io.Reader
	Out   *bufio.Writer
	Err   io.Writer
	usage string
	says  string // the name in messages, if not Name
}

// An Applet is one command.
type Applet struct {
	Name  string
	Usage string // what follows the name in "Usage:"
	Run   func(p *Proc) int
}

// Main runs busybox under any of its names and returns the exit status.
func Main(argv []string) int {
	name := "busybox"
	if len(argv) > 0 {
		name = strings.TrimPrefix(filepath.Base(argv[0]), "-")
		argv = argv[1:]
	}
	if name == "busybox" || name == "busybox.wasm" {
		return multiCall(argv)
	}
	return run(name, argv, os.Stdin, os.Stdout, os.Stderr)
}

// multiCall is `busybox`, `busybox --list` and `busybox NAME ...`.
func multiCall(args []string) int {
	switch {
	case len(args) == 0 || args[0] == "--help":
		fmt.Print(Version + "\n\nUsage: busybox [function [arguments]...]\n   or: busybox --list\n   or: function [arguments]...\n\nCurrently defined functions:\n")
		printNames(os.Stdout)
		return 0
	case args[0] == "--list":
		for _, a := range Applets() {
			fmt.Println(a.Name)
		}
		return 0
	}
	return run(args[0], args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// printNames wraps the names as busybox does.
func printNames(w io.Writer) {
	line := "\t"
	list := Applets()
	for i, a := range list {
		word := a.Name
		if i < len(list)-1 {
			word += ", "
		}
		if len(line)+len(word) > 74 {
			fmt.Fprintln(w, strings.TrimRight(line, " "))
			line = "\t"
		}
		line += word
	}
	fmt.Fprintln(w, line)
}

// run runs one applet by name.
func run(name string, args []string, in io.Reader, out, errs io.Writer) int {
	for _, a := range Applets() {
		if a.Name != name {
			continue
		}
		p := &Proc{Name: name, Args: args, In: in, Out: bufio.NewWriterSize(out, 4096), Err: errs, usage: a.Usage}
		if len(args) == 1 && args[0] == "--help" && name != "echo" && name != "test" && name != "[" && name != "true" && name != "false" {
			return p.help(0)
		}
		status := a.Run(p)
		if err := p.Out.Flush(); err != nil && status == 0 {
			status = 1
		}
		return status
	}
	fmt.Fprintf(errs, "%s: applet not found\n", name)
	return 127
}

// help prints the usage to standard error.
func (p *Proc) help(status int) int {
	p.flush()
	fmt.Fprintf(p.Err, "%s\n\nUsage: %s %s\n", Version, p.Name, p.usage)
	return status
}

func (p *Proc) flush() { p.Out.Flush() }

func (p *Proc) print(a ...any)                 { fmt.Fprint(p.Out, a...) }
func (p *Proc) println(a ...any)               { fmt.Fprintln(p.Out, a...) }
func (p *Proc) printf(format string, a ...any) { fmt.Fprintf(p.Out, format, a...) }

// fail prints "NAME: message" and returns 1.
func (p *Proc) fail(format string, a ...any) int {
	p.flush()
	name := p.Name
	if p.says != "" {
		name = p.says
	}
	fmt.Fprintf(p.Err, name+": "+format+"\n", a...)
	return 1
}

// fail2 prints to standard error without the applet's name.
func (p *Proc) fail2(format string, a ...any) {
	p.flush()
	fmt.Fprintf(p.Err, format+"\n", a...)
}

// failed prints "NAME: what: reason" and returns 1.
func (p *Proc) failed(err error, format string, a ...any) int {
	return p.fail("%s: %s", fmt.Sprintf(format, a...), reason(err))
}

// cannotOpen is the message of most applets that read files.
func (p *Proc) cannotOpen(name string, err error) int {
	return p.failed(err, "can't open '%s'", name)
}

// reason is an error's cause in the words of strerror.
func reason(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		if errno == syscall.EHOSTUNREACH {
			return "No route to host"
		}
		text := errno.Error()
		return strings.ToUpper(text[:1]) + text[1:]
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "No such file or directory"
	case errors.Is(err, fs.ErrExist):
		return "File exists"
	case errors.Is(err, fs.ErrPermission):
		return "Permission denied"
	}
	return err.Error()
}

// open opens a file to read; "-" is standard input.
func (p *Proc) open(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(p.In), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	if fi, err := f.Stat(); err == nil && fi.IsDir() {
		f.Close()
		return nil, &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	}
	return f, nil
}

// eachFile runs do for every file, or for standard input if there is none.
func (p *Proc) eachFile(names []string, do func(name string, r io.Reader) error) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	status := 0
	for _, name := range names {
		f, err := p.open(name)
		if errors.Is(err, syscall.EISDIR) {
			status = p.fail("read error: Is a directory")
			continue
		}
		if err != nil {
			status = p.cannotOpen(name, err)
			continue
		}
		err = do(name, f)
		f.Close()
		if errors.Is(err, errSaid) {
			status = 1
		} else if err != nil && !errors.Is(err, errStop) {
			status = p.failed(err, "%s", name)
		}
		if p.broken() {
			return 1
		}
	}
	return status
}

// errStop ends eachFile's do early without a message.
var errStop = errors.New("stop")

// broken tells whether nobody reads the output any more.
func (p *Proc) broken() bool {
	_, err := p.Out.Write(nil)
	return err != nil
}

// lines calls do for every line, without its newline, until it returns false.
func lines(r io.Reader, do func(line string) bool) error {
	br := bufio.NewReaderSize(r, 4096)
	for {
		line, err := br.ReadString('\n')
		if line != "" && !do(strings.TrimSuffix(line, "\n")) {
			return nil
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
