package lessons

// The states of a step.
const (
	Locked = "locked" // steps before it are not passed
	Open   = "open"
	Passed = "passed"
)

// A State is where a learner is in a lesson, as of one moment. It is a copy and
// may be kept.
type State struct {
	Lesson  string
	Started bool
	Busy    bool   // the lesson's place is being made or reset
	Problem string // what keeps the engine from its work, in one sentence; empty if nothing
	Steps   []StepState
}

// Done reports whether all steps are passed.
func (s State) Done() bool {
	for _, step := range s.Steps {
		if step.Status != Passed {
			return false
		}
	}
	return len(s.Steps) > 0
}

// Step returns the state of a step.
func (s State) Step(id string) (StepState, bool) {
	for _, step := range s.Steps {
		if step.ID == id {
			return step, true
		}
	}
	return StepState{}, false
}

// A StepState is where a learner is in a step.
type StepState struct {
	ID            string
	Status        string       // Locked, Open or Passed
	Ready         bool         // its manifests and files are there
	Checks        []CheckState // what was found last; of a passed step what passed it
	Prediction    *Prediction  // nil when the step asks for none
	Answer        string       // typed by the learner, if the step asks
	HintsShown    int          // 0 to 3
	SolutionShown bool
}

// A CheckState is what a check found.
type CheckState struct {
	ID        string
	Passed    bool
	MessageID string // empty when passed, or not yet evaluated
	Message   Words  // names what differs
}

// A Prediction is what a learner expects of a step.
type Prediction struct {
	Choice      string // empty: not yet answered
	Right       *bool  // nil: not graded, as the step is not passed, or what happened does not tell
	Outcome     string // the right choice, when graded
	Explanation Words  // of the misconception behind a wrong choice, when graded
}

// A Summary is a lesson's progress in a line.
type Summary struct {
	Lesson  string
	Started bool
	Passed  int // steps
	Steps   int
}
