// Package trace is what just happened in the cluster, as typed records.
//
// Upstream has no such package: its nearest kin are the audit log and
// OpenTelemetry spans. It serves the film, the "Why?" answers and the lessons;
// it is not the Event resource, which students read with kubectl.
//
// How it works. Each room that a pod's journey passes calls Recorder.Emit at
// its step. The recorder numbers the records, keeps the last few thousand in a
// ring, and hands each to those who follow. A slow follower loses the oldest
// records, never holds up the cluster, and sees the gap in Seq. A nil Recorder
// accepts everything and keeps nothing.
//
// What we leave out: sampling, spans, export.
package trace
