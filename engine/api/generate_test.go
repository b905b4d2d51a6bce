package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/gob"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/structured-merge-diff/v6/schema"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
)

var updateFlag = flag.Bool("update", false, "write generated and golden files")

// TestGenerated holds the embedded OpenAPI documents and the schema of
// server-side apply against what upstream's modules and Resources give.
// With -update it writes them.
func TestGenerated(t *testing.T) {
	hashes := map[string]string{}
	for path, doc := range trimmedDocuments(t) {
		hashes[path] = fmt.Sprintf("%X", sha256.Sum256(doc))
		compareGzip(t, openAPIFile(path), doc)
	}
	index, err := json.MarshalIndent(hashes, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *updateFlag {
		write(t, "openapi/index.json", append(index, '\n'))
	} else if diff := cmp.Diff(hashes, openAPIHashes()); diff != "" {
		t.Errorf("openapi/index.json is stale, run go generate:\n%s", diff)
	}
	var b bytes.Buffer
	registerDefaults()
	if err := gob.NewEncoder(&b).Encode(trimmedTypes(t)); err != nil {
		t.Fatal(err)
	}
	compareGzip(t, "openapi/schema.gob.gz", b.Bytes())
}

// compareGzip holds the unpacked file against want, or writes it.
func compareGzip(t *testing.T, file string, want []byte) {
	t.Helper()
	if *updateFlag {
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		_, _ = w.Write(want)
		_ = w.Close()
		write(t, file, b.Bytes())
		return
	}
	if got := unzip(t, file); !bytes.Equal(got, want) {
		t.Errorf("%s is stale, run go generate", file)
	}
}

func unzip(t *testing.T, file string) []byte {
	t.Helper()
	gz, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// moduleFile reads a file of a module of the build.
func moduleFile(t *testing.T, module, file string) []byte {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatalf("find %s: %v", module, err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), file))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// trimmedDocuments returns upstream's OpenAPI v3 documents of our groups, with
// only those paths and schemas that Resources serves, as canonical JSON.
func trimmedDocuments(t *testing.T) map[string][]byte {
	docs := map[string][]byte{}
	for _, gv := range groupVersions() {
		path := "apis/" + gv.String()
		if gv.Group == "" {
			path = "api/" + gv.Version
		}
		file := "api/openapi-spec/v3/" + strings.ReplaceAll(path, "/", "__") + "_openapi.json"
		var doc map[string]any
		if err := json.Unmarshal(moduleFile(t, "k8s.io/kubernetes", file), &doc); err != nil {
			t.Fatal(err)
		}
		trimDocument(doc, gv.Group)
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		docs[path] = data
	}
	return docs
}

func trimDocument(doc map[string]any, group string) {
	paths := doc["paths"].(map[string]any)
	for p := range paths {
		if !servedPath(p, group) {
			delete(paths, p)
		}
	}
	dropCBOR(paths)
	components := doc["components"].(map[string]any)
	schemas := components["schemas"].(map[string]any)
	keep := map[string]bool{}
	reach(paths, schemas, keep)
	for name := range schemas {
		if !keep[name] {
			delete(schemas, name)
		}
	}
}

// servedPath tells whether Resources has what upstream serves at p.
func servedPath(p, group string) bool {
	parts := strings.Split(strings.Trim(p, "/"), "/")
	parts = parts[min(len(parts), 2+min(len(group), 1)):] // past api/v1 or apis/group/v1
	if len(parts) > 2 && parts[0] == "namespaces" && parts[1] == "{namespace}" {
		parts = parts[2:]
	}
	switch len(parts) {
	case 0:
		return true // discovery
	case 1, 2:
		return hasPath(group, parts[0], "")
	default:
		return hasPath(group, parts[0], strings.Join(parts[2:], "/"))
	}
}

func hasPath(group, plural, sub string) bool {
	for _, r := range Resources() {
		if r.Group == group && r.Plural == plural {
			_, ok := r.Sub(sub)
			return sub == "" || ok
		}
	}
	return false
}

// dropCBOR removes the media types that we do not serve.
func dropCBOR(v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if strings.HasPrefix(k, "application/cbor") || k == "application/apply-patch+cbor" {
				delete(v, k)
				continue
			}
			dropCBOR(e)
		}
	case []any:
		for _, e := range v {
			dropCBOR(e)
		}
	}
}

// reach marks every schema that v refers to, and that those refer to.
func reach(v any, schemas map[string]any, keep map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if s, ok := e.(string); ok && k == "$ref" {
				if name := strings.TrimPrefix(s, "#/components/schemas/"); !keep[name] {
					keep[name] = true
					reach(schemas[name], schemas, keep)
				}
				continue
			}
			reach(e, schemas, keep)
		}
	case []any:
		for _, e := range v {
			reach(e, schemas, keep)
		}
	}
}

// trimmedTypes returns client-go's schema of apply configurations, with only
// the types that Resources reaches.
func trimmedTypes(t *testing.T) []schema.TypeDef {
	src := string(moduleFile(t, "k8s.io/client-go", "applyconfigurations/internal/internal.go"))
	_, yaml, ok := strings.Cut(src, "typed.YAMLObject(`")
	yaml, _, ok2 := strings.Cut(yaml, "`)")
	if !ok || !ok2 {
		t.Fatal("no schema in client-go's applyconfigurations")
	}
	parser, err := typed.NewParser(typed.YAMLObject(yaml))
	if err != nil {
		t.Fatal(err)
	}
	keep := map[string]bool{"__untyped_atomic_": true, "__untyped_deduced_": true}
	for _, r := range Resources() {
		reachTypes(t, parser, modelName(t, r.New()), keep)
		for _, s := range r.Subresources {
			reachTypes(t, parser, modelName(t, s.New()), keep)
		}
	}
	var out []schema.TypeDef
	for _, d := range parser.Schema.Types {
		if keep[d.Name] {
			out = append(out, d)
		}
	}
	return out
}

func modelName(t *testing.T, o any) string {
	t.Helper()
	n, ok := o.(interface{ OpenAPIModelName() string })
	if !ok {
		t.Fatalf("%T has no model name", o)
	}
	return n.OpenAPIModelName()
}

func reachTypes(t *testing.T, p *typed.Parser, name string, keep map[string]bool) {
	if keep[name] {
		return
	}
	for _, d := range p.Schema.Types {
		if d.Name == name {
			keep[name] = true
			reachAtom(t, p, d.Atom, keep)
		}
	}
}

func reachAtom(t *testing.T, p *typed.Parser, a schema.Atom, keep map[string]bool) {
	if a.List != nil {
		reachRef(t, p, a.List.ElementType, keep)
	}
	if a.Map != nil {
		reachRef(t, p, a.Map.ElementType, keep)
		for _, f := range a.Map.Fields {
			reachRef(t, p, f.Type, keep)
		}
	}
}

func reachRef(t *testing.T, p *typed.Parser, r schema.TypeRef, keep map[string]bool) {
	if r.NamedType != nil {
		reachTypes(t, p, *r.NamedType, keep)
	}
	reachAtom(t, p, r.Inlined, keep)
}
