package main

import (
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"kubergarten/engine/clock"
	"kubergarten/engine/network"
	"kubergarten/ui/terminal"
	"kubergarten/wasm/image"
	"kubergarten/wasm/workbench"
)

// TestRenew: a shell's kubectl has the token of the last login.
func TestRenew(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	images, err := image.New(image.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := workbench.New(workbench.Config{Root: root, Network: &network.Node{}, Images: images, Clock: clock.New()})
	if err != nil {
		t.Fatal(err)
	}
	s, who := &shells{bench: w}, &user.DefaultInfo{Name: "system:serviceaccount:default:ann"}
	_, dir, err := w.Home(who.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"first", "second"} {
		if err := s.Renew(&terminal.Visitor{User: who, REST: &rest.Config{Host: "https://h", BearerToken: token}}); err != nil {
			t.Fatal(err)
		}
		got, err := clientcmd.LoadFromFile(filepath.Join(dir, workspaceKubeconfig))
		if err != nil {
			t.Fatal(err)
		}
		if at := got.AuthInfos[contextName].Token; at != token {
			t.Errorf("after a login with %q kubectl has %q", token, at)
		}
	}
}
