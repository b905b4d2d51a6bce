// Package etcd is etcd: the cluster's only memory, a multi-version key-value
// store with transactions, watches and leases.
//
// Upstream: go.etcd.io/etcd server/storage/mvcc, server/lease.
//
// How it works. RAM is the state, disk is the truth. Every write is one record
// with a revision of its own, kept under that revision, with a checksum; a
// delete is a record too, so revisions never go back. One goroutine (Run) takes
// all waiting writes, checks each against the state and those before it, hands
// them to the backend in one batch, waits until they are durable, then shows
// them to readers and watchers, then answers the writers: nobody ever sees what
// a power cut could take back. The index of keys lives in RAM and is rebuilt
// from the records at the start. Watchers are synced (they get each event as it
// happens), unsynced (they read history until they have caught up) or victims
// (their channel is full). History is bounded by size: what is too old is
// compacted, by writing a new file beside the old one. Before the file is opened
// a scanner of our own checks every byte of it, and sets aside what is damaged.
//
// What we leave out: several keys in one transaction, several members (raft),
// range deletes, users and roles, gRPC; one write is one revision.
package etcd
