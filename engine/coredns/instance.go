package coredns

// Upstream: core/dnsserver/register.go, caddy.go

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"kubergarten/engine/coredns/corefile"
)

// An instance is one Corefile at work.
type instance struct {
	Deps
	log     logger
	port    string // the default one
	blocks  []*block
	servers []*server
	metrics *metrics // nil without plugin/prometheus

	prepare  []func(context.Context) error // before the servers listen
	prepared chan struct{}                 // closed after that
	tasks    []func(context.Context) error // beside the servers
	onUp     []func(context.Context)       // when the servers listen
	linger   []func()                      // when asked to stop, before anything stops
	ready    []readier
	reload   *reload
}

// A readier is a plugin that plugin/ready asks.
type readier struct {
	name  string
	ready func() bool
}

// newInstance makes an instance of a Corefile, that does nothing yet.
func newInstance(deps Deps, log logger, f Flags, data []byte) (*instance, error) {
	in := &instance{Deps: deps, log: log, port: f.Port, prepared: make(chan struct{})}
	blocks, err := corefile.Parse(f.file(), data, directives(), deps.getenv)
	if err != nil {
		return nil, err
	}
	for _, b := range blocks {
		if err := in.addBlock(f.file(), b); err != nil {
			return nil, err
		}
	}
	if len(in.servers) == 0 {
		return nil, errors.New("no server blocks in " + f.file())
	}
	return in, nil
}

func (in *instance) addBlock(file string, b corefile.Block) error {
	bl := &block{}
	for _, key := range b.Keys {
		zone, port, err := splitHostPort(key, in.port)
		if err != nil {
			return err
		}
		bl.zones = append(bl.zones, zone)
		if err := in.claim(zone, port, bl); err != nil {
			return err
		}
	}
	in.blocks = append(in.blocks, bl)
	for _, p := range plugins() {
		toks, ok := b.Tokens[p.name]
		if !ok {
			continue
		}
		c := &controller{Dispenser: corefile.NewDispenser(file, toks), plugin: p.name, block: bl, inst: in}
		if err := p.setup(c); err != nil {
			return fmt.Errorf("plugin/%s: %w", p.name, err)
		}
	}
	for _, link := range slices.Backward(bl.links) {
		bl.chain = link(bl.chain)
	}
	return nil
}

// claim makes bl the block for zone at port.
func (in *instance) claim(zone, port string, bl *block) error {
	i := slices.IndexFunc(in.servers, func(s *server) bool { return s.port == port })
	if i < 0 {
		i = len(in.servers)
		in.servers = append(in.servers, &server{inst: in, port: port, zones: map[string]*block{}})
	}
	if _, dup := in.servers[i].zones[zone]; dup {
		return fmt.Errorf("cannot serve dns://%s:%s - it is already defined", zone, port)
	}
	in.servers[i].zones[zone] = bl
	return nil
}

// run prepares, serves, and returns when ctx is done or something fails. up is
// called when all servers listen.
func (in *instance) run(ctx context.Context, up func()) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, t := range in.tasks {
		g.Go(func() error { return t(ctx) })
	}
	g.Go(func() error {
		for _, p := range in.prepare {
			if err := p(ctx); err != nil {
				return err
			}
		}
		close(in.prepared)
		return in.serve(ctx, up)
	})
	return g.Wait()
}

// serve runs the servers.
func (in *instance) serve(ctx context.Context, up func()) error {
	if ctx.Err() != nil {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	listening := make(chan struct{}, len(in.servers))
	for _, s := range in.servers {
		g.Go(func() error { return s.run(ctx, func() { listening <- struct{}{} }) })
	}
	g.Go(func() error {
		for range in.servers {
			select {
			case <-listening:
			case <-ctx.Done():
				return nil
			}
		}
		up()
		for _, f := range in.onUp {
			f(ctx)
		}
		return nil
	})
	return g.Wait()
}

// portOf is the first port at which b is served.
func (in *instance) portOf(b *block) uint16 {
	for _, s := range in.servers {
		for _, have := range s.zones {
			if n, err := strconv.ParseUint(s.port, 10, 16); err == nil && have == b {
				return uint16(n)
			}
		}
	}
	return 0
}

// banner names the zones, as "cluster.local.:53".
func (in *instance) banner() string {
	var lines []string
	for _, s := range in.servers {
		for zone := range s.zones {
			lines = append(lines, zone+":"+s.port)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
