// Package garbagecollector is the garbage collector: what belongs to an object
// that is gone goes too.
//
// Upstream: pkg/controller/garbagecollector.
//
// How it works. A graph holds, for each object of every kind, who its owners
// and its dependents are; informers keep it. When an object disappears, its
// dependents are looked at; an object whose owners the API does not have any
// more is deleted, and one that has others left only loses the reference. A
// deletion in the foreground marks the owner with the finalizer
// foregroundDeletion: dependents go first, and the owner when none blocks it any
// more. The finalizer orphan means: take the reference out of all dependents,
// then let the owner go.
//
// What we leave out: kinds of other API groups than ours: an owner of a kind
// that is not served is left alone, as upstream does until it can find the kind.
package garbagecollector
