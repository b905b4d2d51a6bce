package cluster

import (
	"fmt"
	"net"
	"net/url"
	"sync"

	"k8s.io/client-go/tools/clientcmd"

	"kubergarten/engine/component"
)

// doors are the addresses at which components offer themselves: what a flag
// says is where they are, and where a flag says is where others look. A wrong
// address is a closed door.
type doors[T any] struct {
	mu     sync.Mutex
	byAddr map[string]*component.Door[T]
}

func newDoors[T any]() *doors[T] { return &doors[T]{byAddr: map[string]*component.Door[T]{}} }

// at returns the door at an address, as "127.0.0.1:2379".
func (d *doors[T]) at(addr string) *component.Door[T] {
	d.mu.Lock()
	defer d.mu.Unlock()
	door := d.byAddr[addr]
	if door == nil {
		door = component.NewDoor[T](addr)
		d.byAddr[addr] = door
	}
	return door
}

// openAll opens the doors at all addresses; shut closes them again.
func (d *doors[T]) openAll(who T, addrs ...string) (shut func(), err error) {
	var opened []func()
	shut = func() {
		for _, f := range opened {
			f()
		}
	}
	for _, a := range addrs {
		f, err := d.at(a).Open(who)
		if err != nil {
			shut()
			return nil, err
		}
		opened = append(opened, f)
	}
	return shut, nil
}

// apiServer is where the API server is unless its flags say otherwise.
func apiServer() string { return net.JoinHostPort(nodeIP(0).String(), "6443") }

// hostPort is the address in a URL.
func hostPort(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", err
	}
	if u.Port() == "" {
		return "", fmt.Errorf("%q: missing port in address", raw)
	}
	return u.Host, nil
}

// hostPorts is hostPort of each URL.
func hostPorts(urls []string) (out []string, err error) {
	for _, raw := range urls {
		addr, err := hostPort(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, addr)
	}
	return out, nil
}

// serverOf is the address of the API server that a kubeconfig file names.
func serverOf(data []byte) (string, error) {
	cfg, err := clientcmd.Load(data)
	if err != nil {
		return "", fmt.Errorf("load kubeconfig: %w", err)
	}
	context, ok := cfg.Contexts[cfg.CurrentContext]
	if !ok {
		return "", fmt.Errorf("context was not found for specified context: %s", cfg.CurrentContext)
	}
	cluster, ok := cfg.Clusters[context.Cluster]
	if !ok {
		return "", fmt.Errorf("cluster %q does not exist", context.Cluster)
	}
	return hostPort(cluster.Server)
}
