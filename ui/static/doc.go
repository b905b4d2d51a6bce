// Package static is what the browser loads besides pages: scripts, style
// sheets, pictures.
//
// How it works. dist holds bundles of npm packages, made by "make assets" from
// the versions that package-lock.json pins, with their SHA-256 in
// manifest.json and their licences in licences.json. src holds our own modules
// and style sheets; they are served as they are. Everything is embedded,
// compressed once, and served for ever under a path that names its content.
//
// What we leave out. Source maps, and anything loaded from elsewhere.
package static
