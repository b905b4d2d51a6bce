package cluster

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"

	"kubergarten/engine/clock"
	"kubergarten/engine/component"
	"kubergarten/engine/cri"
	"kubergarten/engine/etcd"
	"kubergarten/engine/kubeadm"
	"kubergarten/engine/network"
	"kubergarten/engine/trace"
)

// ControlPlane is the name of the node that runs the control plane.
const ControlPlane = "control-plane"

// A Config describes a cluster.
type Config struct {
	Dir   string // the data directory; made if it does not exist
	Nodes int    // how many, with the control plane's; at least 1
	// Listen is where people reach the API server, on the host: "127.0.0.1:6443".
	// Port 0 is a free one, that Kubeconfig tells.
	Listen string
	Store  string // etcd.BuntDB or etcd.Memory
	Clock  *clock.Cluster
	Log    *slog.Logger
	// Wasm makes the default container runtime of a node.
	Wasm func(Node) (Runtime, error)
}

// A Node is what a runtime is given of the node it serves.
type Node struct {
	Name    string
	Root    *os.Root // the node's files
	Network *network.Node
	Clock   clock.Clock
	Trace   *trace.Recorder
	Log     *slog.Logger
}

// A Runtime is a container runtime with its images. Run is its life: when it
// returns, nothing of it runs any more.
type Runtime interface {
	cri.Runtime
	cri.Images
	component.Component
}

func (c *Config) check() error {
	switch {
	case c.Dir == "":
		return errors.New("no data directory given")
	case c.Nodes < 1 || c.Nodes > 250:
		return fmt.Errorf("%d nodes: a cluster has between 1 and 250", c.Nodes)
	case c.Store != etcd.BuntDB && c.Store != etcd.Memory:
		return fmt.Errorf("store %q: must be %s or %s", c.Store, etcd.BuntDB, etcd.Memory)
	case c.Clock == nil || c.Log == nil || c.Wasm == nil:
		return errors.New("cluster: clock, log and runtime are required")
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("listen address %q: %w", c.Listen, err)
	}
	return nil
}

// nodeName is the name of the i-th node, from 0.
func nodeName(i int) string {
	if i == 0 {
		return ControlPlane
	}
	return fmt.Sprintf("node-%d", i)
}

// nodeIP is the address of the i-th node, from 0.
func nodeIP(i int) netip.Addr { return netip.AddrFrom4([4]byte{172, 18, 0, byte(2 + i)}) }

// kubeadm is what the cluster is made from.
func (c *Config) kubeadm() kubeadm.Config {
	names := []string{"localhost", "127.0.0.1"}
	host, _, _ := net.SplitHostPort(c.Listen) // checked
	if host != "" && host != "127.0.0.1" && host != "localhost" && host != "0.0.0.0" {
		names = append(names, host)
	}
	return kubeadm.Config{
		NodeName: ControlPlane, NodeIP: nodeIP(0),
		PodCIDR: netip.MustParsePrefix("10.244.0.0/16"), ServiceCIDR: netip.MustParsePrefix("10.96.0.0/12"),
		DNSDomain: "cluster.local", ExternalNames: names, Server: c.server(), Now: c.Clock.Now(),
	}
}

// server is the URL by which people reach the API server.
func (c *Config) server() string {
	host, port, _ := net.SplitHostPort(c.Listen) // checked
	if host == "" || host == "0.0.0.0" {
		host = "127.0.0.1"
	}
	return "https://" + net.JoinHostPort(host, port)
}
