// Package client is the only door to the API for our own parts.
//
// Upstream: k8s.io/client-go (kubernetes, tools/cache, tools/record).
//
// How it works. Interface is what the API offers at the level of objects; it
// is implemented by kube-apiserver itself, in process, for one user, and goes
// through the same authorization and admission as HTTP does. New gives a
// component an Interface that knocks at the API server's Door at each call, so
// a stopped server is "connection refused" and a restarted one is found again.
// For[T] adds types: For[*corev1.Pod](c).Get(ctx, ns, name). Informers share one
// watch per kind among all who ask, on client-go's own informer. Objects that
// come out are shared by everybody and must never be changed: DeepCopy first.
//
// What we leave out: rate limits on the client's side, and the typed clientset.
package client
