package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"kubergarten/engine/clock"
	"kubergarten/engine/cluster"
	"kubergarten/engine/component"
	"kubergarten/engine/etcd"
	"kubergarten/engine/kubeadm"
	"kubergarten/wasm/image"
	"kubergarten/wasm/runtime"
)

// upFlags are the flags of "kubergarten up".
type upFlags struct {
	dataDir    string
	nodes      int
	listen     string
	ui         string
	kubeconfig string
	store      string
	speed      float64
	verbose    bool

	context string  // what the cluster is called in the user's kubeconfig
	author  *author // nil: the page has the lessons that are built in
}

func up() *cobra.Command {
	var f upFlags
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start a cluster and stay in the foreground",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.bind(cmd, contextName)
	return cmd
}

// bind makes f the flags of cmd, whose cluster has that name by default: of its
// directory in the user's data directory, and of its context.
func (f *upFlags) bind(cmd *cobra.Command, name string) {
	f.context = name
	flags := cmd.Flags()
	flags.StringVar(&f.dataDir, "data-dir", "", "where the cluster is kept (default: "+name+" in the user's data directory)")
	flags.IntVar(&f.nodes, "nodes", 3, "how many nodes, with the control plane's")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:6443", "address of the API server")
	flags.StringVar(&f.ui, "ui", "127.0.0.1:8080", "address of the page in the browser; empty for none")
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "write only this kubeconfig file (default: add the context "+name+" to the user's)")
	flags.StringVar(&f.store, "store", etcd.BuntDB, "where etcd keeps its data: "+etcd.BuntDB+" (on disk) or "+etcd.Memory)
	flags.Float64Var(&f.speed, "clock-speed", 1, "how many times as fast as real time the cluster's time runs")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "log what the nodes do")
}

// run runs a cluster until ctx is done.
func (f upFlags) run(ctx context.Context, out, errOut io.Writer) error {
	started := time.Now()
	hurry()
	f.quiet(errOut)
	dir, err := dataDir(f.dataDir)
	if err != nil {
		return err
	}
	log := f.logger(errOut)
	c, images, err := f.build(dir, log)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	stages := []component.Stage{{imageStore{images}}, {c}}
	var p *page
	if f.ui != "" {
		p = newPage(f.ui, dir, c, images, log)
		p.author = f.author
		stages = append(stages, component.Stage{p})
	}
	go f.announce(ctx, c, p, out, started)
	return component.Run(ctx, log, stages...)
}

// build turns the flags into a cluster with its data in dir.
func (f upFlags) build(dir string, log *slog.Logger) (*cluster.Cluster, *image.Store, error) {
	clk := clock.New()
	if err := clk.SetSpeed(f.speed); err != nil {
		return nil, nil, fmt.Errorf("--clock-speed: %w", err)
	}
	images, err := image.New(image.Config{Log: log, Warm: []string{"busybox", "pause"}, Lean: true})
	if err != nil {
		return nil, nil, err
	}
	c, err := cluster.New(cluster.Config{
		Dir: dir, Nodes: f.nodes, Listen: f.listen, Store: f.store, Clock: clk, Log: log,
		Wasm: func(n cluster.Node) (cluster.Runtime, error) {
			return runtime.New(runtime.Config{
				Root: n.Root, Network: n.Network, Images: images, Clock: n.Clock, Trace: n.Trace, Log: n.Log,
			})
		},
	})
	return c, images, err
}

// quiet keeps the words of client-go, which logs for the whole process, off the
// user's screen unless they asked for more.
func (f upFlags) quiet(errOut io.Writer) {
	h := slog.Handler(slog.DiscardHandler)
	if f.verbose {
		h = f.logger(errOut).Handler()
	}
	klog.SetSlogLogger(slog.New(h))
}

func (f upFlags) logger(w io.Writer) *slog.Logger {
	level := slog.LevelWarn
	if f.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// reachable is a cluster, as who wants to reach it sees it.
type reachable interface {
	component.Readier
	Kubeconfig() string
}

// announce tells the user how to reach the cluster, when it is ready; p may be
// nil. A cluster that ends before its page is there is not ready.
func (f upFlags) announce(ctx context.Context, c reachable, p *page, out io.Writer, started time.Time) {
	select {
	case <-c.Ready():
	case <-ctx.Done():
		return
	}
	where, err := f.publish(c.Kubeconfig())
	if err != nil {
		fmt.Fprintf(out, "The kubeconfig of the cluster could not be added to yours: %v\n", err)
		where = c.Kubeconfig()
	}
	fmt.Fprintf(out, "Kubeconfig  %s\n", where)
	if p != nil {
		p.announce(ctx, out)
	}
	if ctx.Err() != nil {
		return
	}
	fmt.Fprintf(out, "Ready       %d nodes, Kubernetes %s, after %.2f s\n", f.nodes, kubeadm.KubernetesVersion, time.Since(started).Seconds())
	settle()
}

// publish copies the cluster's kubeconfig to where kubectl finds it, and
// returns that place.
func (f upFlags) publish(from string) (string, error) {
	if f.kubeconfig == "" {
		return mergeKubeconfig(from, f.context)
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return "", err
	}
	return f.kubeconfig, os.WriteFile(f.kubeconfig, data, 0o600)
}

// imageStore is the images of all nodes, as a component.
type imageStore struct{ *image.Store }

// Name returns the component's name.
func (imageStore) Name() string { return "images" }
