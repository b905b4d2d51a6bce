package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"syscall"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// workspaceKubeconfig is where a workspace has its kubeconfig.
var workspaceKubeconfig = filepath.Join(".kube", "config")

// maxKubeconfig is how large a learner's kubeconfig is read.
const maxKubeconfig = 1 << 20

// writeKubeconfig writes into the workspace how to reach the API server as
// access says: self-contained, readable by its owner alone, as the context
// kubergarten. What else the learner has there stays, and so does the namespace
// that they chose. If what they have there is in the way it is put aside.
func writeKubeconfig(root *os.Root, access *rest.Config) error {
	access = rest.CopyConfig(access)
	if err := rest.LoadTLSFiles(access); err != nil {
		return fmt.Errorf("credentials of the kubeconfig: %w", err)
	}
	err := updateKubeconfig(root, access)
	if err == nil {
		return nil
	}
	aside := ".kube." + rand.Text()
	if e := root.Rename(".kube", aside); e != nil {
		return errors.Join(err, e)
	}
	if e := updateKubeconfig(root, access); e != nil {
		return errors.Join(err, e, root.Rename(aside, ".kube"))
	}
	return nil
}

// updateKubeconfig sets the context kubergarten, its cluster and its user in the
// workspace's kubeconfig.
func updateKubeconfig(root *os.Root, access *rest.Config) error {
	cfg, err := readKubeconfig(root)
	if err != nil {
		return fmt.Errorf("the kubeconfig as it is: %w", err)
	}
	own := &clientcmdapi.Context{Cluster: contextName, AuthInfo: contextName}
	if old := cfg.Contexts[contextName]; old != nil {
		own.Namespace = old.Namespace
	}
	cfg.Contexts[contextName] = own
	cfg.Clusters[contextName] = &clientcmdapi.Cluster{Server: access.Host, CertificateAuthorityData: access.CAData}
	cfg.AuthInfos[contextName] = &clientcmdapi.AuthInfo{
		ClientCertificateData: access.CertData, ClientKeyData: access.KeyData, Token: access.BearerToken,
	}
	if cfg.Contexts[cfg.CurrentContext] == nil {
		cfg.CurrentContext = contextName
	}
	return replaceKubeconfig(root, cfg)
}

// readKubeconfig is the workspace's kubeconfig as it is now, an empty one if
// there is none. The learner may have put anything there.
func readKubeconfig(root *os.Root) (*clientcmdapi.Config, error) {
	f, err := root.OpenFile(workspaceKubeconfig, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return clientcmdapi.NewConfig(), nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() || st.Size() > maxKubeconfig {
		return nil, errors.Join(errors.New("not a file of its kind"), err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxKubeconfig))
	if err != nil {
		return nil, err
	}
	cfg, err := clientcmd.Load(data)
	if err != nil {
		return nil, err
	}
	all := clientcmdapi.NewConfig() // all its maps are there
	maps.Copy(all.Clusters, cfg.Clusters)
	maps.Copy(all.AuthInfos, cfg.AuthInfos)
	maps.Copy(all.Contexts, cfg.Contexts)
	all.CurrentContext, all.Extensions = cfg.CurrentContext, cfg.Extensions
	return all, nil
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
	next := workspaceKubeconfig + "." + rand.Text()
	err = root.WriteFile(next, data, 0o600)
	if err == nil {
		err = root.Rename(next, workspaceKubeconfig)
	}
	if err != nil {
		_ = root.Remove(next)
	}
	return err
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
