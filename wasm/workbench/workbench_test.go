package workbench

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"kubergarten/wasm/host"
	"kubergarten/wasm/host/vfs"
)

func TestShell(t *testing.T) {
	l := newLab(t)
	s := l.open("owner")
	s.says("pwd; echo $HOME $TERM $USER; hostname", "/root\n/root xterm-256color root\nworkbench\n", "0")
	s.says("ls -l /usr/local/bin/kubectl | cut -c1-10", "-rwxr-xr-x\n", "0")
	s.says("cat /etc/resolv.conf", "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n", "0")
	s.keys("exit 3\r")
	<-s.Done()
	if s.ExitCode() != 3 {
		t.Errorf("exit code %d", s.ExitCode())
	}
}

func TestKubectlInTheShell(t *testing.T) {
	l := newLab(t)
	s := l.open("owner")
	s.says("kubectl echo a b", "a b\n", "0")
	s.says("kubectl fail", "", "4")
	s.says("kubectl fail && echo no || echo yes", "yes\n", "0")
	s.says("kubectl echo a | tr a b", "b\n", "0")
	s.says("kubectl echo a > f; cat f; echo \"<$(kubectl echo x)>\"", "a\n<x>\n", "0")
	s.says("mkdir -p lab && cd lab && kubectl where; cd /tmp && kubectl where; cd", "lab true\n/tmp false\n", "0")
	s.says("echo abc | kubectl apply -f -; kubectl apply -f - < f", "4 bytes\n2 bytes\n", "0")
	s.says("printf '1\\n2\\n' | while read x; do kubectl echo $x; done", "1\n2\n", "0")
	s.says("sh -c 'exec kubectl fail'", "", "4")
	s.says("kubectl yes | head -n1", "y\n", "0")
	s.says("kubectl echo x 2>&1 >/dev/full", "kubectl: write error: No space left on device\n", "1")
}

func TestEditor(t *testing.T) {
	l := newLab(t)
	s := l.open("owner")
	must(t, os.WriteFile(l.home("owner", "pod.yaml"), []byte("kind: Pod\nname: ____\n"), 0o600))
	s.keys("vi pod.yaml\r")
	s.await("pod.yaml 1/2 50%")
	s.keys("/____\rcwweb\x1b")
	s.await("[Modified] 2/2 100%")
	s.keys("o# 名字\x1b")
	s.await("3/3 100%")
	s.keys(":wq\r")
	s.await("\x1b[?1049l")
	s.await("# ")
	s.says("cat pod.yaml; ls -l pod.yaml | cut -c1-10", "kind: Pod\nname: web\n# 名字\n-rw-------\n", "0")
	s.keys("vi new.yaml\r")
	s.await("new.yaml 1/1 100%")
	s.keys("ia: 1\rb: 2\x1bZZ")
	s.await("\x1b[?1049l")
	s.await("# ")
	s.says("cat new.yaml", "a: 1\nb: 2\n", "0")
}

func TestInterrupt(t *testing.T) {
	l := newLab(t)
	s := l.open("owner")
	s.keys("kubectl wait\r")
	s.await("waiting\r\n")
	other := l.open("owner")
	if shown, _ := other.run("ps"); !strings.Contains(shown, "kubectl wait") {
		t.Errorf("ps shows %q", shown)
	}
	s.keys("\x03")
	s.await("interrupted\r\n")
	s.await("# ")
	s.says("kubectl wait & sleep 0.1; kill %1; wait %1; echo $?", "waiting\ninterrupted\n143\n", "0")
}

func TestKubectlOnTheTerminal(t *testing.T) {
	l := newLab(t)
	s := l.open("owner")
	s.Resize(100, 30)
	s.keys("kubectl exec -it pod -- sh\r")
	s.await("tty true 100x30\r\n")
	s.keys("\x03")
	s.await(`key "\x03"`)
	s.await("# ")
	s.says("echo cooked", "cooked\n", "0")
}

