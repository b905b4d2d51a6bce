package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// workspaceKubeconfig is where a workspace has its kubeconfig.
var workspaceKubeconfig = filepath.Join(".kube", "config")

// writeKubeconfig writes into the workspace how to reach the API server as
// access says: self-contained, readable by its owner alone, as the context
// kubergarten. The namespace that the learner chose there stays.
func writeKubeconfig(dir string, access *rest.Config) error {
	access = rest.CopyConfig(access)
	if err := rest.LoadTLSFiles(access); err != nil {
		return fmt.Errorf("credentials of the kubeconfig: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	out := clientcmdapi.NewConfig()
	out.Clusters[contextName] = &clientcmdapi.Cluster{Server: access.Host, CertificateAuthorityData: access.CAData}
	out.AuthInfos[contextName] = &clientcmdapi.AuthInfo{
		ClientCertificateData: access.CertData, ClientKeyData: access.KeyData, Token: access.BearerToken,
	}
	out.Contexts[contextName] = &clientcmdapi.Context{Cluster: contextName, AuthInfo: contextName, Namespace: chosenNamespace(root)}
	out.CurrentContext = contextName
	return replaceKubeconfig(root, out)
}

// replaceKubeconfig writes the file anew and leaves nothing half written. Root
// keeps symlinks of the learner's from leading it elsewhere.
func replaceKubeconfig(root *os.Root, cfg *clientcmdapi.Config) error {
	data, err := clientcmd.Write(*cfg)
	if err != nil {
		return err
	}
	if err := root.Mkdir(".kube", 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	next := workspaceKubeconfig + ".new"
	if err := root.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := root.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	return root.Rename(next, workspaceKubeconfig)
}

// chosenNamespace is the namespace of the context in the workspace's kubeconfig
// as it is now, "" none.
func chosenNamespace(root *os.Root) string {
	data, err := root.ReadFile(workspaceKubeconfig)
	if err != nil {
		return ""
	}
	cfg, err := clientcmd.Load(data)
	if err != nil || cfg.Contexts[contextName] == nil {
		return ""
	}
	return cfg.Contexts[contextName].Namespace
}

// checkKubeconfig refuses a kubeconfig that leads out of the workspace: to
// another server, through a proxy, to files or to programs. What kubectl cannot
// read itself is left to it.
func (c confinement) checkKubeconfig(w workspace, file string) error {
	at, err := w.inside(file)
	if err != nil {
		return err
	}
	cfg, err := clientcmd.LoadFromFile(at)
	if err != nil {
		return nil
	}
	for name, cluster := range cfg.Clusters {
		if err := c.checkCluster(w, filepath.Dir(at), cluster); err != nil {
			return fmt.Errorf("kubeconfig: cluster %q: %w", name, err)
		}
	}
	for name, user := range cfg.AuthInfos {
		if err := checkUser(w, filepath.Dir(at), user); err != nil {
			return fmt.Errorf("kubeconfig: user %q: %w", name, err)
		}
	}
	return nil
}

// checkCluster checks one cluster of a kubeconfig in dir.
func (c confinement) checkCluster(w workspace, dir string, cluster *clientcmdapi.Cluster) error {
	if cluster.ProxyURL != "" {
		return errors.New("proxy-url: " + refusal("proxy-url"))
	}
	if err := c.checkServer(cluster.Server); err != nil {
		return err
	}
	return w.from(dir, cluster.CertificateAuthority)
}

// checkUser checks one user of a kubeconfig in dir.
func checkUser(w workspace, dir string, user *clientcmdapi.AuthInfo) error {
	if user.Exec != nil {
		return errors.New("exec: " + refusal("exec-command"))
	}
	if user.AuthProvider != nil {
		return errors.New("auth-provider: " + refusal("auth-provider"))
	}
	return w.from(dir, user.ClientCertificate, user.ClientKey, user.TokenFile)
}

// from checks files that a file in dir names. kubectl takes them from there,
// and a token's file from where it runs.
func (w workspace) from(dir string, files ...string) error {
	for _, f := range files {
		if f == "" {
			continue
		}
		for _, cwd := range []string{dir, w.Cwd} {
			if _, err := (workspace{Root: w.Root, Cwd: cwd}).inside(f); err != nil {
				return err
			}
		}
	}
	return nil
}
