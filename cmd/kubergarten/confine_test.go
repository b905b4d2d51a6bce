package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/component-base/logs"
	"k8s.io/kubectl/pkg/cmd/diff"
	"k8s.io/kubectl/pkg/cmd/util"
	"k8s.io/utils/exec"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

var update = flag.Bool("update", false, "write the golden files anew")

var kindNames = map[flagKind]string{
	plainFlag: "plain", pathFlag: "path", filenameFlag: "filename", keyedFlag: "keyed", kustomizeFlag: "kustomize",
	outputFlag: "output", templateFlag: "template", serverFlag: "server", refusedFlag: "refused",
}

// TestConfineFlags holds that somebody has looked at each flag of each command
// of kubectl and said what it names. If an update of kubectl brings new ones:
// classify them in kindOf, then write the golden file with -update.
func TestConfineFlags(t *testing.T) {
	t.Setenv("KUBECTL_KUBERC", "false")
	root := confinement{}.command(workspace{})
	logs.AddFlags(root.PersistentFlags())
	seen := map[string]bool{}
	each(root, func(c *cobra.Command) {
		see := func(f *pflag.Flag) {
			seen[fmt.Sprintf("%s --%s %s", c.CommandPath(), f.Name, kindNames[kindOf(c.CommandPath(), f.Name)])] = true
		}
		c.LocalNonPersistentFlags().VisitAll(see)
		c.PersistentFlags().VisitAll(see)
		if why := unavailable(c.CommandPath()); why != "" {
			seen[c.CommandPath()+" unavailable"] = true
		}
	})
	var all []string
	for s := range seen {
		all = append(all, s+"\n")
	}
	slices.Sort(all)
	golden(t, filepath.Join("testdata", "confine", "flags.txt"), strings.Join(all, ""))
}

// each calls f with c and all commands below it.
func each(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range c.Commands() {
		each(sub, f)
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("%s (-want +got):\n%s", file, d)
	}
}

// TestConfineDiffFlags holds that our diff has upstream's flags.
func TestConfineDiffFlags(t *testing.T) {
	t.Setenv("KUBECTL_KUBERC", "false")
	flagsOf := func(c *cobra.Command) (all []string) {
		c.Flags().VisitAll(func(f *pflag.Flag) { all = append(all, f.Name+" "+f.Shorthand+" "+f.DefValue+" "+f.Usage) })
		return all
	}
	ours, _, err := confinement{}.command(workspace{}).Find([]string{"diff"})
	if err != nil {
		t.Fatal(err)
	}
	f := util.NewFactory(genericclioptions.NewConfigFlags(true))
	if d := cmp.Diff(flagsOf(diff.NewCmdDiff(f, genericiooptions.IOStreams{})), flagsOf(ours)); d != "" {
		t.Errorf("flags of diff (-upstream +ours):\n%s", d)
	}
}