func TestCompletion(t *testing.T) {
	l := newLab(t)
	s := l.open("owner")
	s.says("touch pod.yaml notes 日志一.txt 日志二.txt; alias k=kubectl", "", "0")
	for _, tt := range []struct{ keys, line string }{
		{"kubectl g\t", "kubectl get "},
		{"kubect\t", "kubectl "},
		{"ls; k g\t", "ls; k get "},
		{"k get pods we\t", "k get pods web-"},
		{"kubectl get pods web-2 -n ku\t", "kubectl get pods web-2 -n kube-system "},
		{"kubectl get pods --namespace=ku\t", "kubectl get pods --namespace=kube-system"},
		{"kubectl apply -f \t", "kubectl apply -f pod.yaml "},
		{"kubectl get nodes > no\t", "kubectl get nodes > notes "},
		{"kubectl cp \tn\t", "kubectl cp notes "},
		{"kubectl get none\t", "kubectl get none"},
		{"cat no\t", "cat notes "},
		{"cat 日\t", "cat 日志"},
		{"kubectl apply --filename=po\t", "kubectl apply --filename=pod.yaml "},
		{"kubectl get pods slow\t", "kubectl get pods slow"}, // and no answer
	} {
		s.keys(tt.keys + "]'\x01echo '[\r") // the line, quoted, is only shown
		s.await("[" + tt.line + "]\r\n")
		s.await("# ")
	}
	s.keys("kubectl get pods web-\t")
	s.await("web-1  web-2\r\n")
	s.keys("\x03")
}

func TestHomeStays(t *testing.T) {
	l := newLab(t)
	home, _, err := l.Home("owner")
	must(t, err)
	must(t, home.WriteFile("pod.yaml", []byte("kind: Pod\n"), 0o644))
	s := l.open("owner")
	s.says("cat pod.yaml; echo mine > notes", "kind: Pod\n", "0")
	two := l.open("owner")
	two.says("cat notes", "mine\n", "0")
	stranger := l.open("system:serviceaccount:default:bob")
	stranger.says("cat notes", "cat: can't open 'notes': No such file or directory\n", "1")
	l.stop()
	<-s.Done()
	l.start()
	l.open("owner").says("cat notes", "mine\n", "0")
}

// TestHomeOpens holds that a learner cannot shut us, and so themselves, out.
func TestHomeOpens(t *testing.T) {
	l := newLab(t)
	dir := l.home("owner", "")
	must(t, os.Chmod(dir, 0))
	l.open("owner").says("echo a > f; cat f", "a\n", "0")
	if st, err := os.Stat(dir); err != nil || st.Mode().Perm()&0o700 != 0o700 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
}

func TestQuota(t *testing.T) {
	l := newLab(t, func(c *Config) { c.Quota = vfs.Quota{Bytes: 100 << 10, Inodes: 20} })
	s := l.open("owner")
	shown, code := s.run("dd if=/dev/zero of=big bs=1024 count=200")
	if !strings.Contains(shown, "No space left on device") || code != "1" {
		t.Errorf("shows %q, code %s", shown, code)
	}
	s.says("rm big; echo a > small; cat small", "a\n", "0")
	shown, code = s.run("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21; do touch f$i || break; done; rm f*; false")
	if !strings.Contains(shown, "No space left on device") {
		t.Errorf("shows %q, code %s", shown, code)
	}
	// What kubectl writes goes past the shell: it counts once kubectl has ended.
	must(t, os.WriteFile(l.home("owner", "behind"), make([]byte, 99<<10), 0o600))
	s.run("kubectl echo")
	shown, _ = s.run("dd if=/dev/zero of=big bs=1024 count=10")
	if !strings.Contains(shown, "No space left on device") {
		t.Errorf("shows %q", shown)
	}
	s.says("rm behind; dd if=/dev/zero of=big bs=1024 count=10 2>/dev/null", "", "0")
}

func TestCloseKills(t *testing.T) {
	l := newLab(t)
	ended := make(chan struct{})
	kubectl := func(ctx context.Context, c host.Command) int {
		io.WriteString(c.Stdout, "on\n")
		<-ctx.Done()
		close(ended)
		return 0
	}
	keeper := l.open("owner") // with the tests' kubectl, until the next
	s, err := l.Open(t.Context(), "owner", kubectl, 80, 24)
	must(t, err)
	tt := &term{Session: s, t: t, more: make(chan struct{}, 1), end: make(chan struct{})}
	go tt.watch()
	tt.await("# ")
	tt.keys("sleep 1000 & kubectl wait &\r")
	tt.await("on")
	must(t, s.Close())
	<-ended
	<-tt.end
	for late := time.Now().Add(time.Minute); ; {
		shown, _ := keeper.run("ps")
		if !strings.Contains(shown, "sleep 1000") && !strings.Contains(shown, "kubectl wait") {
			break
		}
		if time.Now().After(late) {
			t.Fatalf("still there: %s", shown)
		}
	}
	if n, err := s.Write([]byte("x")); n != 0 || err == nil {
		t.Error("a closed session can be typed to")
	}
}

