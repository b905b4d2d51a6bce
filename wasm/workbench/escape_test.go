package workbench

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// secret is what lies outside of the learner's files, in several places.
const secret = "TOP-SECRET"

// outside is what a learner must not reach: files of this computer, another
// learner's, and a server on its loopback.
type outside struct {
	file, dir string // absolute, of the host
	port      string // of the host's loopback
	pid       int
	knocks    atomic.Int32 // connections to the server
}

func newOutside(t *testing.T, l *lab) *outside {
	t.Helper()
	o := &outside{dir: t.TempDir(), pid: os.Getpid()}
	o.file = filepath.Join(o.dir, "secret")
	must(t, os.WriteFile(o.file, []byte(secret), 0o666))
	must(t, os.WriteFile(filepath.Join(l.dir, "secret"), []byte(secret), 0o666))
	must(t, os.WriteFile(l.home("other", "secret"), []byte(secret), 0o666))
	for name, target := range map[string]string{
		"link": o.file, "dirlink": o.dir, "up": "../../../secret", "other": "../../other/home", "proc": "/proc/self/environ", "rootlink": "/",
	} {
		must(t, os.Symlink(target, l.home("owner", name))) // as a hostile archive would
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { ln.Close() })
	_, o.port, _ = net.SplitHostPort(ln.Addr().String())
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			o.knocks.Add(1)
			fmt.Fprint(c, secret)
			c.Close()
		}
	}()
	return o
}

// attempts are command lines that try to get out of a shell. Each fails.
func (o *outside) attempts() []string {
	lines := strings.Split(strings.TrimSpace(`
cat FILE
cat ../../..FILE
cat /../../../../../../../../FILE
cat ~/../../secret
cat ../secret
cat ../../other/home/secret
cat /learners/other/home/secret
cat link
cat up
cat dirlink/secret
cat other/secret
cat dirlink/../secret
cat rootlinkFILE
ls dirlink/
ls other/
cd dirlink
cd other
find -L dirlink/ -name secret
cp link copy
cp dirlink/secret copy
cp -r dirlink/ copy
mv dirlink/secret stolen
rm dirlink/secret
echo changed > dirlink/secret
echo changed > link
echo changed >> other/secret
ln link/secret hard
ln dirlink/secret hard
ln FILE hard
ln -s FILE soft && cat soft
ln -s DIR softdir && cat softdir/secret
ln -s ../../../../..FILE deep && cat deep
ln -s /proc/self/root/..FILE magic && cat magic
tar -cf all.tar dirlink/secret
tar -cf all.tar -C DIR secret
chmod 600 link
touch dirlink/new
mkdir dirlink/new
dd if=FILE of=copy
. FILE
sh FILE
read x < link
cat /proc/PID/environ
cat /proc/PID/cmdline
ls /proc/PID/fd
cat /proc/PID/rootFILE
cat /proc/1/rootFILE
cat /proc/self/rootFILE
cat /proc/1/cwd/../../secret
cat /proc/self/cwd/dirlink/secret
cat /proc/kcore
cat /proc/kallsyms
cat /proc/self/mem
cat /proc/self/maps
cat /proc/sysrq-trigger
echo 1 > /proc/sys/kernel/hostname
echo b > /proc/sysrq-trigger
cat /dev/mem
cat /dev/kmsg
cat /dev/sda
cat /dev/vda
ls /dev/fd/99
ls /sys/kernel
cat /etc/shadow
cat /etc/machine-id
cat /root/.ssh/id_rsa
cat /var/run/secrets/kubernetes.io/serviceaccount/token
cat /var/lib/kubelet/config.yaml
cat /etc/kubernetes/admin.conf
mount -t proc proc /mnt; ls /mnt/1
mount --bind / /mnt
chroot /proc/1/root
nsenter -t 1 -m sh
unshare -r sh
mknod disk b 8 0
mkfifo DIR/pipe
kill -9 PID
kill -0 PID
kill -9 1 && cat /proc/1/nosuch
DIR/secret
exec FILE
/proc/self/exe --version
/bin/../..FILE
wget -q -T 3 -O- http://127.0.0.1:PORT/
wget -q -T 3 -O- http://localhost:PORT/
wget -q -T 3 -O- http://[::1]:PORT/
wget -q -T 3 -O- http://0.0.0.0:PORT/
wget -q -T 3 -O- http://[::ffff:127.0.0.1]:PORT/
wget -q -T 3 -O- http://2130706433:PORT/
wget -q -T 3 -O- http://172.18.0.1:PORT/
wget -q -T 3 -O- http://10.244.0.1:PORT/
wget -q -T 3 -O- http://172.17.0.1:PORT/
wget -q -T 3 -O- http://HOSTIP:PORT/
wget -q -T 3 -O- http://169.254.169.254/latest/meta-data/
wget -q -T 3 -O- http://example.com/
wget -q -T 3 -O- http://1.1.1.1/
nc -w 3 127.0.0.1 PORT < /dev/null
nc -w 3 HOSTIP PORT < /dev/null
nc -w 3 8.8.8.8 53 < /dev/null
nslookup example.com
nslookup localhost.localdomain 8.8.8.8
ping -c 1 -W 1 8.8.8.8
ping -c 1 -W 1 HOSTIP
cat < /dev/tcp/127.0.0.1/PORT
cat file://FILE
`), "\n")
	replace := strings.NewReplacer("FILE", o.file, "DIR", o.dir, "PORT", o.port, "PID", fmt.Sprint(o.pid), "HOSTIP", hostIP())
	for i := range lines {
		lines[i] = replace.Replace(lines[i])
	}
	return lines
}

