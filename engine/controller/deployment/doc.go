// Package deployment is the Deployment controller: it rolls from one ReplicaSet
// to the next.
//
// Upstream: pkg/controller/deployment, pkg/controller/deployment/util.
//
// How it works. Each template of a Deployment has one ReplicaSet, named by the
// template's hash; the newest is "new", the others are "old". A sync finds
// them, gives the new one the highest revision number, and then does one of:
// scale in proportion (replicas were changed, or the Deployment is paused),
// recreate (old ones to 0, then the new one up), or roll: scale the new one up
// as maxSurge allows, scale old ones down as maxUnavailable allows, unhealthy
// pods first. The status says what is seen, and two conditions say it in words:
// Available and Progressing, the latter with its deadline. "kubectl rollout
// undo" puts an old template back, which makes its ReplicaSet new again.
//
// What we leave out: the deprecated rollback annotation; podReplacementPolicy,
// which is alpha upstream and off; metrics.
package deployment
