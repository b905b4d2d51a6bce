package ui

import (
	"net/http"

	"k8s.io/utils/clock"

	"kubergarten/ui/frame"
	"kubergarten/ui/page/start"
)

// Rooms are what the pages need besides the frame.
type Rooms struct{}

// routes hangs the pages into mux.
func (r Rooms) routes(mux *http.ServeMux, f *frame.Frame, c clock.WithTickerAndDelayedExecution) {
	start.Routes(mux, f, start.Deps{})
}
