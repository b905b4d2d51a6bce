// Package controllermanager is kube-controller-manager: the table of
// controllers, their flags, their run.
//
// Upstream: cmd/kube-controller-manager/app.
//
// How it works. Controllers() is the table; --controllers chooses from it. Each
// controller gets an API client of its own service account, so that RBAC lets it
// do what its role says and no more, and shares the informers, which read as
// kube-controller-manager itself. All run until the context is done; one that
// panics in a sync only fails that sync.
//
// What we leave out: leader election (--leader-elect=true is refused: one
// control plane has one manager), controllers for kinds that are not served,
// cloud flags, and the health and metrics ports.
package controllermanager
