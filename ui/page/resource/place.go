package resource

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// lineOf is the line of a field in YAML, from 1: of the deepest part of its
// path that is there, for what is missing is missed where it belongs.
func lineOf(text, field string) int {
	var doc yaml.Node
	if yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) == 0 {
		return 0
	}
	line, _ := descend(doc.Content[0], steps(field))
	return line
}

// steps are the parts of a path: "spec.containers[0].env[NAME]" is spec,
// containers, 0, env, NAME.
func steps(field string) (all []string) {
	for field != "" {
		switch i := strings.IndexAny(field, ".["); {
		case i < 0:
			return append(all, field)
		case field[i] == '.':
			all, field = add(all, field[:i]), field[i+1:]
		default:
			inside, after, _ := strings.Cut(field[i+1:], "]")
			all, field = add(add(all, field[:i]), inside), strings.TrimPrefix(after, ".")
		}
	}
	return all
}

func add(all []string, step string) []string {
	if step == "" {
		return all
	}
	return append(all, step)
}

// descend is the line that the path leads to, and how many steps it went.
func descend(n *yaml.Node, path []string) (line, depth int) {
	if len(path) == 0 {
		return n.Line, 0
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value != path[0] {
				continue
			}
			if further, d := descend(n.Content[i+1], path[1:]); d > 0 {
				return further, d + 1
			}
			return n.Content[i].Line, 1
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(path[0]); err == nil {
			if i >= 0 && i < len(n.Content) {
				line, depth = descend(n.Content[i], path[1:])
				return line, depth + 1
			}
			return n.Line, 0
		}
		// Some words leave out the index: the item that has the field is meant.
		for _, item := range n.Content {
			if l, d := descend(item, path); d > depth {
				line, depth = l, d
			}
		}
		if depth > 0 {
			return line, depth
		}
	}
	return n.Line, 0
}

// A head is what a text says of the object it describes.
type head struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name         string `yaml:"name"`
		GenerateName string `yaml:"generateName"`
		Namespace    string `yaml:"namespace"`
	} `yaml:"metadata"`
}

// withVersion is the text with another resourceVersion, if it has one.
func withVersion(text, version string) string {
	var doc yaml.Node
	if yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) == 0 {
		return text
	}
	n := value(value(doc.Content[0], "metadata"), "resourceVersion")
	lines := strings.Split(text, "\n")
	if n == nil || n.Kind != yaml.ScalarNode || n.Line > len(lines) {
		return text
	}
	line := lines[n.Line-1]
	i := strings.Index(line, "resourceVersion")
	if i < 0 {
		return text
	}
	lines[n.Line-1] = line[:i] + "resourceVersion: " + strconv.Quote(version)
	return strings.Join(lines, "\n")
}

func value(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// A document is one of several in a text; its first line follows line First.
type document struct {
	Text  string
	First int
}

// documents splits a text at the lines "---"; what holds nothing is left out.
func documents(text string) (all []document) {
	var lines []string
	first := 0
	flush := func(next int) {
		one := strings.Join(lines, "\n")
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(one), &n); err != nil || len(n.Content) > 0 && n.Content[0].Tag != "!!null" {
			all = append(all, document{one, first})
		}
		lines, first = nil, next
	}
	for i, line := range strings.Split(text, "\n") {
		if line == "---" || strings.HasPrefix(line, "--- ") {
			flush(i + 1)
			continue
		}
		lines = append(lines, line)
	}
	flush(0)
	return all
}
