// Package text is what the page says, in English and Simplified Chinese.
//
// How it works. The catalogues are the *.toml files of this folder, embedded:
// en.toml and zh-CN.toml for the layout, PAGE.en.toml and PAGE.zh-CN.toml for
// each page. A language travels in the context; T says a key in it. A key that
// one language lacks, or that the source names and no file has, fails the
// tests, so neither can reach a learner.
//
// What we leave out. Other languages: a new one is a set of new files and a
// line in Languages.
package text