// hostIP is an address of this computer that is not its loopback's, if it has
// one.
func hostIP() string {
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	return "192.0.2.1"
}

// TestNothingOutsideIsReachedFromTheShell is the corpus of attempts to reach
// files, processes and addresses outside of the workspace from the shell.
func TestNothingOutsideIsReachedFromTheShell(t *testing.T) {
	l := newLab(t)
	o := newOutside(t, l)
	s := l.open("owner")
	for _, line := range o.attempts() {
		shown, code := s.run("( " + line + " ) 2>&1")
		if code == "0" {
			t.Errorf("%s: succeeds, shows %q", line, shown)
		}
		if strings.Contains(shown, secret) || strings.TrimSpace(shown) == "" {
			t.Errorf("%s: shows %q, code %s", line, shown, code)
		}
	}
	t.Logf("%d attempts", len(o.attempts()))
	if n := o.knocks.Load(); n != 0 {
		t.Errorf("%d connections to this computer", n)
	}
	for _, file := range []string{o.file, filepath.Join(l.dir, "secret"), l.home("other", "secret")} {
		if b, err := os.ReadFile(file); err != nil || string(b) != secret {
			t.Errorf("%s holds %q, %v", file, b, err)
		}
	}
	list, err := os.ReadDir(o.dir)
	if err != nil || len(list) != 1 {
		t.Errorf("outside there are %v, %v", list, err)
	}
}

// TestHarmlessNamesStayInside holds what succeeds because it means the
// container's own.
func TestHarmlessNamesStayInside(t *testing.T) {
	l := newLab(t)
	newOutside(t, l)
	s := l.open("owner")
	for _, line := range []string{
		"cat ../../../etc/passwd", "cat /proc/1/environ", "echo changed > up; cat /secret", "ls -a rootlink/", "ls /proc/self/root/",
		"cat proc", "env", "httpd -p 8099 -h /", "cat /proc/mounts", "ps", "ls -la", "df", "rm -f link dirlink up other proc rootlink",
	} {
		shown, _ := s.run(line)
		if strings.Contains(shown, secret) || strings.Contains(shown, l.dir) && line != "ls -la" || strings.Contains(shown, os.Args[0]) {
			t.Errorf("%s: shows %q", line, shown)
		}
	}
	if c, err := net.Dial("tcp", "127.0.0.1:8099"); err == nil {
		c.Close()
		t.Error("a server of the shell listens on this computer")
	}
	if b, err := os.ReadFile(filepath.Join(l.dir, "secret")); err != nil || string(b) != secret {
		t.Errorf("secret holds %q, %v", b, err)
	}
}
