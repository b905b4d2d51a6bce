package lessons

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// Flags are flags of the control plane's components: values by component and
// by flag, without its dashes.
type Flags map[string]map[string]string

// PresetComponents are the components whose flags a lesson may change.
func PresetComponents() []string { return []string{"kube-controller-manager", "kube-scheduler"} }

// A FlagCheck says why a component would not take a flag, or nil.
type FlagCheck func(component, flag, value string) error

// presets reads the task file's field of that name.
func (t *taskLoader) presets(n *yaml.Node) Flags {
	if n.Line == 0 {
		return nil // the field is not there
	}
	out := Flags{}
	for component, flags := range t.pairs("presets", n) {
		if name := component.Value; !slices.Contains(PresetComponents(), name) {
			t.add(t.file, component.Line, "presets: %q is not one of %s", name, strings.Join(PresetComponents(), ", "))
			continue
		}
		out[component.Value] = t.preset(component.Value, flags)
	}
	return out
}

// preset reads the flags of one component.
func (t *taskLoader) preset(component string, n *yaml.Node) map[string]string {
	out := map[string]string{}
	for flag, value := range t.pairs("presets of "+component, n) {
		if why := t.misfit(component, flag.Value, value); why != "" {
			t.add(t.file, flag.Line, "presets of %s: %s", component, why)
			continue
		}
		out[flag.Value] = value.Value
	}
	return out
}

// misfit says why a flag cannot be given, or nothing.
func (t *taskLoader) misfit(component, flag string, value *yaml.Node) string {
	switch {
	case !regexp.MustCompile(`^[a-z][a-z0-9-]*$`).MatchString(flag):
		return "flag \"" + flag + "\": want its name without dashes before it"
	case value.Kind != yaml.ScalarNode || value.Tag == "!!null":
		return "flag \"" + flag + "\": want one value"
	case strings.ContainsFunc(value.Value, unicode.IsControl):
		return "flag \"" + flag + "\": its value has more than one line"
	}
	for _, check := range t.flagChecks {
		if err := check(component, flag, value.Value); err != nil {
			return err.Error()
		}
	}
	return ""
}

// pairs are the keys of a mapping that is not empty, each once, with values.
func (t *taskLoader) pairs(what string, n *yaml.Node) map[*yaml.Node]*yaml.Node {
	out, seen := map[*yaml.Node]*yaml.Node{}, map[string]bool{}
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		t.add(t.file, n.Line, "%s: want names with values, as kube-controller-manager: {node-monitor-grace-period: 5s}", what)
		return out
	}
	for pair := range slices.Chunk(n.Content, 2) {
		if seen[pair[0].Value] {
			t.add(t.file, pair[0].Line, "%s: %q is there twice", what, pair[0].Value)
			continue
		}
		seen[pair[0].Value] = true
		out[pair[0]] = pair[1]
	}
	return out
}

// copy returns flags that may be kept.
func (f Flags) copy() Flags {
	out := Flags{}
	for component, flags := range f {
		out[component] = maps.Clone(flags)
	}
	return out
}
