package admission

// Upstream: pkg/kubeapiserver/options/plugins.go

import (
	"errors"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/storage/names"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
)

// Config says which plugins there are.
type Config struct {
	// API is how plugins read; it must be a user of system:masters, and must work
	// as soon as the first object is written.
	API             client.Interface
	Clock           clock.Clock
	Enable, Disable []string // plugins, beside those that are on by default
	// Suffix makes a random name from a prefix; nil: as upstream.
	Suffix func(prefix string) string
}

// An entry is one plugin of the table.
type entry struct {
	name string
	on   bool // by default
	make func(Config) admission.Interface
}

// plugins lists them in the order in which they are asked.
func plugins() []entry {
	return []entry{
		{"NamespaceLifecycle", true, newNamespaceLifecycle},
		{"ServiceAccount", true, newServiceAccount},
		{"NodeRestriction", false, newNodeRestriction},
		{"TaintNodesByCondition", true, newTaintNodesByCondition},
		{"Priority", true, newPriority},
		{"DefaultTolerationSeconds", true, newDefaultTolerationSeconds},
		{"RuntimeClass", true, newRuntimeClass},
	}
}

// New returns the chain of the plugins that cfg enables.
func New(cfg Config) (admission.Interface, error) {
	if cfg.API == nil || cfg.Clock == nil {
		return nil, errors.New("admission: an API and a clock are needed")
	}
	if cfg.Suffix == nil {
		cfg.Suffix = names.SimpleNameGenerator.GenerateName
	}
	for _, name := range slices.Concat(cfg.Enable, cfg.Disable) {
		if !slices.ContainsFunc(plugins(), func(e entry) bool { return e.name == name }) {
			return nil, fmt.Errorf("enable-admission-plugins plugin %q is unknown", name)
		}
	}
	var chain []admission.Interface
	for _, e := range plugins() {
		if slices.Contains(cfg.Enable, e.name) && slices.Contains(cfg.Disable, e.name) {
			return nil, fmt.Errorf("%v in enable-admission-plugins and disable-admission-plugins overlapped", []string{e.name})
		}
		if (e.on || slices.Contains(cfg.Enable, e.name)) && !slices.Contains(cfg.Disable, e.name) {
			chain = append(chain, e.make(cfg))
		}
	}
	return admission.NewChainHandler(chain...), nil
}

// isPod reports whether a is about a pod itself, not a subresource.
func isPod(a admission.Attributes) bool {
	return a.GetResource().GroupResource() == schema.GroupResource{Resource: "pods"} && a.GetSubresource() == ""
}

// unexpected is the refusal of an object of another type than its resource has.
func unexpected(a admission.Attributes, obj any) error {
	return admission.NewForbidden(a, fmt.Errorf("unexpected type %T", obj))
}
