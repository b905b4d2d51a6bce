// Package frame is what every page stands in: the visitor, the layout, the
// answers to forms and the tab's one stream of live parts.
//
// How it works. Package ui puts a Visitor into each request's context. A page
// renders its body and hands it to Frame.Page, which sets it into the layout.
// A page that lives names a source; the tab opens one event stream to it, the
// source sends parts, and the frame keeps the newest part of each element and
// sends what has changed at most five times a second. A source that the API
// server's absence ended is started anew (keep.go). The browser morphs the
// elements, so that focus, selection and scroll stay. What many tabs of one
// identity look at hangs in a Gallery: one view follows the scene for all of
// them, and paints it once for each language, at most ten times a second.
//
// What we leave out. Access control: the API server decides, with the
// visitor's own credential.
package frame
