package lessons

// A Predict is a question that is answered before a step's checks count.
type Predict struct {
	ID      string
	Choices []string // ids

	right         string            // the right choice, or
	misconception map[string]string // id of a message, by wrong choice
}

// A Check is a condition of a step.
type Check struct {
	ID    string
	Watch []string // resources, as "pods"
}
