// Command guest is what the tests run in containers: guest WORD ARGUMENTS.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// words returns what there is; it is a function, for run uses it.
func words() map[string]func(args []string) int {
	return map[string]func(args []string) int{
		"echo":  func(args []string) int { fmt.Println(strings.Join(args, " ")); return 0 },
		"warn":  func(args []string) int { fmt.Fprintln(os.Stderr, strings.Join(args, " ")); return 0 },
		"part":  func(args []string) int { fmt.Print(strings.Join(args, " ")); return 0 },
		"exit":  func(args []string) int { n, _ := strconv.Atoi(args[0]); return n },
		"sleep": func(args []string) int { d, _ := time.ParseDuration(args[0]); time.Sleep(d); return 0 },
		"env":   func([]string) int { fmt.Println(strings.Join(os.Environ(), "\n")); return 0 },
		"pwd":   func([]string) int { wd, _ := os.Getwd(); fmt.Println(wd); return 0 },
		"cat":   cat,
		"write": write,
		"upper": upper,
		"spin": func([]string) int {
			for i := 0; ; i++ {
				sink = i
			}
		},
		"eat":   eat,
		"flood": flood,
		"open":  open,
		"fill":  fill,
		"panic": func([]string) int { panic("as told") },
		"run":   run,
	}
}

var sink any

func main() {
	args := os.Args
	if args[0] == "guest" || strings.HasSuffix(args[0], "busybox") {
		args = args[1:]
	}
	f, ok := words()[args[0]]
	if !ok {
		fmt.Fprintln(os.Stderr, "no such word:", args[0])
		os.Exit(64)
	}
	os.Exit(f(args[1:]))
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func cat(args []string) int {
	for _, a := range args {
		b, err := os.ReadFile(a)
		if err != nil {
			return fail(err)
		}
		os.Stdout.Write(b)
	}
	return 0
}

func write(args []string) int {
	if err := os.WriteFile(args[0], []byte(args[1]), 0o644); err != nil {
		return fail(err)
	}
	return 0
}

// upper echoes lines in upper case until "quit".
func upper([]string) int {
	fmt.Println("READY")
	for s := bufio.NewScanner(os.Stdin); s.Scan(); {
		if s.Text() == "quit" {
			return 7
		}
		fmt.Println(strings.ToUpper(s.Text()))
	}
	return 0
}

func eat([]string) int {
	for all := [][]byte{}; ; {
		b := make([]byte, 1<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		all = append(all, b)
		sink = all
	}
}

func flood([]string) int {
	line := strings.Repeat("x", 99) + "\n"
	for {
		io.WriteString(os.Stdout, line)
	}
}

func open([]string) int {
	for i := range 100_000 {
		f, err := os.Open("/etc/passwd")
		if err != nil {
			fmt.Println(i > 100, err)
			return 0
		}
		sink = []any{sink, f}
	}
	return 1
}

func fill(args []string) int {
	f, err := os.Create(args[0])
	if err != nil {
		return fail(err)
	}
	for b := make([]byte, 1<<20); ; {
		if _, err := f.Write(b); err != nil {
			return fail(err)
		}
	}
}

// run does several words, each up to a comma.
func run(args []string) int {
	var cmd []string
	for _, a := range append(args, ",") {
		if a != "," {
			cmd = append(cmd, a)
			continue
		}
		if code := words()[cmd[0]](cmd[1:]); code != 0 {
			return code
		}
		cmd = nil
	}
	return 0
}