func TestEndOfTheWorkbench(t *testing.T) {
	l := newLab(t)
	s := l.open("owner")
	l.stop()
	<-s.Done()
	if _, err := l.Open(t.Context(), "owner", kubectl, 80, 24); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// TestWaitsForTheNetwork opens a shell before the node has a pod CIDR.
func TestWaitsForTheNetwork(t *testing.T) {
	l := newLab(t)
	l.stop()
	bare := newBareNode(t)
	l.node = bare
	l.start()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Open(ctx, "owner", kubectl, 80, 24); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		l.open("owner")
	}()
	must(t, bare.SetPodCIDR(podCIDR()))
	<-opened
}

// TestOutOfMemory holds that a learner whose processes were killed gets new
// ones.
func TestOutOfMemory(t *testing.T) {
	l := newLab(t, func(c *Config) { c.Memory = 48 << 20 })
	s := l.open("owner")
	s.keys("x=0123456789abcdef; while :; do x=$x$x; done\r")
	<-s.Done()
	if s.ExitCode() != 137 {
		t.Errorf("exit code %d", s.ExitCode())
	}
	l.open("owner").says("echo again", "again\n", "0")
}

func TestDial(t *testing.T) {
	l := newLab(t)
	client := http.Client{Transport: &http.Transport{DialContext: l.Dial, DisableKeepAlives: true}}
	for _, host := range []string{"web", "web.default", "web.default.svc.cluster.local", "172.18.0.2"} {
		r, err := client.Get("http://" + host + ":8080/")
		must(t, err)
		b, err := io.ReadAll(r.Body)
		must(t, err)
		r.Body.Close()
		if string(b) != "hello" {
			t.Errorf("%s: %q", host, b)
		}
	}
	var dnsErr *net.DNSError
	if _, err := l.Dial(t.Context(), "tcp", "nosuch:80"); !errors.As(err, &dnsErr) || !dnsErr.IsNotFound {
		t.Errorf("got %v", err)
	}
	outside, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer outside.Close()
	_, port, _ := net.SplitHostPort(outside.Addr().String())
	for _, to := range []string{"127.0.0.1:" + port, "localhost:" + port, "1.1.1.1:80", "example.com:80", "[::1]:" + port, "web", "web:x", "a..b:80"} {
		if c, err := l.Dial(t.Context(), "tcp", to); err == nil {
			t.Errorf("%s: connected to %s", to, c.RemoteAddr())
		}
	}
	s := l.open("owner")
	s.says("wget -q -O- http://web:8080/", "hello", "0")
}

func TestReadsStdin(t *testing.T) {
	for line, want := range map[string]bool{
		"get pods":                        false,
		"get pods -w":                     false,
		"apply -f -":                      true,
		"apply -f-":                       true,
		"apply -f=-":                      true,
		"apply --filename -":              true,
		"apply --filename=-":              true,
		"apply --filename=a.yaml,-":       true,
		"apply -f a.yaml":                 false,
		"apply -k .":                      false,
		"exec -it web -- sh":              true,
		"exec web -it -- sh":              true,
		"exec -ti web -- sh":              true,
		"exec -i web -- cat":              true,
		"-n lab exec -i web -- cat":       true,
		"exec web --stdin --tty -- sh":    true,
		"exec web --stdin=false -- sh":    false,
		"exec web -- cat -i":              false,
		"exec web -- sh -c -":             false,
		"exec -n i web -- ls":             false,
		"exec -ni web -- ls":              false,
		"run x --image=busybox -it -- sh": true,
		"attach web -i":                   true,
		"debug web -it --image=busybox":   true,
		"delete pod web -i":               true,
		"delete pod web --interactive":    true,
		"delete pod web --now":            false,
		"cp - web:/tmp":                   true,
		"logs -f web":                     false,
		"":                                false,
	} {
		if got := readsStdin(append([]string{"kubectl"}, strings.Fields(line)...)); got != want {
			t.Errorf("kubectl %s: %v", line, got)
		}
	}
}

func TestFileName(t *testing.T) {
	seen := map[string]string{}
	for _, id := range []string{"owner", "", "..", ".", "a/b", "Owner", "system:serviceaccount:default:bob", "var", "0", strings.Repeat("a", 300), "a\x00b", "学生"} {
		name := fileName(id)
		if other, dup := seen[name]; dup || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || len(name) > 63 {
			t.Errorf("%q: %q (as %q)", id, name, other)
		}
		seen[name] = id
	}
}
