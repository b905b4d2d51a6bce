package ui

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"k8s.io/utils/clock"

	"kubergarten/engine/trace"
	"kubergarten/lessons"
	"kubergarten/ui/frame"
	"kubergarten/ui/page/lesson"
	"kubergarten/ui/page/overview"
	"kubergarten/ui/page/resource"
	"kubergarten/ui/page/start"
	"kubergarten/ui/terminal"
)

// Rooms are what the pages need besides the frame.
type Rooms struct {
	// Trace is what happens in the cluster; nil: the news are the events alone.
	Trace *trace.Recorder
	// Lessons teaches; nil: there are no lessons.
	Lessons lesson.Teacher
	// Desk is where the files of a learner's lessons lie, by the learner's name;
	// nil: lessons have no files.
	Desk func(learner string) lessons.Desk
	// Terminal gives shells; nil: there is no terminal.
	Terminal terminal.Workbench
}

// routes hangs the pages into mux.
func (r Rooms) routes(mux *http.ServeMux, f *frame.Frame, c clock.WithTickerAndDelayedExecution) {
	overview.Routes(mux, f, overview.Deps{Trace: r.Trace, Clock: c})
	resource.Routes(mux, f, resource.Deps{Clock: c})
	started := start.Deps{}
	if r.Lessons != nil {
		d := lesson.Deps{Teacher: r.Lessons, Learner: r.learner}
		lesson.Routes(mux, f, r.beside(d))
		started.Lessons = func(ctx context.Context) []start.Lesson { return next(d.Cards(ctx)) }
	}
	start.Routes(mux, f, started)
}

// learner is the visitor as Lessons knows it.
func (r Rooms) learner(ctx context.Context) lessons.Learner {
	who := frame.From(ctx)
	l := lessons.Learner{ID: who.User.GetName(), API: who.API}
	if r.Desk != nil {
		l.Desk = r.Desk(l.ID)
	}
	return l
}

// beside puts a terminal beside the lessons' text, if there is one.
func (r Rooms) beside(d lesson.Deps) lesson.Deps {
	if r.Terminal != nil {
		d.Panel = func(ctx context.Context) templ.Component { return terminal.Panel(ctx, terminal.PanelConfig{}) }
		d.Scripts, d.Styles = terminal.Scripts(), terminal.Styles()
	}
	return d
}

// next are the lessons as the start page shows them.
func next(cards []lesson.Card) (all []start.Lesson) {
	for _, c := range cards {
		all = append(all, start.Lesson{
			Number: c.Number, ID: c.ID, Title: c.Title, Minutes: c.Minutes, Passed: c.Passed, Steps: c.Steps,
		})
	}
	return all
}

// terminals are the shells of all visitors, or nil when nobody gives any.
func (c Config) terminals() *terminal.Terminals {
	if c.Terminal == nil {
		return nil
	}
	return terminal.New(terminal.Config{Workbench: c.Terminal, Clock: c.Clock, Log: c.Log})
}
