// Package network is the cluster's virtual wire: network namespaces, their
// addresses, listeners and connections, the switch that joins them, and the
// plugin that gives pods their addresses.
//
// Upstream: what Linux network namespaces, veth pairs, routes, conntrack and a
// CNI plugin (containernetworking/plugins: ptp, host-local) are to a real node.
//
// How it works. Things move as connections and datagrams, not as packets. A
// Fabric knows which Namespace owns which address. Connect asks the service
// table of its own node for a backend (DNAT at connect time, kept in conntrack),
// then finds the namespace and its Listener. The two ends of a connection each
// own the ring of bytes they have still to read; a full ring holds the writer
// back. Nothing here has a goroutine: a blocked reader is a waiting caller, and
// a guest asks without blocking and is called back (OnReady). The address of
// nobody in the cluster's networks is "no route to host" at once, any other
// foreign address "network is unreachable": there is no way from here to the
// host's network. Only Bridge lets connections of the host in, one listener at
// a time. Unused service addresses swallow what is sent there, as iptables
// mode does, until the connect times out (127 s of cluster time).
//
// What we leave out: packets, so no loss, MTU, TTL, TIME_WAIT and raw sockets;
// IPv6 beyond ::1 and the wildcard; SCTP (EPROTONOSUPPORT); multicast and
// broadcast; network policy; hostPort; bandwidth limits (the sockets of a
// namespace are limited, and so are the bytes each holds).
package network
