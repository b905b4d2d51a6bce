// Package component is the look of the page: the layout and the small parts
// that all pages share.
//
// How it works. Each component is a templ function of plain values. Status is
// always an icon and a word, never a colour alone; nothing has inline style or
// script; every text in them comes from package text. "go run ./ui/storybook"
// shows each in all themes and languages.
//
// What we leave out. A component framework: what a page alone needs, it makes.
package component
