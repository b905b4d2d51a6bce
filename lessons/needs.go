package lessons

import "slices"

// refs yields the variables of a step's expressions and of its messages.
func (s *Step) refs(yield func(string) bool) {
	for _, c := range s.Checks {
		for r := range c.expr.refs {
			if !yield(r) {
				return
			}
		}
		for _, o := range c.otherwise {
			if !o.refs(yield) {
				return
			}
		}
	}
	if s.Predict == nil || s.Predict.graded == nil {
		return
	}
	for r := range s.Predict.graded.refs {
		if !yield(r) {
			return
		}
	}
}

// refs yields the variables of a message and of its condition; it reports
// whether to go on.
func (o otherwise) refs(yield func(string) bool) bool {
	if o.when != nil {
		for r := range o.when.refs {
			if !yield(r) {
				return false
			}
		}
	}
	for _, p := range o.words {
		for _, r := range p.refs() {
			if !yield(r) {
				return false
			}
		}
	}
	return true
}

// needs reports whether the lesson looks at a variable.
func (l *Lesson) needs(name string) bool {
	for _, s := range l.Steps {
		for r := range s.refs {
			if r == name {
				return true
			}
		}
	}
	return false
}

// watches are the kinds that the lesson's checks look at. Logs need to know
// when containers come.
func (l *Lesson) watches() (out []kind) {
	names := map[string]bool{"events": l.needs("events"), "pods": l.needs(logsVariable)}
	for _, s := range l.Steps {
		for _, w := range watched(s) {
			names[w] = true
		}
	}
	for _, k := range kinds() {
		if names[k.resource] {
			out = append(out, k)
		}
	}
	return slices.Clip(out)
}
