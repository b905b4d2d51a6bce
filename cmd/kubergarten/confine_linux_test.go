package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"k8s.io/client-go/tools/clientcmd"
)

// A cell is a workspace with something to steal beside it and somebody to talk
// to: a canary directory and a canary listener, which count what touches them.
type cell struct {
	testing.TB
	dir, out string // the workspace, the canary directory
	address  string // of the canary listener
	api      string // of the only server that may be reached
	hits     atomic.Int32
	watch    int
	kubectl  *confinedKubectl
}

const secret = "canary-c0ffee"

func newCell(tb testing.TB, bare bool) *cell {
	tb.Helper()
	base, err := filepath.EvalSymlinks(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	c := &cell{TB: tb, dir: filepath.Join(base, "ws"), out: filepath.Join(base, "out"), api: "https://127.0.0.1:1"}
	c.write("../out/secret", secret)
	c.write("../out/kustomization.yaml", "resources: [pod.yaml]\n")
	c.write("../out/pod.yaml", pod)
	c.write(".kube/config", kubeconfigFor(c.api, "", ""))
	c.listen()
	if c.kubectl, err = newConfinedKubectl(c.dir, "/home/learner", c.api, slog.New(slog.DiscardHandler)); err != nil {
		tb.Fatal(err)
	}
	c.kubectl.bare, c.kubectl.bin, c.kubectl.patience = bare, program(tb), patience
	return c
}

// program is the kubergarten that is tested.
func program(tb testing.TB) string {
	if bin := os.Getenv("KUBERGARTEN"); bin != "" {
		return bin
	}
	bin, err := exec.LookPath("kubergarten")
	if err != nil {
		tb.Fatal(err)
	}
	return bin
}

// listen opens the canary listener.
func (c *cell) listen() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { l.Close() })
	c.address = l.Addr().String()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.hits.Add(1)
			conn.Close()
		}
	}()
}

func (c *cell) write(name, text string) {
	c.Helper()
	at := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		c.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(c.fill(text)), 0o600); err != nil {
		c.Fatal(err)
	}
}

func (c *cell) link(name, target string) {
	c.Helper()
	at := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		c.Fatal(err)
	}
	if err := os.Symlink(c.fill(target), at); err != nil {
		c.Fatal(err)
	}
}

// fill puts the cell's places into a text.
func (c *cell) fill(s string) string {
	return strings.NewReplacer("{OUT}", c.out, "{ADDR}", c.address, "{API}", c.api, "{WS}", c.dir).Replace(s)
}

// guard starts to count what opens, changes or makes files in the canary
// directory.
func (c *cell) guard() {
	c.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { unix.Close(fd) })
	const touched = unix.IN_OPEN | unix.IN_ACCESS | unix.IN_MODIFY | unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVE | unix.IN_ATTRIB
	if _, err := unix.InotifyAddWatch(fd, c.out, touched); err != nil {
		c.Fatal(err)
	}
	c.watch = fd
}

// untouched fails the test if anything was reached.
func (c *cell) untouched(output string) {
	c.Helper()
	if n := c.hits.Load(); n != 0 {
		c.Errorf("the canary listener was reached %d times", n)
	}
	if n, err := unix.Read(c.watch, make([]byte, 4096)); err != unix.EAGAIN {
		c.Errorf("the canary directory was touched (%d bytes of events, %v)", n, err)
	}
	if strings.Contains(output, secret) {
		c.Error("the secret is in the output")
	}
}

// run runs kubectl and returns all that it wrote.
func (c *cell) run(stdin string, args ...string) (string, int) {
	c.Helper()
	for i := range args {
		args[i] = c.fill(args[i])
	}
	var out bytes.Buffer
	code := c.kubectl.Run(c.Context(), kubectlCommand{
		Args: args, Env: map[string]string{
			"KUBECTL_EXTERNAL_DIFF": "touch {OUT}/new", "EDITOR": "touch", "HTTPS_PROXY": "http://" + c.address,
			"KUBECONFIG": filepath.Join(c.out, "secret"), "PATH": os.Getenv("PATH"),
		},
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &out,
	})
	return out.String(), code
}

