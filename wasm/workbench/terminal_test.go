package workbench

import (
	"strings"
	"testing"
)

func TestStty(t *testing.T) {
	l := newLab(t)
	s := l.open("owner")
	s.says("tty; stty size", "/dev/pts/0\n24 80\n", "0")
	s.says("stty", "speed 38400 baud; line = 0;\n-brkint -imaxbel iutf8\n", "0")
	s.says("stty -a", "speed 38400 baud; rows 24; columns 80; line = 0;\n"+
		"intr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; eol = <undef>;\n"+
		"eol2 = <undef>; swtch = <undef>; start = <undef>; stop = <undef>;\n"+
		"susp = <undef>; rprnt = <undef>; werase = ^W; lnext = <undef>; flush = <undef>;\n"+
		"min = 1; time = 0;\n"+
		"-parenb -parodd cs8 -hupcl -cstopb cread -clocal -crtscts\n"+
		"-ignbrk -brkint -ignpar -parmrk -inpck -istrip -inlcr -igncr icrnl -ixon -ixoff\n"+
		"-iuclc -ixany -imaxbel iutf8\n"+
		"opost -olcuc -ocrnl onlcr -onocr -onlret -ofill -ofdel nl0 cr0 tab0 bs0 vt0 ff0\n"+
		"isig icanon iexten echo echoe echok -echonl -noflsh -xcase -tostop -echoprt\n"+
		"echoctl echoke -flusho -extproc\n", "0")
	s.says("a=$(stty -g); stty raw -echo; stty -a | tail -n2 | cut -c1-22; stty $a; [ $a = $(stty -g) ]",
		"-isig -icanon iexten -\nechoctl echoke -flusho\n", "0")
	s.says("stty nosuch; stty -size", "stty: invalid argument 'nosuch'\nstty: invalid argument '-size'\n", "1")
	s.says("stty -a -g; stty -a raw; stty rows", "stty: -a and -g are mutually exclusive\nstty: modes may not be set when -a or -g is used\nstty: rows requires an argument\n", "1")
	s.says("stty ixon; stty -ixon erase ^? && echo as it is", "stty: standard input: cannot perform all requested operations\nas it is\n", "0")
	s.says("stty size </dev/null; stty -F /dev/tty speed </dev/null", "stty: standard input: Not a tty\n38400\n", "0")
	s.says("stty rows 30 cols 100; stty size; stty -F /dev/tty rows 24 cols 80", "30 100\n", "0")
}

// TestNoEcho is how a script asks for a password, and for a key.
func TestNoEcho(t *testing.T) {
	l := newLab(t)
	s := l.open("owner")
	s.keys("stty -echo; echo as''k; read x; stty echo; echo \"<$x>\"\r")
	s.await("ask\r\n")
	s.keys("secret\r")
	if shown := s.await("<secret>\r\n"); shown != "" {
		t.Errorf("shows %q", shown)
	}
	s.await("# ")
	s.keys("stty -icanon -echo; echo ke''y; dd bs=1 count=1 2>/dev/null; stty sane\r")
	s.await("key\r\n")
	s.keys("k")
	s.await("k")
	s.await("# ")
	s.says("stty raw; stty -a | grep -c -e '-icanon'; reset; stty",
		"1\n\x1bc\x1b(B\x1b[m\x1b[J\x1b[?25hspeed 38400 baud; line = 0;\n-brkint -imaxbel iutf8\n", "0")
}

// TestKilledInRawMode holds that what a killed program has set does not stay.
func TestKilledInRawMode(t *testing.T) {
	l := newLab(t)
	s := l.open("owner")
	sane := "speed 38400 baud; line = 0;\n-brkint -imaxbel iutf8\n"
	for _, killed := range []string{"sh -c 'stty raw -echo; kill -9 $$'", "(sh -c 'stty raw -echo; kill -9 $$')", "sh -c 'stty raw -echo; kill -9 $$' | cat"} {
		s.run(killed + " 2>/dev/null")
		s.says("stty", sane, "0")
	}
	s.says("sh -c 'stty -echo'; sh -c 'stty -icanon; kill -9 $$' 2>/dev/null; stty", "speed 38400 baud; line = 0;\n-brkint -imaxbel iutf8\n-echo\n", "0")
	s.says("stty sane; stty", sane, "0")
}

func TestResize(t *testing.T) {
	l := newLab(t)
	s := l.open("owner")
	s.keys("eval $(resize); echo $COLUMNS x $LINES; stty size\r")
	s.await("\x1b7\x1b[r\x1b[999;999H\x1b[6n")
	s.keys("\x1b[33;132R")
	s.await("\x1b8132 x 33\r\n33 132\r\n")
	s.await("# ")
	s.keys("echo " + strings.Repeat("x", 60))
	s.await(strings.Repeat("x", 60))
	s.Resize(40, 10)
	s.await("\x1b[K") // the line is drawn anew
	s.keys("\x03")
	s.await("# ")
	s.says("stty size", "10 40\n", "0")
	s.says("clear", "\x1b[H\x1b[J", "0")
}
