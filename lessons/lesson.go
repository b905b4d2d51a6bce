package lessons

import "io/fs"

// Languages are those in which each lesson is written. The first one speaks for
// a language that is not among them.
func Languages() []string { return []string{"en", "zh-CN"} }

// The kinds of steps, from most help to least.
const (
	Example = "example" // worked out in the text
	Gaps    = "gaps"    // a file with ____ to fill in
	Alone   = "alone"   // from an empty file, or something broken
)

// The goals of steps.
const (
	Observe = "observe"
	Declare = "declare"
	Explain = "explain"
	Repair  = "repair"
)

// A Lesson is one loaded folder. It does not change.
type Lesson struct {
	ID        string // the folder's name, "02-pods"
	Namespace string // where the learner works
	Minutes   int    // how long it takes
	Presets   Flags  // of the control plane, for the time of the lesson
	Steps     []*Step

	setup []string
	texts map[string]*Text
	files fs.FS // the lesson's folder
}

// Step returns the step of that id.
func (l *Lesson) Step(id string) (*Step, bool) {
	for _, s := range l.Steps {
		if s.ID == id {
			return s, true
		}
	}
	return nil, false
}

// In returns the lesson's text in a language, or in English.
func (l *Lesson) In(lang string) *Text {
	if t, ok := l.texts[lang]; ok {
		return t
	}
	return l.texts[Languages()[0]]
}

// A Step is a part of a lesson that is passed as one.
type Step struct {
	ID      string
	Kind    string   // Example, Gaps or Alone
	Goal    string   // Observe, Declare, Explain or Repair
	Predict *Predict // nil: nothing is asked before
	Ask     bool     // a question that is answered by typing: its check has the id AskID
	Files   []string // names of the files put on the learner's desk, "pod.yaml"
	Checks  []*Check // with that of the question, if Ask
	Undone  string   // the later step in whose course its checks cease to hold, if there is one

	setup []string
	files []string // their paths in the lesson's folder
}

// AskID is the id of the check that judges a typed answer.
const AskID = "answer"

func (l *Lesson) textFile(lang string) string { return l.ID + "/lesson." + lang + ".md" }
