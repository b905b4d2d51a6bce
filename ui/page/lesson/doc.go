// Package lesson is the lessons' pages: the catalogue, and a lesson's text
// beside a terminal.
//
// How it works. A page is made of parts, each an element with an id that shows
// one thing of the learner's State. The tab's stream renders them anew whenever
// the Teacher says that the state has changed, and a form's answer to htmx is
// the same parts; so two tabs on one lesson cannot differ for long. Forms are
// plain posts, and work without script by a redirect. A field that one types
// into carries no value from the server, so a morph leaves it as it is.
//
// What we leave out. Judging: package lessons does it. The terminal: its page
// gives a panel, and without one the text has the width to itself.
package lesson
