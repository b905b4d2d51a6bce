package nodeipam

// Upstream: pkg/controller/nodeipam/ipam/range_allocator.go

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/netip"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/controller"
)

// Name is the controller's name.
const Name = "node-ipam-controller"

// Controller hands out pieces of the cluster's range.
type Controller struct {
	*controller.Loop
	cc    controller.Context
	nodes client.Informer[*corev1.Node]
	api   client.Of[*corev1.Node]
	free  *pieces
}

// New returns the controller for a range that it cuts into pieces of maskSize bits.
func New(cc controller.Context, cluster netip.Prefix, maskSize int) (*Controller, error) {
	if !cluster.Addr().Is4() || maskSize < cluster.Bits() || maskSize > 30 {
		return nil, fmt.Errorf("cluster CIDR %s: cannot be cut into IPv4 ranges of /%d", cluster, maskSize)
	}
	c := &Controller{
		cc:    cc,
		nodes: client.InformerFor[*corev1.Node](cc.Informers, metav1.ListOptions{}),
		api:   client.For[*corev1.Node](cc.Client),
		free:  newPieces(cluster.Masked(), maskSize),
	}
	c.Loop = controller.NewLoop(Name, cc, 1, c.sync)
	return c, controller.Watch(c.Loop, c.nodes, client.Handler[*corev1.Node]{
		Add:    c.added,
		Update: func(_, n *corev1.Node) { c.added(n) },
		Delete: func(n *corev1.Node) { c.free.release(n.Spec.PodCIDR) },
	})
}

// added takes the piece that the node has, before any worker hands out another.
func (c *Controller) added(n *corev1.Node) {
	if n.Spec.PodCIDR != "" {
		c.free.take(n.Spec.PodCIDR)
		return
	}
	c.Enqueue(n)
}

func (c *Controller) sync(ctx context.Context, name string) error {
	n, ok := c.nodes.Get("", name)
	if !ok || n.Spec.PodCIDR != "" {
		return nil
	}
	cidr, ok := c.free.next()
	if !ok {
		c.cc.Events.Eventf(n, corev1.EventTypeNormal, "CIDRNotAvailable", "Node %s status is now: CIDRNotAvailable", name)
		return fmt.Errorf("allocate range for node %s: CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range", name)
	}
	data, err := json.Marshal(map[string]any{"spec": map[string]any{"podCIDR": cidr, "podCIDRs": []string{cidr}}})
	if err != nil {
		return fmt.Errorf("range of node %s: %w", name, err)
	}
	if _, err := c.api.Patch(ctx, "", name, types.StrategicMergePatchType, data, ""); err != nil {
		c.free.release(cidr)
		return fmt.Errorf("set range of node %s: %w", name, err)
	}
	c.cc.Log.Info("Set node PodCIDR", "node", name, "podCIDRs", cidr)
	return nil
}

// pieces is the set of ranges of one size within a larger one.
type pieces struct {
	within netip.Prefix
	bits   int

	mu   sync.Mutex
	used map[uint32]bool
	last uint32 // where to look next, so that a freed range rests a while
}

func newPieces(within netip.Prefix, bits int) *pieces {
	return &pieces{within: within, bits: bits, used: map[uint32]bool{}}
}

func (p *pieces) count() uint32 { return 1 << (p.bits - p.within.Bits()) }

// at is the i-th piece.
func (p *pieces) at(i uint32) netip.Prefix {
	base := p.within.Addr().As4()
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], binary.BigEndian.Uint32(base[:])+i<<(32-p.bits))
	return netip.PrefixFrom(netip.AddrFrom4(a), p.bits)
}

// index is the number of the piece, if it is one.
func (p *pieces) index(cidr string) (uint32, bool) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil || prefix.Bits() != p.bits || !p.within.Contains(prefix.Addr()) {
		return 0, false
	}
	a, base := prefix.Addr().As4(), p.within.Addr().As4()
	return (binary.BigEndian.Uint32(a[:]) - binary.BigEndian.Uint32(base[:])) >> (32 - p.bits), true
}

func (p *pieces) take(cidr string)    { p.mark(cidr, true) }
func (p *pieces) release(cidr string) { p.mark(cidr, false) }

func (p *pieces) mark(cidr string, used bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i, ok := p.index(cidr); ok {
		p.used[i] = used
	}
}

// next takes a free piece.
func (p *pieces) next() (cidr string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := range p.count() {
		if i := (p.last + n) % p.count(); !p.used[i] {
			p.used[i], p.last = true, i+1
			return p.at(i).String(), true
		}
	}
	return "", false
}
