package main

import (
	"time"

	"github.com/a-h/templ"

	"kubergarten/ui/component"
)

// row is a line of the table's story.
func row(name string, status templ.Component, restarts, node string) component.Row {
	now := time.Now()
	return component.Row{ID: "row-" + restarts, Cells: []templ.Component{
		component.Link("#", name), status, component.Text(restarts), component.Text(node), component.Time(now.Add(-200*time.Second), now),
	}}
}
