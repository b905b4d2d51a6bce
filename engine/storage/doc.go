// Package storage is k8s.io/apiserver/pkg/storage: objects in and out of etcd.
//
// Upstream: staging/src/k8s.io/apiserver/pkg/storage (etcd3, cacher).
//
// How it works. There is one Store for each resource. An object lies under
// /registry/<resource>/<namespace>/<name>, encoded as upstream encodes it; its
// resourceVersion is the revision of its last write. Every read asks etcd which
// revision is the newest, so that it is never older than an acknowledged write,
// but hardly ever decodes: the watch cache, which follows etcd, keeps each object
// decoded once, and all readers share it. GuaranteedUpdate is compare-and-swap
// in a loop. A watch reads the recent events that the cache holds; if its reader
// is so slow that they are gone, it reads on in etcd's history, and only when
// that is compacted does it end, with 410. Objects that come out are shared by
// everybody and must never be changed: DeepCopy, or Shallow, first.
//
// What we leave out: encryption at rest, storage migration, several stored
// versions, the sharded list and watch, corrupt object deletion.
package storage
