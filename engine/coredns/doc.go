// Package coredns is CoreDNS, the cluster's DNS server: a chain of plugins as
// its Corefile says.
//
// Upstream: github.com/coredns/coredns (coremain, core/dnsserver, plugin/*)
//
// How it works. New takes the flags; Run reads the Corefile and makes an
// instance of it: server blocks, each a chain of the plugins that it names, in
// the fixed order of plugins(), whatever their order in the file. A query goes
// to the block with the longest matching zone and down its chain, until a
// plugin answers; errors that come back up become SERVFAIL, and a line of the
// log. plugin/kubernetes answers from informers on Services, EndpointSlices,
// Namespaces and (pods verified) Pods. All sockets are those of the pod's
// network namespace. plugin/reload looks at the file again every 30 s and
// replaces the instance; a bad file leaves the old one running.
//
// What we leave out: all plugins that plugins() does not name ("Unknown
// directive"), transports other than DNS over UDP and TCP, import of files. A
// property of a plugin that we do not have is "unknown property" as any other:
// of kubernetes endpoint, tls, kubeconfig, multicluster, zonal, labels,
// namespace_labels and apiserver_*; of forward tls*, health_check, expire,
// max_fails, failover, next and others (every query takes a new connection, and
// an upstream is never marked as down); of cache prefetch, serve_stale*; of
// errors consolidate; of loadbalance weighted. A resolv.conf without
// nameservers is no error: forward then answers SERVFAIL.
package coredns
