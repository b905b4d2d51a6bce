// Package rootcacertpublisher is the root CA certificate publisher: every
// namespace has a ConfigMap kube-root-ca.crt, from which pods learn whom to
// trust.
//
// Upstream: pkg/controller/certificates/rootcacertpublisher.
//
// How it works. A namespace that appears, and one whose ConfigMap is changed or
// deleted, is enqueued; sync puts the certificate there.
//
// What we leave out: metrics.
package rootcacertpublisher
