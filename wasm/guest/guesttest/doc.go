// Package guesttest runs the built guests on the real runtime: its tests are
// all there is.
//
// Upstream: none.
//
// How it works. lab_test.go makes a node with a network and pods, from the
// catalog's images; the tests run commands in them and compare what they print.
//
// What we leave out. What the guests' own unit tests see natively.
package guesttest
