// Package namespace is the namespace controller: it empties a namespace that is
// being deleted, and lets it go when it is empty.
//
// Upstream: pkg/controller/namespace.
//
// How it works. A namespace with a deletion timestamp is enqueued, and again at
// each deletion of an object inside it. Sync deletes its pods, and once there
// are none, what else is left, kind by kind; writes into the status what remains
// and why; and when nothing does, removes the finalizer "kubernetes" through the
// subresource finalize. Upstream looks again after a guess at the time that is
// needed; here the deletion of the last object is the signal.
//
// What we leave out: discovery of kinds; those served are a fixed table here.
package namespace
