package lessons

import "html/template"

// A Text is a lesson in one language.
type Text struct {
	Lang  string
	Title string
	Goal  string        // one sentence: what the learner can do after it
	Intro template.HTML // what stands before the first step
	Steps []*StepText

	parts    []part          // as they are written
	messages map[string]word // of the front matter
	said     map[string]bool // those that the task file uses
}

// Step returns the text of a step.
func (t *Text) Step(id string) *StepText {
	for _, s := range t.Steps {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// A StepText is the text of one step. All HTML is rendered from the lesson's
// Markdown without raw HTML; code has chroma's classes and no styles.
type StepText struct {
	ID       string
	Title    string
	HTML     template.HTML
	Predict  *PredictText     // nil when the step asks for none
	Hints    [3]template.HTML // where to look, which command, almost the answer
	Solution string           // shell lines

	line int
}

// A PredictText is the question before a step, with its choices in order.
type PredictText struct {
	Question template.HTML
	Choices  []Choice

	line    int
	choices []template.HTML // before they know their ids
}

// A Choice is one answer to a prediction.
type Choice struct {
	ID   string
	HTML template.HTML
}

// Words is a sentence in all languages, with `code` in backquotes.
type Words map[string]string

// In returns the words in a language, or in English.
func (w Words) In(lang string) string {
	if s, ok := w[lang]; ok {
		return s
	}
	return w[Languages()[0]]
}
