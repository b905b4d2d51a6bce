package guesttest

import (
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/remotecommand"

	"kubergarten/engine/cri"
)

// The shell's own table runs natively, in wasm/guest/busybox/applet. Here is
// what needs the host: processes, pipes, signals, files, the network.
func TestShell(t *testing.T) {
	l := getLab(t)
	id := l.busybox(t)
	for _, tt := range []struct {
		name, script, want string
		code               int32
	}{
		{"pipeline of programs", `seq 1000 | grep 7 | tail -n 1 | cat`, "997\n", 0},
		{"big pipe", `head -c 300000 /dev/zero | wc -c`, "300000\n", 0},
		{"yes head", `yes | head -n 2`, "y\ny\n", 0},
		{"substitution", `x=$(cat /etc/hostname); [ "$x" = "$(hostname)" ] && echo same`, "same\n", 0},
		{"here-doc to a program", "cat <<E | sort\nb\na\nE\n", "a\nb\n", 0},
		{"read then program", `printf 'a\nb\nc\n' >/tmp/f; { read x; echo "[$x]"; cat; } </tmp/f`, "[a]\nb\nc\n", 0},
		{"while read with programs", `seq 3 | while read n; do expr $n + 1; done`, "2\n3\n4\n", 0},
		{"status", `sh -c 'exit 9'; echo $?`, "9\n", 0},
		{"tail command's status", `true; ls /nope`, "ls: /nope: No such file or directory\n", 1},
		{"not found", `nosuch`, "sh: nosuch: not found\n", 127},
		{"not found with path", `./nosuch; echo $?`, "sh: ./nosuch: not found\n127\n", 0},
		{"not executable", `/etc/passwd; echo $?`, "sh: /etc/passwd: Permission denied\n126\n", 0},
		{"script with interpreter", `printf '#!/bin/sh\necho "$1" $0\n' >/tmp/s; chmod +x /tmp/s; /tmp/s arg`, "arg /tmp/s\n", 0},
		{"script without", `printf 'echo plain $1\n' >/tmp/s2; chmod 755 /tmp/s2; /tmp/s2 x`, "plain x\n", 0},
		{"background and wait", `sleep 0.05 & p=$!; kill -0 $p && echo alive; wait $p; echo $?`, "alive\n0\n", 0},
		{"kill background", `sleep 100 & kill $!; wait $!; echo $?`, "143\n", 0},
		{"trap", `trap 'echo got; exit 3' TERM; kill $$; while :; do sleep 0.05; done`, "got\n", 3},
		{"trap interrupts wait", `trap 'echo got' USR1; (sleep 0.3; kill -USR1 $$) & sleep 50 & wait $!; echo $?; kill $!`, "got\n138\n", 0},
		{"trap exit", `trap 'echo bye' EXIT; true`, "bye\n", 0},
		{"ps sees children", `sleep 77 & ps -o args | grep -c '^sleep 77'; kill $!`, "1\n", 0},
		{"exec keeps the pid", `a=$$; exec sh -c '[ $$ = '$a' ] && echo same'`, "same\n", 0},
		{"cd and relative", `mkdir -p /tmp/dd; cd /tmp/dd; echo x >f; ls; cat f; pwd`, "f\nx\n/tmp/dd\n", 0},
		{"modes", `umask 077; echo x >/tmp/m; stat -c %a /tmp/m; chmod 644 /tmp/m; ls -l /tmp/m | cut -c1-10`, "600\n-rw-r--r--\n", 0},
		{"read-only", `echo x >/proc/version; echo $?`, "sh: can't create /proc/version: Permission denied\n1\n", 0},
		{"tar", `mkdir -p /tmp/t; echo a >/tmp/t/a; tar czf /tmp/t.tgz -C /tmp t; tar xzf /tmp/t.tgz -C /var; cat /var/t/a`, "a\n", 0},
		{"find and xargs", `mkdir -p /tmp/fx; touch /tmp/fx/1 /tmp/fx/2; find /tmp/fx -type f | sort | xargs -n 1 basename`, "1\n2\n", 0},
		{"env", `A=1 env | grep ^A=; env -u PATH /bin/env | grep -c PATH`, "A=1\n0\n", 1},
		{"timeout", `timeout 0.1 sleep 9; echo $?`, "Terminated\n143\n", 0},
		{"killall", `sleep 88 & sleep 88 & killall sleep88 2>&1; pidof nosuch || echo none; wait -n 2>/dev/null; kill %1 %2`, "killall: sleep88: no process killed\nnone\n", 0},
		{"awk", `ls / | awk 'END {print NR > 3}'; awk 'BEGIN {"echo sub" | getline x; print x; system("echo sys")}'; rm -f 3`, "sub\nsys\n", 0},
		{"busybox", `busybox echo hi; busybox nosuch; echo $?`, "hi\nnosuch: applet not found\n127\n", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, code := l.sh(t, id, tt.script)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
		})
	}
}

// A screen is a terminal's output.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestInteractive is `kubectl exec -it POD -- sh`.
func TestInteractive(t *testing.T) {
	l := getLab(t)
	id := l.busybox(t)
	in, keys := io.Pipe()
	out := &screen{}
	sizes := make(chan remotecommand.TerminalSize, 1)
	sizes <- remotecommand.TerminalSize{Width: 80, Height: 24}
	done := make(chan int32, 1)
	go func() {
		code, err := l.Exec(t.Context(), id, []string{"sh"}, cri.Streams{Stdin: in, Stdout: out, TTY: true, Resize: sizes})
		if err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
		done <- code
	}()
	eventually(t, out.String, "/ # ")
	for _, step := range []struct{ keys, want string }{
		{"echo one\r", "\r\none\r\n/ # "},
		{"cd /tm\t\r", "/tmp # "},
		{"\x1b[A\x1b[A\r", "one\r\n/tmp # "},                    // history
		{"for i in 1 2\rdo echo x$i\rdone\r", "x1\r\nx2\r\n"},   // a command of many lines
		{"sleep 100\r", "sleep 100"},                            //
		{"\x03", "/tmp # "},                                     // ^C ends the child, not the shell
		{"echo $?\r", "130"},                                    //
		{"halfway\x03", "/tmp # "},                              // ^C drops the line
		{"stty size; tty -s && echo tty\r", "24 80\r\ntty\r\n"}, //
		{"exit 4\r", "exit 4"},                                  //
	} {
		before := len(out.String())
		io.WriteString(keys, step.keys)
		eventually(t, func() string { return out.String()[before:] }, step.want)
		if step.keys == "sleep 100\r" {
			eventually(t, func() string { s, _ := l.sh(t, id, "ps"); return s }, "sleep 100")
		}
	}
	select {
	case code := <-done:
		if code != 4 {
			t.Errorf("exit code %d", code)
		}
	case <-time.After(time.Minute):
		t.Fatal("the shell does not end")
	}
	keys.Close()
}
