package ui

import (
	"net/http"

	"k8s.io/utils/clock"

	"kubergarten/engine/trace"
	"kubergarten/ui/frame"
	"kubergarten/ui/page/overview"
	"kubergarten/ui/page/start"
)

// Rooms are what the pages need besides the frame.
type Rooms struct {
	// Trace is what happens in the cluster; nil: the news are the events alone.
	Trace *trace.Recorder
}

// routes hangs the pages into mux.
func (r Rooms) routes(mux *http.ServeMux, f *frame.Frame, c clock.WithTickerAndDelayedExecution) {
	overview.Routes(mux, f, overview.Deps{Trace: r.Trace, Clock: c})
	start.Routes(mux, f, start.Deps{})
}
