// Package clienttest is an API server for tests: objects in memory, behind
// client.Interface.
//
// Upstream: k8s.io/client-go/testing (ObjectTracker) and kubernetes/fake.
//
// How it works. One map of objects per resource, one revision for all, and a
// log of events from which each watch starts where its client asks. Every write
// gets a new resourceVersion; a stale one is a conflict. Names are generated,
// UIDs, creation times and generations set; deletion is graceful for bound pods
// and waits for finalizers; pods/binding, serviceaccounts/token and status
// subresources work; label and field selectors, WatchList and bookmarks too.
// OnCall lets a test refuse a request, or see it. A Reviewer stands for the real
// thing where only the question who a token belongs to is asked.
//
// What we leave out: defaults, validation, admission and authorization,
// pagination, dry-run, field managers (apply is a merge patch that creates),
// and compaction.
package clienttest
