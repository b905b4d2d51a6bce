// Package proxy is kube-proxy: it makes the addresses of Services lead to their
// pods, on one node.
//
// Upstream: pkg/proxy, pkg/proxy/iptables, cmd/kube-proxy
//
// How it works. Informers follow Services, EndpointSlices and the own Node. A
// change marks its Service as dirty; the worker takes the dirty ones, computes
// the rules of each from nothing but the Service, its slices and the node
// (rulesOf, a pure function), compares them with the rules it wrote last, and
// writes the difference into the node's table (network.Services) in one step.
// So the cost of a change is that of its Service, however many there are. The
// table is handed to the node only after the first full pass, and stays when
// kube-proxy stops, as iptables rules do. Mode iptables is the one there is:
// a rule picks among the ready endpoints in turn (upstream's choice is random),
// or keeps to one for a client with session affinity; no endpoints at all is
// REJECT, none on this node under a Local policy is DROP.
//
// What we leave out: modes ipvs and nftables (refused); IPv6; SCTP; the
// healthCheckNodePort server; /metrics; reloading when the configuration file
// changes; detectLocalMode BridgeInterface and InterfaceNamePrefix (refused).
// Settings of a Linux kernel or of the way to the API server are read and have
// no object here: conntrack.*, oomScoreAdj, iptables.masqueradeBit and the sync
// periods (there is no batch to wait for), clientConnection.*, ipvs.*,
// nftables.*, winkernel.*, logging, portRange, enableProfiling.
package proxy