func TestConfineInside(t *testing.T) {
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(base, "ws")
	if err := os.MkdirAll(filepath.Join(root, "a", "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"in": "a/b", "out": "..", "far": "/etc", "a/self": root} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	w := workspace{Root: root, Cwd: filepath.Join(root, "a"), Mount: "/work"}
	for _, tt := range []struct{ path, want string }{
		{"x", "a/x"},
		{"", "a"},
		{".", "a"},
		{"../x", "x"},
		{"../in/x", "a/b/x"},
		{"/work/in", "a/b"},
		{"/work", "."},
		{"self/a/x", "a/x"},
		{root, "."},
		{"../../ws/x", "x"},
		{"../..", "refused"},
		{"../out/x", "refused"},
		{"../out", "refused"},
		{"../far", "refused"},
		{"../far/../" + root + "/x", "refused"},
		{"/workx", "refused"},
		{"/work/../x", "refused"},
		{"/", "refused"},
	} {
		got, err := w.inside(tt.path)
		want := filepath.Join(root, tt.want)
		if tt.want == "refused" {
			want = ""
		}
		if got != want || (err != nil) != (want == "") {
			t.Errorf("inside(%q) = %q, %v, want %q", tt.path, got, err, want)
		}
	}
}

// FuzzConfineCheck holds that a command line is let through only if what it
// names lies inside, and that no line makes the checks panic.
func FuzzConfineCheck(f *testing.F) {
	for _, s := range []string{
		"x", "", "-", "--", "..", "../x", "/etc/passwd", "a/../../x", "a\x00b", "http://h/x", "x=../y", "-f", "--kubeconfig=/x", "p:/x", "[", "*/..",
		"__complete", "/proc/self/root/etc", "..,x", "\"../x\"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, v string) {
		t.Setenv("KUBECTL_KUBERC", "false")
		t.Setenv("KUBECONFIG", "config")
		dir, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		w := workspace{Root: dir, Cwd: dir}
		c := confinement{Server: "https://127.0.0.1:1"}
		_ = c.check(w, strings.Fields(v))
		_ = c.check(w, append([]string{"__complete"}, strings.Fields(v)...))
		_, outside := w.inside(v)
		if outside == nil || v == "" {
			return
		}
		for _, line := range [][]string{
			{"get", "pods", "--kubeconfig=" + v},
			{"get", "pods", "-o", "jsonpath-file=" + v},
			{"patch", "pod", "p", "--patch-file", v},
			{"get", "pods", "--cache-dir", v},
			{"version", "--profile-output", v},
			{"kustomize", "-o", v},
		} {
			if err := c.check(w, line); err == nil {
				t.Errorf("%q is let through", line)
			}
		}
	})
}

// workspaceRoot is an empty workspace.
func workspaceRoot(t *testing.T) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func TestConfineKubeconfig(t *testing.T) {
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.crt")
	if err := os.WriteFile(ca, []byte("authority"), 0o600); err != nil {
		t.Fatal(err)
	}
	access := &rest.Config{Host: "https://127.0.0.1:6443", BearerToken: "t", TLSClientConfig: rest.TLSClientConfig{CAFile: ca}}
	ws := workspaceRoot(t)
	for range 2 {
		if err := writeKubeconfig(ws, access); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(ws.Name(), workspaceKubeconfig)
	got, err := clientcmd.LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Contexts) != 1 || got.CurrentContext != contextName || got.AuthInfos[contextName].Token != "t" ||
		string(got.Clusters[contextName].CertificateAuthorityData) != "authority" || got.Clusters[contextName].CertificateAuthority != "" {
		t.Errorf("written: %+v", got)
	}
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", st.Mode(), err)
	}
}