const pod = `apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: c, image: busybox}]}
`

func kubeconfigFor(server, cluster, user string) string {
	if user == "" {
		user = "token: t"
	}
	return fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: kubergarten
contexts: [{name: kubergarten, context: {cluster: kubergarten, user: kubergarten}}]
clusters: [{name: kubergarten, cluster: {server: "%s"%s}}]
users: [{name: kubergarten, user: {%s}}]
`, server, cluster, user)
}

// TestConfineAttempts is the corpus of ways out: each fails, with a sentence
// that says why, and touches nothing. It is run behind the kernel's walls, and
// once more without them, so that the checks are shown to suffice.
func TestConfineAttempts(t *testing.T) {
	if n := len(attempts); n < 60 {
		t.Errorf("%d attempts are too few", n)
	}
	for _, mode := range []struct {
		name string
		bare bool
	}{{"landlock", false}, {"checks alone", true}} {
		t.Run(mode.name, func(t *testing.T) {
			for _, a := range attempts {
				t.Run(a.name, func(t *testing.T) {
					t.Parallel()
					c := newCell(t, mode.bare)
					a.prepare(c)
					c.guard()
					out, code := c.run(a.stdin, strings.Fields(a.args)...)
					c.untouched(out)
					if code == 0 {
						t.Errorf("kubectl %s succeeded:\n%s", a.args, out)
					}
					if !strings.Contains(out, a.want) {
						t.Errorf("kubectl %s says\n%s, want %q", a.args, out, a.want)
					}
				})
			}
		})
	}
}

// TestConfineKernel shows that the kernel stands behind the checks: with all
// checks passed by, the files and addresses outside stay out of reach.
func TestConfineKernel(t *testing.T) {
	if landlockABI() < 4 {
		t.Skip("this kernel has no Landlock for files and addresses")
	}
	c := newCell(t, false)
	c.guard()
	cmd := exec.Command(os.Args[0], "-test.run=^TestConfinePrisoner$")
	cmd.Env = append(os.Environ(), "CONFINE_WS="+c.dir, "CONFINE_OUT="+c.out, "CONFINE_ADDR="+c.address)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("prisoner: %v\n%s", err, out)
	}
	c.untouched(string(out))
}

// TestConfinePrisoner is the process that TestConfineKernel locks up.
func TestConfinePrisoner(t *testing.T) {
	ws, out := os.Getenv("CONFINE_WS"), os.Getenv("CONFINE_OUT")
	if ws == "" {
		t.Skip("runs in TestConfineKernel")
	}
	if err := (confinement{Workspace: ws, Server: "https://127.0.0.1:1"}).wall(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(filepath.Join(out, "secret")); !os.IsPermission(err) {
		t.Errorf("read outside: %v, want a refusal", err)
	}
	if err := os.WriteFile(filepath.Join(out, "new"), nil, 0o600); !os.IsPermission(err) {
		t.Errorf("write outside: %v, want a refusal", err)
	}
	if err := os.WriteFile(filepath.Join(ws, "new"), nil, 0o600); err != nil {
		t.Errorf("write inside: %v", err)
	}
	if err := exec.Command("/bin/sh", "-c", "true").Run(); !os.IsPermission(err) {
		t.Errorf("start a program: %v, want a refusal", err)
	}
	if conn, err := net.DialTimeout("tcp", os.Getenv("CONFINE_ADDR"), time.Second); !os.IsPermission(unwrapNet(err)) {
		t.Errorf("dial outside: %v %v, want a refusal", conn, err)
	}
	if t.Failed() {
		os.Exit(1)
	}
	os.Exit(0) // at once: what comes after tests wants to tidy up outside
}

// unwrapNet is the system's error in one of net.
func unwrapNet(err error) error {
	if op, ok := err.(*net.OpError); ok {
		return op.Err
	}
	return err
}

// TestConfineControls holds that what stays inside works.
func TestConfineControls(t *testing.T) {
	for _, tt := range []struct{ name, args, want string }{
		{"version", "version --client", "Client Version"},
		{"a file", "create configmap x --from-file=f --dry-run=client -o yaml", "hello"},
		{"a file by key", "create configmap x --from-file=k=dir/f --dry-run=client -o yaml", "k: |\n    hello"},
		{"a file as the shell calls it", "create configmap x --from-file=/home/learner/f --dry-run=client -o yaml", "hello"},
		{"a file through a link inside", "create configmap x --from-file=link --dry-run=client -o yaml", "hello"},
		{"out and in again", "create configmap x --from-file=../ws/f --dry-run=client -o yaml", "hello"},
		{"a kustomization", "kustomize overlay", "name: pre-p"},
		{"a kubeconfig of one's own", "config view --kubeconfig other -o jsonpath-file=tmpl", "https://127.0.0.1:1"},
		{"change the kubeconfig", "config set-context --current --namespace=shop", "modified"},
		{"a template's file as the shell calls it", "config view -o jsonpath-file=/home/learner/tmpl", "https://127.0.0.1:1"},
		{"a flag's template as the shell calls it", "config view -o go-template-file --template=/home/learner/dir/f", "hello"},
		{"kustomize into a file as the shell calls it", "kustomize overlay -o /home/learner/out.yaml", ""},
		{"kustomize into a directory", "kustomize overlay -o dir", ""},
		{"a profile", "version --client --profile=heap", "Client Version"},
		{"completion", "__complete creat", "create"},
		{"completion by a kubeconfig as the shell calls it", "__complete --kubeconfig=/home/learner/mine get --context m", "mine"},
		{"repair a kubeconfig", "config unset users.kubergarten --kubeconfig bad", "Property"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCell(t, false)
			c.write("f", "hello\n")
			c.write("dir/f", "hello\n")
			c.link("link", "dir/f")
			c.write("base/pod.yaml", pod)
			c.write("base/kustomization.yaml", "resources: [pod.yaml]\n")
			c.write("overlay/kustomization.yaml", "namePrefix: pre-\nresources: [../base]\n")
			c.write("other", kubeconfigFor(c.api, "", ""))
			c.write("bad", kubeconfigFor(c.api, "", `exec: {apiVersion: client.authentication.k8s.io/v1, command: sh}`))
			c.write("mine", "apiVersion: v1\nkind: Config\ncontexts: [{name: mine, context: {cluster: c, user: u}}]\n")
			c.write("tmpl", "{.clusters[0].cluster.server}")
			out, code := c.run("", strings.Fields(tt.args)...)
			if code != 0 || !strings.Contains(out, tt.want) {
				t.Errorf("kubectl %s: exit %d\n%s, want %q", tt.args, code, out, tt.want)
			}
		})
	}
}

// TestConfineMount holds that a name that the shell and the host both have is
// the shell's, where the kernel does not stand behind the checks.
func TestConfineMount(t *testing.T) {
	for _, args := range []string{
		"config view -o jsonpath-file={OUT}/secret",
		"config view -o go-template-file --template={OUT}/secret",
		"config view --kubeconfig={OUT}/secret -o jsonpath-file={OUT}/secret",
		"create configmap x --from-file=a={OUT}/secret" + offline,
		"__complete --kubeconfig={OUT}/secret get --context k",
		"kustomize k -o {OUT}/new/x.yaml",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			c := newCell(t, true)
			c.kubectl.mount = c.out
			c.write("k/pod.yaml", pod)
			c.write("k/kustomization.yaml", "resources: [pod.yaml]\n")
			c.guard()
			out, _ := c.run("", strings.Fields(args)...)
			c.untouched(out)
		})
	}
}

// TestConfineNumber holds that a learner has no more kubectl at once than they
// may, and gets one again when one has ended.
func TestConfineNumber(t *testing.T) {
	c := newCell(t, false)
	for range maxKubectl {
		c.kubectl.children.take()
	}
	out, code := c.run("", "version", "--client")
	if code != 1 || !strings.Contains(out, "too many kubectl at once") {
		t.Errorf("one too many: exit %d, %q", code, out)
	}
	c.kubectl.children.leave()
	for range 2 {
		if out, code := c.run("", "version", "--client"); code != 0 {
			t.Errorf("the last one: exit %d, %q", code, out)
		}
	}
}

// onWrite calls then after each write.
type onWrite struct {
	io.Writer
	then func()
}

func (w onWrite) Write(p []byte) (int, error) {
	defer w.then()
	return w.Writer.Write(p)
}

// TestConfineCluster holds that the terminal's kubectl does a learner's work
// with a real cluster.
func TestConfineCluster(t *testing.T) {
	s := newServer(t)
	s.start()
	s.waitReady()
	c := newCell(t, false)
	c.api = "https://" + s.listen
	c.kubectl.server = c.api
	access, err := clientcmd.BuildConfigFromFlags("", filepath.Join(s.data(), "admin.kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(c.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := writeKubeconfig(root, access); err != nil {
		t.Fatal(err)
	}
	c.write("pod.yaml", strings.Replace(pod, "image: busybox", `image: busybox, command: [sh, -c, "while true; do echo tick; sleep 1; done"]`, 1))
	c.write("k/cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: one}\n")
	c.write("k/kustomization.yaml", "resources: [cm.yaml]\n")
	c.write("new.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: two}\n")
	for _, tt := range []struct {
		args string
		code int
		want string
	}{
		{"get nodes", 0, "control-plane"},
		{"apply -f pod.yaml", 0, "pod/p created"},
		{"apply -k k", 0, "configmap/m created"},
		{"diff -f new.yaml", 1, "-  a: one\n+  a: two"},
		{"diff -k k", 0, ""},
		{"wait --for=condition=Ready pod/p --timeout=80s", 0, "condition met"},
		{"cp new.yaml p:/tmp/new.yaml", 0, ""},
		{"cp p:/tmp/new.yaml back.yaml", 0, ""},
		{"apply -f back.yaml", 0, "configmap/m configured"},
		{"exec p -- echo in the pod", 0, "in the pod"},
		{"logs p", 0, "tick"},
		{"cp p:/tmp/new.yaml ../out/stolen", 1, "outside of your workspace"},
		{"__complete get pods p", 0, "p"},
	} {
		out, code := c.run("", strings.Fields(tt.args)...)
		if code != tt.code || !strings.Contains(out, tt.want) {
			t.Errorf("kubectl %s: exit %d\n%s, want exit %d and %q", tt.args, code, out, tt.code, tt.want)
		}
	}
	t.Run("ctrl-c ends logs -f", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var said bytes.Buffer
		out := onWrite{&said, cancel}
		if code := c.kubectl.Run(ctx, kubectlCommand{Args: []string{"logs", "-f", "p"}, Stdout: out, Stderr: io.Discard}); code != 1 {
			t.Errorf("exit %d, want 1, as kubectl has it", code)
		}
		if !strings.HasPrefix(said.String(), "tick") || t.Context().Err() != nil {
			t.Errorf("logs -f said %q before Ctrl-C", said.String())
		}
	})
	t.Run("a terminal", func(t *testing.T) {
		var out bytes.Buffer
		stdin, keys := io.Pipe()
		go io.WriteString(keys, "echo $((6*7))\nexit\n")
		code := c.kubectl.Run(t.Context(), kubectlCommand{
			Args: []string{"exec", "-it", "p", "--", "sh"}, TTY: true, Rows: 24, Cols: 80,
			Stdin: stdin, Stdout: &out, Stderr: &out,
		})
		if code != 0 || !strings.Contains(out.String(), "42") || strings.Contains(out.String(), "Unable to use a TTY") {
			t.Errorf("exit %d\n%s", code, out.String())
		}
	})
}
