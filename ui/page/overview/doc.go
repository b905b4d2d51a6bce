// Package overview is the cluster's page: its nodes with their pods, its control
// plane and who talks to whom, its workloads by owner, and what just happened.
//
// How it works. A seen holds the objects that the visitor may list; pure
// functions turn it into what the page shows: nodes.go, plane.go, work.go,
// news.go. The page is first rendered from lists, and then follows informers: a
// change marks the parts it touches, and the frame renders them when it sends
// them, at most five times a second.
//
// What we leave out. Use of CPU and memory by the pods: the API has no metrics
// yet, and a bar of zeros would be a lie. The bars show requests.
package overview
