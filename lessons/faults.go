package lessons

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Fault is one mistake of a lesson's author.
type Fault struct {
	File string
	Line int // 0: the file as a whole
	Err  error
}

// Error returns "file:line: what".
func (f *Fault) Error() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %v", f.File, f.Err)
	}
	return fmt.Sprintf("%s:%d: %v", f.File, f.Line, f.Err)
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// faults collects mistakes, so that the author sees all of them at once.
type faults struct {
	list []*Fault
}

func (f *faults) add(file string, line int, format string, args ...any) {
	f.list = append(f.list, &Fault{file, line, fmt.Errorf(format, args...)})
}

// err returns all mistakes in the order of files and lines, or nil.
func (f *faults) err() error {
	slices.SortStableFunc(f.list, func(a, b *Fault) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return a.Line - b.Line
	})
	errs := make([]error, len(f.list))
	for i, one := range f.list {
		errs[i] = one
	}
	return errors.Join(errs...)
}
