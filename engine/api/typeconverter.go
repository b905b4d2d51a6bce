package api

// Upstream: k8s.io/client-go/applyconfigurations/utils.go

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/gob"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/structured-merge-diff/v6/schema"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
)

// smdSchema is the schema of client-go's apply configurations, trimmed to the
// types that Resources reaches, as gzipped gob: reading it takes a few
// milliseconds, where client-go's own takes near a hundred for its YAML.
//
//go:embed openapi/schema.gob.gz
var smdSchema []byte

// TypeConverter knows the schema of every kind for server-side apply. It is
// built when first asked for, and shared by all clusters.
func TypeConverter() managedfields.TypeConverter { return typeConverter() }

var typeConverter = sync.OnceValue(func() managedfields.TypeConverter {
	p, err := readSchema(smdSchema)
	if err != nil {
		panic(fmt.Sprintf("api: openapi/schema.gob.gz: %v", err)) // it is embedded
	}
	known := map[string]bool{}
	for _, t := range p.Schema.Types {
		known[t.Name] = true
	}
	return converter{managedfields.NewSchemeTypeConverter(Scheme(), p), managedfields.NewDeducedTypeConverter(), known}
})

// converter knows most kinds by schema. Of the others, which are answered and
// never applied (reviews, Binding), it reads the types off the object.
type converter struct {
	managedfields.TypeConverter
	deduced managedfields.TypeConverter
	known   map[string]bool // names of types that have a schema
}

// ObjectToTyped returns obj with its schema.
func (c converter) ObjectToTyped(obj runtime.Object, opts ...typed.ValidationOptions) (*typed.TypedValue, error) {
	name, err := Scheme().ToOpenAPIDefinitionName(obj.GetObjectKind().GroupVersionKind())
	if err == nil && !c.known[name] {
		return c.deduced.ObjectToTyped(obj, opts...)
	}
	return c.TypeConverter.ObjectToTyped(obj, opts...)
}

func readSchema(gz []byte) (*typed.Parser, error) {
	r, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		return nil, err
	}
	registerDefaults()
	var types []schema.TypeDef
	if err := gob.NewDecoder(r).Decode(&types); err != nil {
		return nil, err
	}
	return &typed.Parser{Schema: schema.Schema{Types: types}}, nil
}

// registerDefaults tells gob of the types of default values.
func registerDefaults() { gob.Register(map[any]any{}) }
