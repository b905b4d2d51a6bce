package cluster

import (
	"fmt"
	"os"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/tools/clientcmd"

	"kubergarten/engine/client"
	"kubergarten/engine/cri/native"
	"kubergarten/engine/kubeadm"
	"kubergarten/engine/kubelet"
	"kubergarten/engine/network"
)

// prepare writes what is missing in the nodes' files, plugs the nodes in, and
// makes their runtimes and kubelets.
func (c *Cluster) prepare(d *dir) (err error) {
	k := c.cfg.kubeadm()
	c.fabric, err = network.New(network.Config{
		ServiceCIDR: k.ServiceCIDR, Clock: c.cfg.Clock, Trace: c.trace, Log: c.cfg.Log,
	})
	if err != nil {
		return err
	}
	for i := range c.cfg.Nodes {
		n := &node{name: nodeName(i)}
		n.log = c.cfg.Log.With("node", n.name)
		if n.path, n.root, err = d.node(n.name); err != nil {
			return err
		}
		if n.network, err = c.fabric.AddNode(n.name, nodeIP(i)); err != nil {
			return err
		}
		c.nodes[n.name] = n
		c.order = append(c.order, n)
		if err := c.files(k, n); err != nil {
			return err
		}
		if err := c.equip(n); err != nil {
			return fmt.Errorf("node %s: %w", n.name, err)
		}
	}
	return c.writeKubeconfig()
}

// files lets kubeadm write what the node's /etc/kubernetes lacks.
func (c *Cluster) files(k kubeadm.Config, n *node) error {
	if err := n.root.MkdirAll("etc", 0o755); err != nil {
		return fmt.Errorf("files of node %s: %w", n.name, err)
	}
	if n.name == ControlPlane {
		return kubeadm.Init(n.root, k)
	}
	return kubeadm.InitNode(n.root, c.nodes[ControlPlane].root, k, n.name)
}

// equip makes the node's runtimes and its kubelet.
func (c *Cluster) equip(n *node) (err error) {
	n.native, err = native.New(native.Config{
		Node: n.name, Root: n.root, Network: n.network, Programs: c.programs(),
		Size: executableSize(), Clock: c.cfg.Clock, Log: n.log,
	})
	if err != nil {
		return err
	}
	n.wasm, err = c.cfg.Wasm(Node{
		Name: n.name, Root: n.root, Network: n.network, Clock: c.cfg.Clock, Trace: c.trace, Log: n.log,
	})
	if err != nil {
		return err
	}
	n.kubelet, err = kubelet.New(c.kubeletConfig(n))
	return err
}

// executableSize is the size of the file this process runs, 0 if it cannot tell.
func executableSize() uint64 {
	path, err := os.Executable()
	if err != nil {
		return 0
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return uint64(info.Size())
}

func (c *Cluster) kubeletConfig(n *node) (kubelet.Config, kubelet.Deps) {
	flags := kubelet.Flags{}
	if n.name == ControlPlane {
		flags.Taints = append(flags.Taints, kubeadm.ControlPlaneTaint())
	}
	file, ignored, err := kubelet.LoadConfigFile(n.root, kubelet.ConfigPath)
	if err != nil {
		n.log.Error("kubelet runs with its defaults", "err", err)
	}
	if len(ignored) > 0 {
		n.log.Warn("fields of the kubelet's configuration that have no effect here", "fields", ignored)
	}
	server, who := c.kubeletIdentity(n)
	door := c.apis.at(server)
	return kubelet.Config{
		NodeName: n.name, NodeIP: n.network.Namespace().IP(), Root: n.root, RootDir: n.path, Kubelet: file, Flags: flags,
		Runtimes: map[string]kubelet.Handler{
			"":       {Runtime: n.wasm, Images: n.wasm},
			"wasm":   {Runtime: n.wasm, Images: n.wasm},
			"native": {Runtime: n.native, Images: n.native},
		},
	}, kubelet.Deps{
		API: client.New(door, who), Door: door, Network: n.network.Namespace(),
		Clock: c.cfg.Clock, Trace: c.trace, Log: n.log,
	}
}

// kubeletIdentity is where the node's kubelet finds the API server and as whom
// it acts, as its kubeconfig says. With one that is of no use it is nobody, and
// its node stays NotReady, as upstream's kubelet that cannot start.
func (c *Cluster) kubeletIdentity(n *node) (server string, who user.Info) {
	data, err := n.root.ReadFile(kubeadm.KubeletConf)
	if err == nil {
		server, err = serverOf(data)
	}
	if err == nil {
		who, _, err = kubeadm.UserOf(data, c.rootCA(), c.cfg.Clock.Now())
	}
	if err != nil || who == nil {
		n.log.Error("kubelet has no identity", "file", "/"+kubeadm.KubeletConf, "err", err)
		return apiServer(), &user.DefaultInfo{Name: user.Anonymous, Groups: []string{user.AllUnauthenticated}}
	}
	return server, who
}

// rootCA is the certificate of the cluster's authority, nil if it cannot be read.
func (c *Cluster) rootCA() []byte {
	ca, err := c.nodes[ControlPlane].root.ReadFile(kubeadm.PKI + "/ca.crt")
	if err != nil {
		c.cfg.Log.Error("certificate authority", "err", err)
	}
	return ca
}

// writeKubeconfig writes the administrator's file where people find it, with the
// address at which the API server listens this time.
func (c *Cluster) writeKubeconfig() error {
	data, err := c.nodes[ControlPlane].root.ReadFile(kubeadm.AdminConf)
	if err != nil {
		return fmt.Errorf("administrator's kubeconfig: %w", err)
	}
	cfg, err := clientcmd.Load(data)
	if err != nil {
		return fmt.Errorf("administrator's kubeconfig: %w", err)
	}
	for _, cluster := range cfg.Clusters {
		cluster.Server = c.cfg.server()
	}
	if err := clientcmd.WriteToFile(*cfg, c.Kubeconfig()); err != nil {
		return fmt.Errorf("write kubeconfig: %w", err)
	}
	return nil
}
