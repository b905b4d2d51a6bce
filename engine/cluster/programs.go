package cluster

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/netip"
	"path/filepath"
	"strings"

	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authentication/user"

	"kubergarten/engine/client"
	"kubergarten/engine/controllermanager"
	"kubergarten/engine/coredns"
	"kubergarten/engine/cri/native"
	"kubergarten/engine/etcd"
	"kubergarten/engine/kubeadm"
	"kubergarten/engine/network"
	"kubergarten/engine/proxy"
	"kubergarten/engine/scheduler"
)

// programs is what the native runtime can run, by image repository. A program
// is the main function of a component: it reads its flags and files as the
// component's container shows them, waits for what it needs, and runs.
func (c *Cluster) programs() map[string]native.Program {
	return map[string]native.Program{
		"registry.k8s.io/etcd":                    c.etcd,
		"registry.k8s.io/kube-apiserver":          c.apiserver,
		"registry.k8s.io/kube-controller-manager": c.controllerManager,
		"registry.k8s.io/kube-scheduler":          c.scheduler,
		"registry.k8s.io/kube-proxy":              c.proxy,
		"registry.k8s.io/coredns/coredns":         c.coredns,
	}
}

// etcd opens the door at 2379 on its node's own loopback.
func (c *Cluster) etcd(ctx context.Context, p native.Process) error {
	f, err := etcd.ParseFlags(p.Args)
	if err != nil {
		return err
	}
	log := jsonLogger(p.Stderr)
	server, err := etcd.New(etcd.Config{
		Dir: filepath.Join(c.nodes[p.Node].path, filepath.FromSlash(filepath.Clean("/"+f.DataDir))), Backend: c.cfg.Store,
		RequestBytes: f.MaxRequestBytes, QuotaBytes: f.QuotaBackendBytes,
		Clock: c.cfg.Clock, Trace: c.trace, Log: log,
	})
	if err != nil {
		return err
	}
	urls, err := hostPorts(f.ListenClientURLs)
	if err != nil {
		return fmt.Errorf("--listen-client-urls: %w", err)
	}
	shut, err := c.etcds.openAll(server, urls...)
	if err != nil {
		return err
	}
	defer shut()
	return server.Run(ctx)
}

func (c *Cluster) controllerManager(ctx context.Context, p native.Process) error {
	f, err := controllermanager.ParseFlags(p.Args, p.FS)
	if err != nil {
		return err
	}
	api, server, err := c.connect(ctx, p, f.Kubeconfig)
	if err != nil {
		return err
	}
	m, err := controllermanager.New(f, controllermanager.Deps{
		API: api, As: c.accountsOf(server), Clock: c.cfg.Clock, Trace: c.trace, Log: klogger(p.Stderr, f.Verbosity),
	})
	if err != nil {
		return err
	}
	return m.Run(ctx)
}

// as is the API at an address, as who. Components have time: while no API server is there, they
// wait for it.
func (c *Cluster) as(server string, who user.Info) client.Interface {
	door := c.apis.at(server)
	return client.Waiting(client.New(door, who), door)
}

// listenOn is ns.Listen as net has it.
func listenOn(ns *network.Namespace) func(netip.AddrPort) (net.Listener, error) {
	return func(at netip.AddrPort) (net.Listener, error) {
		l, err := ns.Listen(at)
		if err != nil {
			return nil, err // not a nil *Listener in an interface that is not nil
		}
		return l, nil
	}
}

// accountsOf is the API at an address, as any account of kube-system.
func (c *Cluster) accountsOf(server string) func(name string) client.Interface {
	return func(name string) client.Interface {
		return c.as(server, &user.DefaultInfo{
			Name:   serviceaccount.MakeUsername("kube-system", name),
			Groups: append(serviceaccount.MakeGroupNames("kube-system"), user.AllAuthenticated),
		})
	}
}

