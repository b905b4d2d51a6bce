package lessons

import (
	"embed"
	"io/fs"
)

//go:embed content
var content embed.FS

// Content returns the lessons that come with Kubergarten.
func Content() fs.FS {
	sub, err := fs.Sub(content, "content")
	if err != nil {
		panic(err) // the folder is embedded: a mistake in our code
	}
	return sub
}

// A Catalog is a set of lessons in order. It does not change.
type Catalog struct {
	lessons []*Lesson
}

// Lessons returns all lessons, in the order of their numbers.
func (c *Catalog) Lessons() []*Lesson { return c.lessons }

// Lesson returns the lesson of that id, as "02-pods".
func (c *Catalog) Lesson(id string) (*Lesson, bool) {
	for _, l := range c.lessons {
		if l.ID == id {
			return l, true
		}
	}
	return nil, false
}
