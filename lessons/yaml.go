package lessons

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// A word is a scalar of a YAML file that knows its line.
type word struct {
	text string
	line int
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (w *word) UnmarshalYAML(n *yaml.Node) error {
	w.line = n.Line
	return n.Decode(&w.text)
}

func texts(words []word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.text
	}
	return out
}

// decode reads data strictly into v. Lines of faults are counted from skip.
func decode(f *faults, file string, data []byte, skip int, v any) bool {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	err := d.Decode(v)
	if err == nil {
		if err = d.Decode(new(yaml.Node)); errors.Is(err, io.EOF) {
			return true
		}
		err = errors.New("more than one YAML document")
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("the file is empty")
	}
	var types *yaml.TypeError
	if !errors.As(err, &types) {
		addYAML(f, file, skip, err.Error())
		return false
	}
	for _, msg := range types.Errors {
		addYAML(f, file, skip, msg)
	}
	return false
}

// addYAML adds a fault of the YAML library, whose line stands in its text.
func addYAML(f *faults, file string, skip int, msg string) {
	line := 0
	if m := regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )`).FindStringSubmatchIndex(msg); m != nil {
		line, _ = strconv.Atoi(msg[m[2]:m[3]])
		msg = msg[m[1]:]
	}
	if line > 0 {
		line += skip
	}
	msg = regexp.MustCompile(` in type lessons\.\w+`).ReplaceAllString(msg, "")
	f.add(file, line, "%s", msg)
}
