package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
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
			path, err := mergeKubeconfig(from)
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
