package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// oneContext writes a kubeconfig file of one context.
func oneContext(t *testing.T, path, name, server string) {
	t.Helper()
	cfg := clientcmdapi.NewConfig()
	cfg.Clusters[name] = &clientcmdapi.Cluster{Server: server}
	cfg.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: "token of " + name}
	cfg.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	cfg.CurrentContext = name
	if err := clientcmd.WriteToFile(*cfg, path); err != nil {
		t.Fatal(err)
	}
}

func TestMergeKubeconfig(t *testing.T) {
	for _, before := range []string{"none", "another cluster", "an older one of ours"} {
		t.Run(before, func(t *testing.T) {
			dir := t.TempDir()
			from, user := filepath.Join(dir, "admin.kubeconfig"), filepath.Join(dir, "home", ".kube", "config")
			t.Setenv("KUBECONFIG", user)
			oneContext(t, from, "kubernetes", "https://127.0.0.1:6443")
			want := map[string]string{contextName: "https://127.0.0.1:6443"}
			switch before {
			case "another cluster":
				oneContext(t, user, "work", "https://work.example.com")
				want["work"] = "https://work.example.com"
			case "an older one of ours":
				oneContext(t, user, contextName, "https://127.0.0.1:1")
			}
			unchanged, err := os.ReadFile(from)
			if err != nil {
				t.Fatal(err)
			}
			path, err := mergeKubeconfig(from, contextName)
			if err != nil || path != user {
				t.Fatalf("mergeKubeconfig() = %s, %v", path, err)
			}
			got, err := clientcmd.LoadFromFile(user)
			if err != nil {
				t.Fatal(err)
			}
			servers := map[string]string{}
			for name, c := range got.Contexts {
				servers[name] = got.Clusters[c.Cluster].Server
				if got.AuthInfos[c.AuthInfo].Token == "" {
					t.Errorf("context %s has no user", name)
				}
			}
			if diff := cmp.Diff(want, servers); diff != "" {
				t.Error(diff)
			}
			if got.CurrentContext != contextName {
				t.Errorf("current context is %s", got.CurrentContext)
			}
			if now, _ := os.ReadFile(from); string(now) != string(unchanged) {
				t.Error("the cluster's own file was changed")
			}
		})
	}
}

// TestAnAuthorsClusterIsAnother: it takes the user's context from nobody.
func TestAnAuthorsClusterIsAnother(t *testing.T) {
	dir := t.TempDir()
	user := filepath.Join(dir, "config")
	t.Setenv("KUBECONFIG", user)
	want := map[string]string{contextName: "https://127.0.0.1:6443", authorContext: "https://127.0.0.1:7443"}
	for name, cmd := range map[string]*cobra.Command{contextName: up(), authorContext: lessonServe()} {
		var f upFlags
		f.bind(&cobra.Command{}, name)
		for flag, word := range map[string]string{"kubeconfig": "add the context " + name + " to", "data-dir": "default: " + name + " in"} {
			if usage := cmd.Flag(flag).Usage; !strings.Contains(usage, word) {
				t.Errorf("%s --%s: %s, want %s", cmd.Name(), flag, usage, word)
			}
		}
		from := filepath.Join(dir, name)
		oneContext(t, from, "kubernetes", want[name])
		if _, err := f.publish(from); err != nil {
			t.Fatal(err)
		}
		got, err := clientcmd.LoadFromFile(user)
		if err != nil {
			t.Fatal(err)
		}
		if got.CurrentContext != name {
			t.Errorf("the current context is %s, want %s", got.CurrentContext, name)
		}
	}
	got, err := clientcmd.LoadFromFile(user)
	if err != nil {
		t.Fatal(err)
	}
	for name, server := range want {
		c := got.Contexts[name]
		if c == nil || c.Cluster != name || c.AuthInfo != name || got.Clusters[name].Server != server {
			t.Errorf("context %s: %+v of %+v, want %s", name, c, got.Clusters, server)
		}
	}
}
