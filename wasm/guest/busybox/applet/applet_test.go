package applet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// applets is what the commands print, and how they word errors.
var applets = []struct {
	name, script, stdin, out string
	errs                     string
	status                   int
}{
	{"cat", `cat - f`, "in\n", "in\nfile\n", "", 0},
	{"cat -n", `printf 'a\n\nb\n' | cat -n`, "", "     1\ta\n     2\t\n     3\tb\n", "", 0},
	{"cat -A", `printf 'a\tb\001\n' | cat -A`, "", "a^Ib^A$\n", "", 0},
	{"cat missing", `cat nope`, "", "", "cat: can't open 'nope': No such file or directory\n", 1},
	{"cat directory", `cat d`, "", "", "cat: read error: Is a directory\n", 1},
	{"unknown option", `cat -Z`, "", "", "cat: invalid option -- 'Z'\nBusyBox v1.36.1", 1},
	{"help", `rmdir --help`, "", "", "BusyBox v1.36.1 (Kubergarten) multi-call binary.\n\nUsage: rmdir [-p] DIRECTORY...\n", 0},
	{"head", `seq 20 | head -3; seq 5 | head -n -3; printf abcdef | head -c 3`, "", "1\n2\n3\n1\n2\nabc", "", 0},
	{"head of two", `head -n1 f g`, "", "==> f <==\nfile\n\n==> g <==\nb 2\n", "", 0},
	{"tail", `seq 20 | tail -2; seq 5 | tail -n +4; printf abcdef | tail -c 3`, "", "19\n20\n4\n5\ndef", "", 0},
	{"wc", `printf 'a b\nc\n' | wc; wc -l f; wc -c <f`, "", "        2         3         6\n1 f\n5\n", "", 0},
	{"sort", `sort g; sort -r g; sort -k2 -n g; printf '10\n9\n' | sort -n; printf 'b\na\nb\n' | sort -u`, "", "a 10\nb 2\nb 2\na 10\nb 2\na 10\n9\n10\na\nb\n", "", 0},
	{"sort -t", `printf 'a:3\nb:1\nc:2\n' | sort -t: -k2`, "", "b:1\nc:2\na:3\n", "", 0},
	{"sort -h", `printf '1G\n2K\n3M\n' | sort -h`, "", "2K\n3M\n1G\n", "", 0},
	{"uniq", `printf 'a\na\nb\n' | uniq -c; printf 'a\na\nb\n' | uniq -d`, "", "      2 a\n      1 b\na\n", "", 0},
	{"cut", `echo a:b:c | cut -d: -f1,3; echo hello | cut -c2-3; echo x | cut -d: -f2; echo x | cut -s -d: -f2`, "", "a:c\nel\nx\n", "", 0},
	{"tr", `echo hello | tr a-y b-z; echo aabb | tr -d a; echo aabb | tr -s a-b; echo Ab | tr '[:upper:]' '[:lower:]'`, "", "ifmmp\nbb\nab\nab\n", "", 0},
	{"tee", `echo a | tee x y; cat x y; echo b | tee -a x >/dev/null; cat x`, "", "a\na\na\na\nb\n", "", 0},
	{"grep", `grep b g; echo $?; grep -v b g; grep -c . g; grep -n b g; grep -i FILE f; grep -q nope f; echo $?`, "", "b 2\n0\na 10\n2\n1:b 2\nfile\n1\n", "", 0},
	{"grep -r", `mkdir -p t/u; echo x1 >t/a; echo x2 >t/u/b; grep -r x t | sort; grep -rl x2 t; grep -h x t/a t/u/b`, "", "t/a:x1\nt/u/b:x2\nt/u/b\nx1\nx2\n", "", 0},
	{"grep -E", `printf 'ab\nabb\nc\n' | grep -E 'ab{2}|c'; printf 'a+b\naab\n' | grep 'a+b'; echo foobar | grep -o 'o*b'; echo a.b | grep -F .`, "", "abb\nc\na+b\noob\na.b\n", "", 0},
	{"grep context", `seq 9 | grep -A1 -B1 5`, "", "4\n5\n6\n", "", 0},
	{"grep missing", `grep a nope`, "", "", "grep: nope: No such file or directory\n", 2},
	{"grep bad", `echo a | grep -E '['`, "", "", "grep: bad regex '[': Unmatched [, [^, [:, [., or [=\n", 2},
	{"sed", `echo hello world | sed 's/o/0/g; s/l\(l\)/<\1>/'; seq 5 | sed -n '2,3p'; seq 3 | sed 2d; echo a/b | sed 's|/|-|'`, "", "he<l>0 w0rld\n2\n3\n1\n3\na-b\n", "", 0},
	{"sed addresses", `seq 6 | sed -n '/3/,$p' | head -1; seq 3 | sed '$d'; seq 3 | sed '2q'; seq 4 | sed -n '1~2p'; seq 3 | sed '2!d'`, "", "3\n1\n2\n1\n2\n1\n3\n2\n", "", 0},
	{"sed text", `seq 2 | sed '1a\
after'; seq 2 | sed '2i before'; seq 2 | sed '1c changed'; echo abc | sed 'y/abc/xyz/'`, "", "1\nafter\n2\n1\nbefore\n2\nchanged\n2\nxyz\n", "", 0},
	{"sed indented text", `seq 2 | sed '1a\  two blanks'; seq 1 | sed 'i\
  before'; seq 1 | sed 'a  after'`, "", "1\n  two blanks\n2\n  before\n1\n1\nafter\n", "", 0},
	{"sed -i", `sed -i 's/file/changed/' f; cat f; sed -i.bak s/c/C/ f; cat f f.bak`, "", "changed\nChanged\nchanged\n", "", 0},
	{"sed -E", `echo 2024-01-02 | sed -E 's/([0-9]+)-([0-9]+)-([0-9]+)/\3.\2.\1/'; echo aXb | sed 's/x/-/I'; echo one two | sed 's/\w\+/[&]/2'`, "", "02.01.2024\na-b\none [two]\n", "", 0},
	{"sed hold", `seq 3 | sed -n '1!G;h;$p'; printf 'a\nb\n' | sed 'N;s/\n/+/'; printf 'a b\n' | sed ':l;s/ /_/;tl'`, "", "3\n2\n1\na+b\na_b\n", "", 0},
	{"sed bad", `sed 'k' f`, "", "", "sed: unsupported command k\n", 1},
	{"awk", `echo 'a b c' | awk '{print $2, NF}'; awk -F: '{print $1}' <<<x:y; seq 4 | awk '{s+=$1} END {print s}'; awk -v n=3 'BEGIN {printf "%03d\n", n}'`, "", "b 3\nx\n10\n003\n", "", 0},
	{"xargs", `echo a b c | xargs -n 2 echo; printf 'x y\nz\n' | xargs -I{} echo '<{}>'; printf 'a\0b' | xargs -0 echo; echo "'a b' c" | xargs -n1 echo`, "", "a b\nc\n<x y>\n<z>\na b\na b\nc\n", "", 0},
	{"xargs fails", `echo a | xargs false; echo $?; echo a | xargs nosuch; echo $?`, "", "123\n127\n", "xargs: nosuch: No such file or directory\n", 0},
	{"find", `mkdir -p t/u; touch t/a.go t/u/b.go t/c.txt; find t -name '*.go' | sort; find t -type d | sort; find t -maxdepth 1 -type f ! -name '*.go'; find t -name a.go -exec echo got {} \; ; find t -name '*.go' -delete; find t | sort`, "", "t/a.go\nt/u/b.go\nt\nt/u\nt/c.txt\ngot t/a.go\nt\nt/c.txt\nt/u\n", "", 0},
	{"ls", `mkdir e; touch e/b e/a e/.h; ls e; ls -a e; ls -1A e; ls nope`, "", "a\nb\n.\n..\n.h\na\nb\n.h\na\nb\n", "ls: nope: No such file or directory\n", 1},
	{"ls several", `mkdir -p e/s; touch e/a; ls f e; ls -R e`, "", "f\n\ne:\na\ns\ne:\na\ns\n\ne/s:\n", "", 0},
	{"cp", `cp f x; cat x; cp -r d e; ls e; cp f d; ls d; cp d y; cp nope z`, "", "file\nin\nf\nin\n", "cp: omitting directory 'd'\ncp: can't stat 'nope': No such file or directory\n", 1},
	{"mv", `mv f x; cat x; mkdir m; mv x g m; ls m; mv nope z`, "", "file\ng\nx\n", "mv: can't rename 'nope': No such file or directory\n", 1},
	{"rm", `rm f; rm -f nope; rm d; rm -r d; ls; rm nope`, "", "g\n", "rm: 'd' is a directory\nrm: can't remove 'nope': No such file or directory\n", 1},
	{"mkdir", `mkdir a/b; mkdir -p a/b; mkdir a; ls -d a/b; rmdir a; rmdir a/b a; mkdir -m 700 p; stat -c %a p`, "", "a/b\n700\n", "mkdir: can't create directory 'a/b': No such file or directory\nmkdir: can't create directory 'a': File exists\nrmdir: 'a': Directory not empty\n", 0},
	{"ln", `ln -s f l; readlink l; cat l; ln f h; stat -c %h f; ln -s x l`, "", "f\nfile\n2\n", "ln: l: File exists\n", 1},
	{"chmod", `chmod 640 f; stat -c '%a %A' f; chmod u+x,g-r,o=r f; stat -c %a f; chmod zzz f`, "", "640 -rw-r-----\n704\n", "chmod: invalid mode 'zzz'\n", 1},
	{"touch", `touch -d '2020-01-02 03:04:05' n; date -r n '+%F %T'; touch -c no; ls no`, "", "2020-01-02 03:04:05\n", "ls: no: No such file or directory\n", 1},
	{"basename", `basename /a/b.txt .txt; basename a/; dirname /a/b/c; dirname x; dirname /x`, "", "b\na\n/a/b\n.\n/\n", "", 0},
	{"seq", `seq 3; seq 2 4; seq 5 -2 1; seq -w 9 10; seq -s, 3; seq 0.5 0.5 1`, "", "1\n2\n3\n2\n3\n4\n5\n3\n1\n09\n10\n1,2,3\n0.5\n1.0\n", "", 0},
	{"expr", `expr 1 + 2 '*' 3; expr 5 '>' 3; expr abc : 'a\(.\)'; expr length hello; expr 1 / 0`, "", "7\n1\nb\n5\n", "expr: division by zero\n", 2},
	{"sums", `printf hello | md5sum; printf hello | sha1sum; printf hello | sha256sum; sha256sum f >s; sha256sum -c s`, "", "5d41402abc4b2a76b9719d911017c592  -\naaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d  -\n2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  -\nf: OK\n", "", 0},
	{"base64", `printf hello | base64; echo aGVsbG8= | base64 -d`, "", "aGVsbG8=\nhello", "", 0},
	{"od", `printf 'AB\n' | od -c; printf AB | od -An -tx1; printf 'AB' | hexdump -C; printf AB | xxd`, "", "0000000   A   B  \\n\n0000003\n 41 42\n00000000  41 42                                             |AB|\n00000002\n00000000: 4142                                     AB\n", "", 0},
	{"cmp", `cp f x; cmp f x; echo more >>x; cmp f x; cmp f g`, "", "f g differ: char 1, line 1\n", "cmp: EOF on f\n", 1},
	{"diff", `printf 'a\nb\nc\n' >x; printf 'a\nB\nc\n' >y; diff x y`, "", "--- x\n+++ y\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", "", 1},
	{"gzip", `gzip f; ls; zcat f.gz; gunzip f.gz; cat f; echo x | gzip -c | gunzip`, "", "d\nf.gz\ng\nfile\nfile\nx\n", "", 0},
	{"tar", `tar czf a.tgz f d; tar tzf a.tgz; mkdir x; tar xzf a.tgz -C x; cat x/f; tar cf - f | tar tf -; tar -tf nope`, "", "f\nd/\nd/in\nfile\nf\n", "tar: can't open 'nope': No such file or directory\n", 1},
	{"date", `date -u -d '2024-03-01 12:34:56' '+%Y-%m-%d %H:%M:%S %j %a'; date -u -d @0`, "", "2024-03-01 12:34:56 061 Fri\nThu Jan  1 00:00:00 UTC 1970\n", "", 0},
	{"env", `env -i A=1 $KEEP env | grep A=; env X=2 printenv X; printenv NOPE`, "", "A=1\n2\n", "", 1},
	{"timeout", `timeout 0.1 sleep 5; echo $?; timeout 5 true; echo $?`, "", "143\n0\n", "Terminated\n", 0},
	{"dd", `printf hello | dd bs=2 count=1 2>/dev/null; dd if=f of=x 2>/dev/null; cat x`, "", "hefile\n", "", 0},
	{"paste", `seq 3 | paste -s -d,; printf 'a\nb\n' >x; printf '1\n2\n' | paste x -`, "", "1,2,3\na\t1\nb\t2\n", "", 0},
	{"test", `test -f f && test -d d && test f -ot nope; echo $?; test 1 -gt; echo $?`, "", "1\n2\n", "sh: ", 0},
	{"wget", `wget -q -O - https://x`, "", "", "wget: not an http or ftp url: https://x\n", 1},
	{"which", `basename $(which ls); which nosuch; echo $?`, "", "ls\n1\n", "", 0},
	{"kill", `kill -l 15; kill -l TERM; kill nope; kill`, "", "TERM\n15\n", "sh: kill: invalid number 'nope'\nsh: kill: you need to specify whom to kill\n", 1},
	{"truncate", `truncate -s 1K x; stat -c %s x`, "", "1024\n", "", 0},
	{"mktemp", `x=$(mktemp); [ -f $x ] && stat -c %a $x; mktemp bad`, "", "600\n", "mktemp: bad: Invalid argument\n", 1},
	{"nohup", `nohup echo a`, "", "a\n", "", 0},
	{"fold", `echo abcdef | fold -w 4; echo a | nl; echo abc | rev; seq 3 | tac`, "", "abcd\nef\n     1\ta\ncba\n3\n2\n1\n", "", 0},
}

func TestApplets(t *testing.T) {
	for _, tt := range applets {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string]string{"f": "file\n", "g": "b 2\na 10\n", "d/in": "x\n"} {
				os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			out, errs, status := shIn(t, dir, tt.script, tt.stdin)
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
