// Command storybook shows every component of the page in all themes and
// languages: make storybook, or go run ./ui/storybook [ADDRESS].
//
// How it works. One page per theme and language, chosen by links or in the
// header; the frames around it are the page's own style sheets and scripts. It
// needs no cluster.
//
// What we leave out. Whatever one page alone has.
package main
