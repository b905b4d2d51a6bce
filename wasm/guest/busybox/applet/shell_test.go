package applet

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// conformance is what a POSIX shell does, and how ash words it. Run it on a
// real busybox to check the table.
var conformance = []struct {
	name, script, out string
	errs              string
	status            int
}{
	{"echo", `echo a  b "c  d"`, "a b c  d\n", "", 0},
	{"single quotes", `echo '$x \n'`, "$x \\n\n", "", 0},
	{"variable", `x=1; echo $x "${x}2"`, "1 12\n", "", 0},
	{"default", `echo ${x:-d} ${x-e} ${x:=f} $x ${x:+g}`, "d e f f g\n", "", 0},
	{"length", `x=hello; echo ${#x}`, "5\n", "", 0},
	{"trim", `x=a.b.c; echo ${x%.*} ${x%%.*} ${x#*.} ${x##*.}`, "a.b a b.c c\n", "", 0},
	{"substring", `x=hello; echo ${x:1:3} ${x/l/L} ${x//l/L}`, "ell heLlo heLLo\n", "", 0},
	{"unset with message", `echo ${x:?gone}; echo no`, "", "sh: x: gone\n", 2},
	{"nounset", `set -u; echo $x; echo no`, "", "sh: x: parameter not set\n", 2},
	{"arithmetic", `x=3; echo $((x*2+1)) $((x>2)) $((x++)) $x $((010)) $((0x10))`, "7 1 3 4 8 16\n", "", 0},
	{"division by zero", `echo $((1/0)); echo no`, "", "sh: divide by zero\n", 2},
	{"command substitution", "x=$(echo a; echo b); echo \"$x\" $x `echo c`", "a\nb a b c\n", "", 0},
	{"status of substitution", `x=$(exit 3); echo $?`, "3\n", "", 0},
	{"nested substitution", `echo $(echo $(echo deep))`, "deep\n", "", 0},
	{"splitting", `x="a b  c"; set -- $x; echo $#; IFS=:; y=1:2:3; set -- $y; echo $#`, "3\n3\n", "", 0},
	{"params", `set -- a "b c" d; echo $# "$2" "$*"; for i in "$@"; do echo "[$i]"; done; shift; echo $1`, "3 b c a b c d\n[a]\n[b c]\n[d]\nb c\n", "", 0},
	{"if", `if false; then echo a; elif true; then echo b; else echo c; fi`, "b\n", "", 0},
	{"if without else", `if false; then echo a; fi; echo $?`, "0\n", "", 0},
	{"and or", `true && echo a || echo b; false && echo a || echo b; ! false && echo c`, "a\nb\nc\n", "", 0},
	{"while", `i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done`, "0\n1\n2\n", "", 0},
	{"until", `i=0; until [ $i -ge 2 ]; do i=$((i+1)); done; echo $i`, "2\n", "", 0},
	{"break", `for i in 1 2 3; do [ $i = 2 ] && break; echo $i; done; echo end`, "1\nend\n", "", 0},
	{"continue", `for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done`, "1\n3\n", "", 0},
	{"break 2", `for i in 1 2; do for j in a b; do break 2; done; done; echo $i$j`, "1a\n", "", 0},
	{"case", `for x in a.txt b.c z; do case $x in *.txt) echo text;; *.[ch]|*.go) echo code;; *) echo other;; esac; done`, "text\ncode\nother\n", "", 0},
	{"function", `f() { echo "$1-$#"; return 4; }; f x y; echo $?`, "x-2\n4\n", "", 0},
	{"local", `x=1; f() { local x=2; echo $x; }; f; echo $x`, "2\n1\n", "", 0},
	{"recursion", `f() { [ $1 -le 1 ] && { echo 1; return; }; echo $(($1 * $(f $(($1-1))))); }; f 5`, "120\n", "", 0},
	{"subshell", `x=1; (x=2; cd /; echo $x); echo $x`, "2\n1\n", "", 0},
	{"group", `{ echo a; echo b; } | wc -l`, "2\n", "", 0},
	{"pipe", `printf 'b\na\n' | sort | head -n 1`, "a\n", "", 0},
	{"pipe status", `false | true; echo $?; true | false; echo $?`, "0\n1\n", "", 0},
	{"pipefail", `set -o pipefail; false | true; echo $?`, "1\n", "", 0},
	{"negated pipe", `! echo a | grep -q b; echo $?`, "0\n", "", 0},
	{"while read", `printf '1 a\n2 b c\n' | while read n rest; do echo "$rest:$n"; done`, "a:1\nb c:2\n", "", 0},
	{"read raw", `printf 'a\\b\n' | { read -r x; echo "$x"; }`, "a\\b\n", "", 0},
	{"read eof", `read x </dev/null; echo $?`, "1\n", "", 0},
	{"read ifs", `echo a:b:c | { IFS=: read x y; echo $x $y; }`, "a b:c\n", "", 0},
	{"here-doc", "x=1\ncat <<E\na $x $(echo s)\nE\n", "a 1 s\n", "", 0},
	{"quoted here-doc", "x=1\ncat <<'E'\na $x\nE\n", "a $x\n", "", 0},
	{"here-doc tabs", "cat <<-E\n\t\ta\n\tE\n", "a\n", "", 0},
	{"here-string", `cat <<<hi`, "hi\n", "", 0},
	{"redirect", `echo a >f; echo b >>f; cat <f; cat f 2>/dev/null`, "a\nb\na\nb\n", "", 0},
	{"stderr", `echo e >&2; { echo x >&2; } 2>&1`, "x\n", "e\n", 0},
	{"descriptors", `exec 3>f; echo three >&3; exec 3>&-; cat f; { echo out; echo err >&2; } >o 2>&1; cat o`, "three\nout\nerr\n", "", 0},
	{"no such input", `cat <nope; echo $?`, "1\n", "sh: can't open nope: no such file\n", 0},
	{"no such directory", `echo a >no/such; echo $?`, "1\n", "sh: can't create no/such: nonexistent directory\n", 0},
	{"not found", `nosuch; echo $?`, "127\n", "sh: nosuch: not found\n", 0},
	{"not found at the end", `nosuch`, "", "sh: nosuch: not found\n", 127},
	{"not executable", `echo x >f; ./f; echo $?`, "126\n", "sh: ./f: Permission denied\n", 0},
	{"directory", `/tmp; echo $?`, "126\n", "sh: /tmp: Permission denied\n", 0},
	{"script", `printf 'echo "$0 $1"; exit 3\n' >f; chmod +x f; ./f a; echo $?`, "./f a\n3\n", "", 0},
	{"sh file", `echo 'echo $1 $#' >f; sh f x y`, "x 2\n", "", 0},
	{"sh missing file", `sh nope; echo $?`, "2\n", "sh: can't open 'nope': No such file or directory\n", 0},
	{"sh -c name", `sh -c 'echo $0 $1' n a`, "n a\n", "", 0},
	{"sh stdin", `echo 'echo in; exit 5' | sh; echo $?`, "in\n5\n", "", 0},
	{"syntax error", `echo a; if true`, "", "sh: syntax error", 2},
	{"exit", `exit 7; echo no`, "", "", 7},
	{"errexit", `set -e; false; echo no`, "", "", 1},
	{"errexit in condition", `set -e; if false; then :; fi; false || true; ! true; echo yes`, "yes\n", "", 0},
	{"errexit flag", `sh -ec 'false; echo no'; echo $?`, "1\n", "", 0},
	{"xtrace", `set -x; echo a "b c"`, "a b c\n", "+ echo a 'b c'\n", 0},
	{"eval", `x='echo $y'; y=1; eval $x`, "1\n", "", 0},
	{"dot", `echo 'x=sourced' >f; . ./f; echo $x`, "sourced\n", "", 0},
	{"export", `x=1; sh -c 'echo [$x]'; export x; sh -c 'echo [$x]'; y=2 sh -c 'echo $y'; echo [$y]`, "[]\n[1]\n2\n[]\n", "", 0},
	{"readonly", `readonly x=1; x=2; echo no`, "", "sh: x: is read only\n", 2},
	{"unset", `x=1; unset x; echo [${x-unset}]`, "[unset]\n", "", 0},
	{"cd", `mkdir d; cd d; basename "$PWD"; cd ..; cd - >/dev/null; basename "$(pwd)"`, "d\nd\n", "", 0},
	{"cd fails", `cd nope; echo $?`, "2\n", "sh: cd: can't cd to nope: No such file or directory\n", 0},
	{"glob", `touch a.x b.x c.y .x; echo *.x; echo *.z; echo ?.y [ab].x "*"`, "a.x b.x\n*.z\nc.y a.x b.x *\n", "", 0},
	{"hidden files", `touch a.x .x; echo *.x "q"; echo .* "$PWD"/*.x | wc -w; d=.; echo $d/*.x`, "a.x q\n2\n./a.x\n", "", 0},
	{"tilde", `echo ~; echo ~/x`, "/root\n/root/x\n", "", 0},
	{"alias", "alias hi='echo hello'\nhi there", "hello there\n", "", 0},
	{"getopts", `set -- -a -b val -c rest; while getopts ab:c o; do echo $o $OPTARG; done; shift $((OPTIND-1)); echo $1`, "a\nb val\nc\nrest\n", "", 0},
	{"trap exit", `trap 'echo bye' EXIT; echo hi`, "hi\nbye\n", "", 0},
	{"trap exit keeps status", `trap 'echo bye' EXIT; exit 3`, "bye\n", "", 3},
	{"trap term", `trap 'echo got; exit 9' TERM; kill -TERM $$; sleep 1; echo no`, "got\n", "", 9},
	{"trap interrupts wait", `trap 'echo got' USR1; (sleep 0.2; kill -USR1 $$) & sleep 5 & wait $!; echo $?; kill $!`, "got\n138\n", "", 0},
	{"background", `sleep 0.1 & wait; echo done`, "done\n", "", 0},
	{"wait status", `sh -c 'exit 5' & wait $!; echo $?`, "5\n", "", 0},
	{"background compound", `f() { echo "f $x"; }; x=1; { f; exit 4; } & wait $!; echo $?`, "f 1\n4\n", "", 0},
	{"kill background", `sleep 100 & kill $!; wait $!; echo $?`, "143\n", "", 0},
	{"jobs", `sleep 5 & jobs | wc -l; kill %1; wait 2>/dev/null; echo $?`, "0\n0\n", "", 0},
	{"killed child", `sh -c 'kill -9 $$'; echo $?`, "137\n", "Killed\n", 0},
	{"command -v", `command -v cd; command -v nosuch; echo $?; type cd`, "cd\n127\ncd is a shell builtin\n", "", 0},
	{"test", `[ -n a ] && [ ! -e nope ] && [ a = a -a 1 -lt 2 ] && echo yes; [ 1 -eq x ]; echo $?`, "yes\n2\n", "sh: x: bad number\n", 0},
	{"double brackets", `x=abc; [[ $x == a* && -n $x ]] && echo yes`, "yes\n", "", 0},
	{"printf", `printf '%s-%03d-%x|%5s|%-5s|\n' a 7 255 r l; printf '%s\n' 1 2`, "a-007-ff|    r|l    |\n1\n2\n", "", 0},
	{"echo -e", `echo -e 'a\tb\0101'; echo -n x; echo`, "a\tbA\nx\n", "", 0},
	{"exec replaces", `exec echo a; echo no`, "a\n", "", 0},
	{"exec not found", `exec nosuch; echo no`, "", "sh: nosuch: not found\n", 127},
	{"special variables", `echo $0 $#; true; echo $?; [ $$ -gt 0 ] && echo pid`, "sh 0\n0\npid\n", "", 0},
	{"same pid in subshell", `a=$$; b=$(echo $$); (c=$$; [ $a = $b ] && [ $b = $c ] && echo same)`, "same\n", "", 0},
	{"comments and continuation", "echo a # no\necho b\\\nc", "a\nbc\n", "", 0},
	{"for over nothing", `for i in; do echo no; done; echo $?`, "0\n", "", 0},
	{"brace in function redirect", `f() { echo in; } >f; f; cat f`, "in\n", "", 0},
	{"empty command with redirect", `>f; ls -l f | wc -l`, "1\n", "", 0},
	{"time", `time true 2>/dev/null`, "", "real\t0m 0.", 0},
	{"yes head", `yes | head -n 2`, "y\ny\n", "", 0},
	{"the tutorials' loop", `n=0; until [ $n -ge 2 ]; do echo waiting for myservice; n=$((n+1)); sleep 0.01; done`, "waiting for myservice\nwaiting for myservice\n", "", 0},
}

func TestShell(t *testing.T) {
	for _, tt := range conformance {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, errs, status := sh(t, tt.script, "")
			if d := gocmp.Diff(tt.out, out); d != "" {
				t.Errorf("output (-want +got):\n%s", d)
			}
			if !strings.HasPrefix(errs, tt.errs) || tt.errs == "" && errs != "" {
				t.Errorf("errors %q, want %q", errs, tt.errs)
			}
			if status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
		})
	}
}
