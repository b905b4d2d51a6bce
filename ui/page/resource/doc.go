// Package resource is the pages of objects: all kinds, lists, details, logs,
// YAML, and what can be done to an object.
//
// Upstream has such pages in kubernetes/dashboard; what an action does is what
// kubectl's does: k8s.io/kubectl/pkg/cmd/{create,edit,delete,scale,rollout,set}.
//
// How it works. Each page asks the API server as the visitor (ui/kube) and
// shows its tables, its words and its refusals. Lists and details follow
// watches: a change of the objects renders the parts it may touch anew, and
// the frame sends those that differ. A write is a form that works without
// script: YAML is first judged by a dry run, then shown as a difference, then
// applied; what was typed stays through errors and conflicts. Beside each
// action stands the kubectl command that does the same.
//
// What we leave out. Editing several objects at once; custom actions of kinds
// that are not built in. An event's age in a list is as old as its row.
package resource
