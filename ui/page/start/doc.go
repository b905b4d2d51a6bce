// Package start is the page one comes in by: what now, and what runs.
//
// How it works. The lesson to continue with is the first that is not passed.
// The figures follow the API server as the visitor, for as long as the page is
// looked at; a kind that the visitor may not list is left out.
//
// What we leave out. A tour: the first lesson is one.
package start
