// Package replicaset is the ReplicaSet controller, and the
// ReplicationController controller: it keeps as many pods as were asked for.
//
// Upstream: pkg/controller/replicaset, pkg/controller/replication.
//
// How it works. Each change of a ReplicaSet or of a pod enqueues the
// ReplicaSet. Sync takes all pods of the namespace that have not ended, adopts
// orphans that match the selector and releases pods that match no more, then
// creates what is missing in batches of 1, 2, 4, ... or deletes what is too
// much, those first that would be missed least (controller.SortForDeletion),
// and writes what it sees into the status. A ReplicationController is treated
// as the ReplicaSet it would be, as upstream does; only its verbs are its own.
//
// What we leave out: metrics; the consistency store, by which upstream waits
// for its own status writes to come back: a write on an old copy is refused
// here, and made again on a fresh one.
package replicaset
