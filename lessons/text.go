package lessons

import "html/template"

// A Text is a lesson in one language.
type Text struct {
	Lang  string
	Title string
	Goal  string // one sentence: what the learner can do after it
	Steps []*StepText

	words map[string]string // front matter's messages
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
}

// A PredictText is the question before a step, with its choices in order.
type PredictText struct {
	Question template.HTML
	Choices  []Choice
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
