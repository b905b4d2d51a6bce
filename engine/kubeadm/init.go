package kubeadm

// Upstream: cmd/kubeadm/app/cmd/phases/init

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"text/template"
)

//go:embed manifests/*.yaml
var manifests embed.FS

// Files that Init writes, by their path in the node.
const (
	PKI         = "etc/kubernetes/pki"
	AdminConf   = "etc/kubernetes/admin.conf"
	KubeletConf = "etc/kubernetes/kubelet.conf"
)

// Init writes what the control-plane node needs to start, each file only if it
// is missing.
func Init(root *os.Root, cfg Config) error {
	w := writer{root}
	ca, err := w.pki(cfg)
	if err != nil {
		return err
	}
	if err := w.kubeconfigs(cfg, ca); err != nil {
		return err
	}
	for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		if err := w.manifest(cfg, name); err != nil {
			return err
		}
	}
	return w.kubelet(cfg, ca, cfg.NodeName)
}

// InitNode writes what a worker node needs. The authority's key is on the
// control-plane node.
func InitNode(root, controlPlane *os.Root, cfg Config, name string) error {
	ca, err := writer{controlPlane}.pair(PKI+"/ca", func() (pair, error) { return pair{}, errors.New("no certificate authority") })
	if err != nil {
		return err
	}
	return writer{root}.kubelet(cfg, ca, name)
}

type writer struct{ root *os.Root }

// file writes a file that is missing, with what content makes.
func (w writer) file(name string, mode fs.FileMode, content func() ([]byte, error)) error {
	if _, err := w.root.Stat(name); err == nil {
		return nil
	}
	data, err := content()
	if err != nil {
		return fmt.Errorf("make /%s: %w", name, err)
	}
	if err := w.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make /%s: %w", path.Dir(name), err)
	}
	// Written under another name first: the kubelet must not see half a file,
	// and a crash must not leave one.
	tmp := path.Join(path.Dir(name), "."+path.Base(name)+".tmp")
	if err := w.root.WriteFile(tmp, data, mode); err != nil {
		return fmt.Errorf("write /%s: %w", name, err)
	}
	return w.root.Rename(tmp, name)
}

// pair reads base.crt (or .pub) and base.key, or makes them.
func (w writer) pair(base string, mk func() (pair, error)) (p pair, err error) {
	ext := ".crt"
	if path.Base(base) == "sa" {
		ext = ".pub"
	}
	p.cert, err = w.root.ReadFile(base + ext)
	if err == nil {
		if p.key, err = w.root.ReadFile(base + ".key"); err == nil {
			return p, nil
		}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return p, fmt.Errorf("read /%s: %w", base, err)
	}
	if p, err = mk(); err != nil {
		return p, fmt.Errorf("make /%s: %w", base, err)
	}
	if err := w.file(base+".key", 0o600, func() ([]byte, error) { return p.key, nil }); err != nil {
		return p, err
	}
	return p, w.file(base+ext, 0o644, func() ([]byte, error) { return p.cert, nil })
}

// pki writes the certificate authority and what it signs.
func (w writer) pki(cfg Config) (ca pair, err error) {
	ca, err = w.pair(PKI+"/ca", func() (pair, error) { return newCA("kubernetes", cfg.Now) })
	if err != nil {
		return ca, err
	}
	if _, err := w.pair(PKI+"/apiserver", func() (pair, error) { return newServing(ca, "kube-apiserver", cfg.names(), cfg.Now) }); err != nil {
		return ca, err
	}
	_, err = w.pair(PKI+"/sa", newSigningKey)
	return ca, err
}

// kubeconfigs writes the files by which people and components find the API server.
func (w writer) kubeconfigs(cfg Config, ca pair) error {
	for _, f := range []struct {
		file, server, user string
		groups             []string
	}{
		{AdminConf, cfg.Server, "kubernetes-admin", []string{"kubeadm:cluster-admins"}},
		{"etc/kubernetes/controller-manager.conf", cfg.InternalServer(), "system:kube-controller-manager", nil},
		{"etc/kubernetes/scheduler.conf", cfg.InternalServer(), "system:kube-scheduler", nil},
	} {
		if err := w.file(f.file, 0o600, func() ([]byte, error) {
			return kubeconfig(ca, "kubernetes", f.server, f.user, f.groups, cfg.Now)
		}); err != nil {
			return err
		}
	}
	return nil
}

// kubelet writes what the kubelet of that node needs.
func (w writer) kubelet(cfg Config, ca pair, name string) error {
	if err := w.file(PKI+"/ca.crt", 0o644, func() ([]byte, error) { return ca.cert, nil }); err != nil {
		return err
	}
	if err := w.file(KubeletConf, 0o600, func() ([]byte, error) {
		return kubeconfig(ca, "kubernetes", cfg.InternalServer(), "system:node:"+name, []string{"system:nodes"}, cfg.Now)
	}); err != nil {
		return err
	}
	if err := w.root.MkdirAll("etc/kubernetes/manifests", 0o755); err != nil {
		return fmt.Errorf("make /etc/kubernetes/manifests: %w", err)
	}
	return w.file("var/lib/kubelet/config.yaml", 0o644, func() ([]byte, error) { return render(cfg, "kubelet-config") })
}

func (w writer) manifest(cfg Config, name string) error {
	return w.file("etc/kubernetes/manifests/"+name+".yaml", 0o600, func() ([]byte, error) { return render(cfg, name) })
}

// render fills in one of the embedded files.
func render(cfg Config, name string) ([]byte, error) {
	t, err := template.ParseFS(manifests, "manifests/"+name+".yaml")
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	if err := t.Execute(&b, cfg.values()); err != nil {
		return nil, err
	}
	return []byte(b.String()), nil
}

// values are what the embedded files may name.
func (c Config) values() map[string]any {
	return map[string]any{
		"NodeName": c.NodeName, "NodeIP": c.NodeIP, "PodCIDR": c.PodCIDR, "ServiceCIDR": c.ServiceCIDR,
		"DNSDomain": c.DNSDomain, "DNSIP": c.DNSIP(), "Server": c.InternalServer(),
		"KubernetesVersion": KubernetesVersion, "EtcdVersion": EtcdVersion, "CoreDNSVersion": CoreDNSVersion,
	}
}
