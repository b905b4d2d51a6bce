package lessons

import "testing"

// BenchmarkEvaluate judges all steps of the lesson with the most expressions
// over a namespace of 50 pods.
func BenchmarkEvaluate(b *testing.B) {
	c, err := Load(Content())
	if err != nil {
		b.Fatal(err)
	}
	for _, l := range c.Lessons() {
		b.Run(l.ID, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f := &facts{ns: l.Namespace, objects: map[string][]any{"pods": pods(50)}}
				for _, s := range l.Steps {
					judge(s, f, "an answer")
				}
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(Content()); err != nil {
			b.Fatal(err)
		}
	}
}
