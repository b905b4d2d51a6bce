package lessons

import "maps"

// facts are what is known of a lesson's place at one moment. They belong to
// one evaluation.
type facts struct {
	ns      string
	objects map[string][]any          // by resource
	trace   []any                     // records, oldest first
	logs    logsOf                    // never nil
	probes  map[string]map[string]any // by step/check

	base map[string]any // the variables that all checks share
}

// vars are the variables of a check's expressions.
func (f *facts) vars(step, check, answer string) map[string]any {
	if f.base == nil {
		f.base = f.shared()
	}
	vars := maps.Clone(f.base)
	vars["answer"] = answer
	probe := map[string]any{"done": false, "status": int64(0), "body": "", "code": int64(-1), "stdout": "", "stderr": "", "error": ""}
	maps.Copy(probe, f.probes[step+"/"+check])
	vars["probe"] = probe
	return vars
}

func (f *facts) shared() map[string]any {
	vars := map[string]any{"ns": f.ns, "trace": f.trace, logsVariable: f.logs}
	for _, k := range kinds() {
		vars[k.resource] = []any{}
	}
	for resource, list := range f.objects {
		vars[resource] = list
	}
	return vars
}

// judge evaluates the checks of a step.
func judge(s *Step, f *facts, answer string) (out []CheckState, passed bool) {
	passed = true
	for _, c := range s.Checks {
		state := c.judge(f.vars(s.ID, c.ID, answer))
		passed = passed && state.Passed
		out = append(out, state)
	}
	return out, passed
}

func (c *Check) judge(vars map[string]any) CheckState {
	// An expression that cannot be evaluated does not hold: its field is not
	// there yet.
	if ok, _ := c.expr.holds(vars); ok {
		return CheckState{ID: c.ID, Passed: true}
	}
	if c.ID == AskID && vars["answer"] == "" {
		return CheckState{ID: c.ID} // not answered is not wrong
	}
	for _, o := range c.otherwise {
		if o.when != nil {
			if ok, _ := o.when.holds(vars); !ok {
				continue
			}
		}
		return CheckState{ID: c.ID, MessageID: o.say, Message: o.render(vars)}
	}
	return CheckState{ID: c.ID}
}

func (o otherwise) render(vars map[string]any) Words {
	out := Words{}
	for lang, p := range o.words {
		out[lang] = p.render(vars)
	}
	return out
}

// grade tells which choice of a prediction was right, "" if what happened does
// not tell: then nobody is told that they were wrong.
func (p *Predict) grade(vars map[string]any) string {
	if p.graded == nil {
		return p.right
	}
	out, err := p.graded.eval(vars)
	if err != nil {
		return ""
	}
	choice, _ := out.Value().(string)
	return choice
}

// prediction is what a learner sees of a prediction.
func (p *Predict) prediction(m *mark) *Prediction {
	out := &Prediction{Choice: m.Choice, Outcome: m.Outcome}
	if m.Choice == "" || m.Outcome == "" {
		return out
	}
	right := m.Choice == m.Outcome
	out.Right = &right
	if !right {
		out.Explanation = p.misconception[m.Choice]
	}
	return out
}
