package resource

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kubergarten/ui/component"
	"kubergarten/ui/kube"
)

// ratio is a cell such as "1/3".
var ratio = regexp.MustCompile(`^(\d+)/(\d+)$`)

// initCount is how many init containers are done: "Init:1/2".
var initCount = regexp.MustCompile(`^Init:\d+/\d+$`)

// good, passing and over are words of the STATUS column; troubled are parts of
// those that tell of trouble.
func good() []string {
	return []string{"Running", "Ready", "Active", "Bound", "Available", "Complete", "True"}
}

func passing() []string {
	return []string{"Pending", "ContainerCreating", "PodInitializing", "Terminating", "Released", "SchedulingGated"}
}

func over() []string { return []string{"Completed", "Succeeded"} }

func troubled() []string {
	return []string{"Err", "BackOff", "Failed", "Failure", "OOMKilled", "NotReady", "Evicted", "ExitCode", "Signal", "Invalid", "Unknown", "Lost", "CannotRun", "Deadline", "ContainerStatus"}
}

// wordStatus is how good a word of a STATUS column is; "" if we do not know it.
func wordStatus(word string) string {
	switch {
	case slices.Contains(good(), word):
		return component.OK
	case slices.Contains(over(), word):
		return component.Off
	case slices.Contains(passing(), word), initCount.MatchString(word):
		return component.Busy
	case strings.HasPrefix(word, "Ready,"): // a node that is cordoned
		return component.Warn
	case slices.ContainsFunc(troubled(), func(part string) bool { return strings.Contains(word, part) }):
		return component.Bad
	}
	return ""
}

// cellStatus is how good a cell is, if its column tells of that.
func cellStatus(t *kube.Table, r *kube.Row, column int) string {
	word := r.Cells[column]
	switch t.Columns[column].Name {
	case "Status":
		return wordStatus(word)
	case "Type":
		if word == "Warning" {
			return component.Warn
		}
	case "Ready":
		return readyStatus(t, r, word)
	}
	return ""
}

// readyStatus reads "1/3", or a number beside the column Desired.
func readyStatus(t *kube.Table, r *kube.Row, word string) string {
	have, want := word, t.Cell(r, "Desired")
	if m := ratio.FindStringSubmatch(word); m != nil {
		have, want = m[1], m[2]
	}
	h, errH := strconv.Atoi(have)
	w, errW := strconv.Atoi(want)
	switch {
	case errH != nil || errW != nil, wordStatus(t.Cell(r, "Status")) == component.Off:
		return ""
	case w == 0:
		return component.Off
	case h >= w:
		return component.OK
	}
	return component.Warn
}

// rowStatus is how good an object is, and the word that says so.
func rowStatus(t *kube.Table, r *kube.Row) (status, word string) {
	for _, name := range []string{"Status", "Ready"} {
		i := slices.IndexFunc(t.Columns, func(c kube.Column) bool { return c.Name == name })
		if i < 0 || i >= len(r.Cells) || r.Cells[i] == "" {
			continue
		}
		word = r.Cells[i]
		if name == "Ready" {
			word = "Ready " + word
			if want := t.Cell(r, "Desired"); want != "" {
				word += "/" + want
			}
		}
		if status = cellStatus(t, r, i); status != "" {
			return status, word
		}
	}
	return component.Off, word
}
