// Package lessons teaches: it loads lessons, prepares a place in the cluster
// for each, watches what the learner does there, and says what still differs.
//
// Upstream has no such package. The checks are CEL, as in upstream's admission
// policies, with the same function libraries.
//
// How it works. Load reads a tree of lesson folders (task.yaml, the texts in
// each language, manifests, the solution) and refuses what is wrong with file
// and line. A Teacher keeps the progress of every learner in files of its own.
// A lesson that somebody looks at has a seat in the Teacher: it follows the
// declared resources of the lesson's namespace as the learner, and evaluates
// the checks anew when one of them changes. Logs and probes are fetched beside
// that path; what they bring evaluates again. All tabs of one learner share a
// seat, so they see the same state. Nobody looks, nothing runs.
//
// What we leave out: a namespace for each learner. A lesson's namespace is one
// of the cluster; two learners who take the same lesson at once share it.
// Presets, flags of the control plane for the time of a lesson, hold for the
// whole cluster too: only its owner may start a lesson that has some. Kubelets
// have no presets. Spaced review of earlier lessons, Parsons problems, and
// measures of time: nothing notes how long a learner took. And a second look at
// what goldmark renders: it leaves raw HTML and dangerous links out, also of the
// lessons of an author's directory, and nothing sanitizes its HTML once more.
package lessons
