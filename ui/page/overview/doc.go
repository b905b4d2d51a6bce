// Package overview is the cluster's page: its nodes with their pods, its control
// plane and who talks to whom, its workloads by owner, and what just happened.
//
// How it works. A seen holds the objects that the visitor may list; pure
// functions turn it into what the page shows: nodes.go, plane.go, work.go,
// news.go. The page is first rendered from lists, and then follows informers:
// all tabs of one identity share a scene (frame.Gallery), which a change makes
// dirty and which renders each dirty panel once for each language.
//
// The bars show what a node's pods have asked for and, where the visitor may ask
// the kubelets, what they use (use.go).
//
// What we leave out. Use by the single pod, and metrics.k8s.io, which metrics-server
// would serve: what is used is read from the kubelets' own summaries.
package overview