// TestConfineKubeconfigKeeps holds that what a learner has in their kubeconfig
// outlives the opening of a shell, and that the way to the cluster is renewed.
func TestConfineKubeconfigKeeps(t *testing.T) {
	ws := workspaceRoot(t)
	if err := writeKubeconfig(ws, &rest.Config{Host: "https://old", BearerToken: "old"}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(ws.Name(), workspaceKubeconfig)
	cfg, err := clientcmd.LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Contexts[contextName].Namespace = "shop"
	cfg.Contexts["dev"] = &clientcmdapi.Context{Cluster: contextName, AuthInfo: contextName, Namespace: "dev"}
	cfg.CurrentContext = "dev"
	if err := clientcmd.WriteToFile(*cfg, file); err != nil {
		t.Fatal(err)
	}
	if err := writeKubeconfig(ws, &rest.Config{Host: "https://new", BearerToken: "new"}); err != nil {
		t.Fatal(err)
	}
	got, err := clientcmd.LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.CurrentContext != "dev" || got.Contexts["dev"] == nil || got.Contexts["dev"].Namespace != "dev" {
		t.Errorf("the learner's context is gone: %+v", got)
	}
	if got.Contexts[contextName].Namespace != "shop" || got.AuthInfos[contextName].Token != "new" || got.Clusters[contextName].Server != "https://new" {
		t.Errorf("ours: %+v %+v %+v", got.Contexts[contextName], got.AuthInfos[contextName], got.Clusters[contextName])
	}
}

// TestConfineKubeconfigInTheWay holds that whatever a learner puts where the
// kubeconfig belongs, a shell has one again, it is not read or written outside,
// and what was there stays beside it.
func TestConfineKubeconfigInTheWay(t *testing.T) {
	for _, tt := range []struct {
		name string
		put  func(dir, out string) error
	}{
		{"a file for the directory", func(dir, _ string) error {
			return os.WriteFile(filepath.Join(dir, ".kube"), nil, 0o600)
		}},
		{"a directory for the file", func(dir, _ string) error {
			return os.MkdirAll(filepath.Join(dir, workspaceKubeconfig), 0o700)
		}},
		{"a symlink out", func(dir, out string) error { return os.Symlink(out, filepath.Join(dir, ".kube")) }},
		{"a symlink to nothing", func(dir, _ string) error { return os.Symlink("nothing", filepath.Join(dir, ".kube")) }},
		{"no kubeconfig at all", func(dir, _ string) error {
			return errors.Join(os.Mkdir(filepath.Join(dir, ".kube"), 0o700),
				os.WriteFile(filepath.Join(dir, workspaceKubeconfig), []byte("{{{"), 0o600))
		}},
		{"too much", func(dir, _ string) error {
			return errors.Join(os.Mkdir(filepath.Join(dir, ".kube"), 0o700),
				os.WriteFile(filepath.Join(dir, workspaceKubeconfig), nil, 0o600),
				os.Truncate(filepath.Join(dir, workspaceKubeconfig), 1<<40))
		}},
		{"nobody may look", func(dir, _ string) error { return os.Mkdir(filepath.Join(dir, ".kube"), 0) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ws, out := workspaceRoot(t), t.TempDir()
			if err := tt.put(ws.Name(), out); err != nil {
				t.Fatal(err)
			}
			if err := writeKubeconfig(ws, &rest.Config{Host: "https://h", BearerToken: "t"}); err != nil {
				t.Fatal(err)
			}
			if cfg, err := clientcmd.LoadFromFile(filepath.Join(ws.Name(), workspaceKubeconfig)); err != nil || cfg.CurrentContext != contextName {
				t.Errorf("the kubeconfig: %+v, %v", cfg, err)
			}
			if left, err := os.ReadDir(out); err != nil || len(left) > 0 {
				t.Errorf("outside: %v, %v, want nothing", left, err)
			}
			if all, err := os.ReadDir(ws.Name()); err != nil || len(all) > 2 {
				t.Errorf("the workspace has %v, %v", all, err)
			}
		})
	}
}

// TestConfineKubeconfigs holds that shells that are opened together all have a
// kubeconfig, and leave nothing else behind.
func TestConfineKubeconfigs(t *testing.T) {
	ws := workspaceRoot(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := writeKubeconfig(ws, &rest.Config{Host: "https://h", BearerToken: "t"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if left, err := os.ReadDir(filepath.Join(ws.Name(), ".kube")); err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v, want the kubeconfig alone", left, err)
	}
}

func TestConfineDiff(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	for file, text := range map[string]string{
		filepath.Join(from, "same"): "x\n", filepath.Join(to, "same"): "x\n",
		filepath.Join(from, "m"): "a\nb\nc\n", filepath.Join(to, "m"): "a\nB\nc\n",
		filepath.Join(to, "new"): "n\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := differ{}.Command("diff", "-u", "-N", from, to)
	var out bytes.Buffer
	cmd.SetStdout(&out)
	err := cmd.Run()
	if e, ok := err.(exec.ExitError); !ok || e.ExitStatus() != 1 {
		t.Errorf("run: %v, want exit status 1", err)
	}
	got := strings.NewReplacer(from, "FROM", to, "TO").Replace(out.String())
	want := "diff -u -N FROM/m TO/m\n--- FROM/m\n+++ TO/m\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n" +
		"diff -u -N FROM/new TO/new\n--- FROM/new\n+++ TO/new\n@@ -0,0 +1 @@\n+n\n"
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("diff (-want +got):\n%s", d)
	}
}
