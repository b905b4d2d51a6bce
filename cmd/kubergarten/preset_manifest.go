package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A staticPod is the manifest of a component of the control plane.
type staticPod struct {
	doc   yaml.Node
	lists []*yaml.Node // the words of the command line: command, and args if there are any
}

// parseStaticPod reads a manifest whose container is named as the component.
func parseStaticPod(data []byte, component string) (*staticPod, error) {
	d, p := yaml.NewDecoder(bytes.NewReader(data)), &staticPod{}
	if err := d.Decode(&p.doc); err != nil {
		return nil, err
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one YAML document")
	}
	if len(p.doc.Content) == 0 {
		return nil, errors.New("it is empty")
	}
	for _, c := range contentOf(fieldOf(fieldOf(p.doc.Content[0], "spec"), "containers")) {
		if name := fieldOf(c, "name"); name != nil && name.Value == component {
			return p, p.find(c)
		}
	}
	return nil, fmt.Errorf("there is no container %q", component)
}

// find finds the words of the container's command line.
func (p *staticPod) find(container *yaml.Node) error {
	for _, field := range []string{"command", "args"} {
		list := fieldOf(container, field)
		if len(contentOf(list)) == 0 && field == "args" {
			return nil
		}
		words := contentOf(list)
		if len(words) == 0 || slices.ContainsFunc(words, func(w *yaml.Node) bool { return w.Kind != yaml.ScalarNode }) {
			return fmt.Errorf("its %s is not a list of words", field)
		}
		p.lists = append(p.lists, list)
	}
	return nil
}

// fieldOf is a field of a mapping, nil if it is not there.
func fieldOf(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for pair := range slices.Chunk(n.Content, 2) {
		if pair[0].Value == name {
			return pair[1]
		}
	}
	return nil
}

// contentOf are the items of a sequence.
func contentOf(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// take takes a flag out of the command line, and returns the words it had there:
// "--flag=value", or "--flag" and "value".
func (p *staticPod) take(flag string) (taken []string) {
	value := false // whether the next word may be the flag's
	for _, list := range p.lists {
		var rest []*yaml.Node
		for _, n := range list.Content {
			name, _, joined := strings.Cut(n.Value, "=")
			if name == "--"+flag || value && !strings.HasPrefix(n.Value, "-") {
				taken = append(taken, n.Value)
				value = name == "--"+flag && !joined
				continue
			}
			value = false
			rest = append(rest, n)
		}
		list.Content = rest
	}
	return taken
}

// put adds words to the end of the command line.
func (p *staticPod) put(words ...string) {
	list := p.lists[len(p.lists)-1]
	for _, w := range words {
		list.Content = append(list.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: w})
	}
}

// words are those of the command line.
func (p *staticPod) words() (out []string) {
	for _, list := range p.lists {
		for _, n := range list.Content {
			out = append(out, n.Value)
		}
	}
	return out
}

// write returns the manifest as text. What would be read otherwise than it is
// meant is an error.
func (p *staticPod) write(component string) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	e.CompactSeqIndent()
	if err := errors.Join(e.Encode(&p.doc), e.Close()); err != nil {
		return nil, err
	}
	again, err := parseStaticPod(b.Bytes(), component)
	if err != nil || !slices.Equal(again.words(), p.words()) {
		return nil, errors.New("its command line cannot be written as YAML")
	}
	return b.Bytes(), nil
}
