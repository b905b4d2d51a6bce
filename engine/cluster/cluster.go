package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"

	"kubergarten/engine/client"
	"kubergarten/engine/component"
	"kubergarten/engine/cri/native"
	"kubergarten/engine/etcd"
	"kubergarten/engine/kubeadm"
	"kubergarten/engine/kubelet"
	"kubergarten/engine/network"
	"kubergarten/engine/trace"
)

// traceLength is how many trace records are kept: what a class of students did
// in the last minutes.
const traceLength = 8192

// Cluster is one cluster in this process.
type Cluster struct {
	cfg      Config
	trace    *trace.Recorder
	ready    chan struct{}
	stopping chan struct{} // closed when Run has been told to stop
	etcds    *doors[etcd.KV]
	apis     *doors[client.Server]
	tokens   *doors[authenticator.Token] // opened with the API server's

	// Set by Run before anything of the cluster runs.
	started time.Time
	fabric  *network.Fabric
	nodes   map[string]*node
	order   []*node // the control plane first

	mu   sync.Mutex
	host net.Listener // the host's port, until the first kube-apiserver takes it
}

// node is one virtual node.
type node struct {
	name    string
	path    string // real
	root    *os.Root
	network *network.Node
	native  *native.Runtime
	wasm    Runtime
	kubelet *kubelet.Kubelet
	log     *slog.Logger
}

// New returns a cluster that has not touched the disk yet.
func New(cfg Config) (*Cluster, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	return &Cluster{
		cfg: cfg, trace: trace.New(cfg.Clock, traceLength), ready: make(chan struct{}), stopping: make(chan struct{}), nodes: map[string]*node{},
		etcds: newDoors[etcd.KV](), apis: newDoors[client.Server](), tokens: newDoors[authenticator.Token](),
	}, nil
}

// Name returns the cluster's name.
func (c *Cluster) Name() string { return "cluster" }

// Ready is closed when all nodes and add-ons are ready.
func (c *Cluster) Ready() <-chan struct{} { return c.ready }

// Trace is what happens in the cluster, room by room.
func (c *Cluster) Trace() *trace.Recorder { return c.trace }

// Kubeconfig is the path of the administrator's kubeconfig file, written by Run.
func (c *Cluster) Kubeconfig() string { return filepath.Join(c.cfg.Dir, "admin.kubeconfig") }

// API is the cluster's API as its first administrator.
func (c *Cluster) API() client.Interface {
	return c.As(kubeadm.SuperAdmin())
}

// As is what the cluster's API offers to who, in this process. RBAC applies;
// whether who is who they say is for the caller to have asked.
func (c *Cluster) As(who user.Info) client.Interface {
	return client.New(c.apis.at(apiServer()), who)
}

// Network is a node's place on the cluster's network; nil before Ready, and for
// a node that there is not.
func (c *Cluster) Network(node string) *network.Node {
	select {
	case <-c.ready:
	default:
		return nil
	}
	if n, ok := c.nodes[node]; ok {
		return n.network
	}
	return nil
}

// Run runs the cluster until ctx is done.
func (c *Cluster) Run(ctx context.Context) error {
	c.started = c.cfg.Clock.Now()
	dir, err := openDir(c.cfg.Dir)
	if err != nil {
		return err
	}
	defer dir.close()
	if err := c.listen(); err != nil {
		return err
	}
	defer c.unlisten()
	if err := c.prepare(dir); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { close(c.stopping) })()
	runtimes, kubelets := component.Stage{}, component.Stage{}
	for _, n := range c.order {
		runtimes = append(runtimes, n.native, n.wasm)
		kubelets = append(kubelets, n.kubelet)
	}
	return component.Run(ctx, c.cfg.Log, runtimes, kubelets, component.Stage{&bootstrap{c}})
}

// listen takes the host's port before anything else: a second cluster must fail
// at once, in one sentence, and not in a log of its kube-apiserver.
func (c *Cluster) listen() (err error) {
	if c.host, err = net.Listen("tcp", c.cfg.Listen); err != nil {
		return fmt.Errorf("API server: %w", err)
	}
	host, _, _ := net.SplitHostPort(c.cfg.Listen) // checked
	_, port, _ := net.SplitHostPort(c.host.Addr().String())
	c.cfg.Listen = net.JoinHostPort(host, port) // not what was asked for, if that was port 0
	return nil
}

func (c *Cluster) unlisten() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.host != nil {
		c.host.Close()
	}
}
