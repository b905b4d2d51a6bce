package lessons

// A Predict is a question that is answered before a step's checks count.
type Predict struct {
	ID      string
	Choices []string // ids

	right         string           // the right choice, or
	graded        *program         // what tells it from what happened
	misconception map[string]Words // the explanation, by wrong choice
}

// Usual is the choice that no misconception speaks against: what happens where
// nothing comes in between. It is empty if there are several.
func (p *Predict) Usual() (choice string) {
	for _, c := range p.Choices {
		if _, wrong := p.misconception[c]; wrong {
			continue
		}
		if choice != "" {
			return ""
		}
		choice = c
	}
	return choice
}

// A Check is a condition of a step.
type Check struct {
	ID    string
	Watch []string // resources, as "pods"

	expr      *program
	probe     *probe
	otherwise []otherwise
}

// A probe is what the engine itself asks the cluster for a check.
type probe struct {
	url            *phrase // of an HTTP call, or
	pod, container *phrase // of an exec
	command        []*phrase
}

// An otherwise is what to say when a check does not hold; when is nil for always.
type otherwise struct {
	when  *program
	say   string
	words map[string]*phrase // by language
}