func (c *Cluster) scheduler(ctx context.Context, p native.Process) error {
	f, err := scheduler.ParseFlags(p.Args)
	if err != nil {
		return err
	}
	api, _, err := c.connect(ctx, p, f.Kubeconfig)
	if err != nil {
		return err
	}
	s, err := scheduler.New(f, scheduler.Deps{
		API: api, Clock: c.cfg.Clock, Trace: c.trace, Log: klogger(p.Stderr, f.Verbosity), Rand: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
	})
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

func (c *Cluster) proxy(ctx context.Context, p native.Process) error {
	f, err := proxy.ParseFlags(p.Args)
	if err != nil {
		return err
	}
	cfg, err := f.Load(p.FS)
	if err != nil {
		return err
	}
	api, _, err := c.connect(ctx, p, cfg.ClientConnection.Kubeconfig)
	if err != nil {
		return err
	}
	node := c.nodes[p.Node].network
	k, err := proxy.New(proxy.Config{NodeName: p.Node, Proxy: cfg}, proxy.Deps{
		API: api, Table: node, Listen: listenOn(node.Namespace()), Clock: c.cfg.Clock, Trace: c.trace, Log: klogger(p.Stderr, f.Verbosity),
	})
	if err != nil {
		return err
	}
	return k.Run(ctx)
}

func (c *Cluster) coredns(ctx context.Context, p native.Process) error {
	f, err := coredns.ParseFlags(p.Args)
	if err != nil {
		return err
	}
	api, err := c.inCluster(ctx, p)
	if err != nil {
		return err
	}
	d, err := coredns.New(f, coredns.Deps{
		API: api, Net: p.Net, FS: p.FS, Env: p.Env, Out: p.Stdout, Clock: c.cfg.Clock, Trace: c.trace, Node: p.Node, Hurry: c.stopping,
	})
	if err != nil {
		return err
	}
	return d.Run(ctx)
}

// connect is the API as whom and where a kubeconfig file of the container says,
// once it answers.
func (c *Cluster) connect(ctx context.Context, p native.Process, kubeconfig string) (api client.Interface, server string, err error) {
	data, err := fs.ReadFile(p.FS, strings.TrimPrefix(kubeconfig, "/"))
	if err != nil {
		return nil, "", fmt.Errorf("kubeconfig: %w", err)
	}
	if server, err = serverOf(data); err != nil {
		return nil, "", fmt.Errorf("%s: %w", kubeconfig, err)
	}
	if _, err := c.apis.at(server).Wait(ctx); err != nil {
		return nil, "", err
	}
	who, tokenFile, err := kubeadm.UserOf(data, c.rootCA(), c.cfg.Clock.Now())
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", kubeconfig, err)
	}
	if tokenFile != "" {
		api, err = c.withToken(ctx, p, server, tokenFile)
		return api, server, err
	}
	return c.as(server, who), server, nil
}

// inCluster is the API as the pod's own service account.
func (c *Cluster) inCluster(ctx context.Context, p native.Process) (client.Interface, error) {
	if _, err := c.apis.at(apiServer()).Wait(ctx); err != nil {
		return nil, err
	}
	return c.withToken(ctx, p, apiServer(), "/var/run/secrets/kubernetes.io/serviceaccount/token")
}

// withToken is the API as whom a token file of the container stands for. The
// API server judges the token when the program starts; who it stands for does
// not change when the kubelet renews it.
func (c *Cluster) withToken(ctx context.Context, p native.Process, server, file string) (client.Interface, error) {
	token, err := fs.ReadFile(p.FS, strings.TrimPrefix(file, "/"))
	if err != nil {
		return nil, fmt.Errorf("service account token: %w", err)
	}
	judge, err := c.tokens.at(server).Enter()
	if err != nil {
		return nil, err
	}
	answer, ok, err := judge.AuthenticateToken(ctx, strings.TrimSpace(string(token)))
	if err != nil || !ok {
		return nil, fmt.Errorf("service account token: Unauthorized: %w", err)
	}
	return c.as(server, answer.User), nil
}
