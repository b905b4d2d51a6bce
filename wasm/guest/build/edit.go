package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// apply returns the source with its build line replaced, the declarations of
// e.Cut and the imports only they used left out. A name that is not there is
// an error: Go's file is not the one the edit was written for.
func (e edit) apply(source []byte) ([]byte, error) {
	if e.Build != "" {
		source = buildLine.ReplaceAll(source, []byte("//go:build "+e.Build+"\n"))
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	gone, err := e.cuts(file)
	if err != nil {
		return nil, err
	}
	gone = append(gone, unusedImports(file, gone)...)
	return without(source, fset, gone), nil
}

var buildLine = regexp.MustCompile(`(?m)^//go:build .*\n`)

// cuts finds the declarations to leave out.
func (e edit) cuts(file *ast.File) ([]ast.Node, error) {
	var gone []ast.Node
	met := map[string]bool{}
	for _, d := range file.Decls {
		for _, want := range e.Cut {
			if ok, _ := path.Match(want, declName(d)); ok {
				gone, met[want] = append(gone, d), true
				break
			}
		}
	}
	for _, want := range e.Cut {
		if !met[want] {
			return nil, fmt.Errorf("no declaration %s", want)
		}
	}
	return gone, nil
}

// declName is the name of a function, Type.name of a method, or the name of a
// type declared alone.
func declName(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return d.Name.Name
		}
		t := d.Recv.List[0].Type
		if p, ok := t.(*ast.StarExpr); ok {
			t = p.X
		}
		if id, ok := t.(*ast.Ident); ok {
			return id.Name + "." + d.Name.Name
		}
	case *ast.GenDecl:
		if len(d.Specs) == 1 {
			if t, ok := d.Specs[0].(*ast.TypeSpec); ok {
				return t.Name.Name
			}
		}
	}
	return ""
}

// unusedImports finds the imports that only the nodes in gone use.
func unusedImports(file *ast.File, gone []ast.Node) []ast.Node {
	used := map[string]bool{}
	for _, d := range file.Decls {
		if slices.Contains(gone, ast.Node(d)) {
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := s.X.(*ast.Ident); ok {
					used[id.Name] = true
				}
			}
			return true
		})
	}
	var unused []ast.Node
	for _, spec := range file.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		if spec.Name == nil && !used[path.Base(p)] {
			unused = append(unused, spec)
		}
	}
	return unused
}

// without cuts the nodes, and the comments that belong to them, out of source.
func without(source []byte, fset *token.FileSet, gone []ast.Node) []byte {
	slices.SortFunc(gone, func(a, b ast.Node) int { return int(b.Pos() - a.Pos()) })
	for _, n := range gone {
		from, to := n.Pos(), n.End()
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Doc != nil {
				from = n.Doc.Pos()
			}
		case *ast.GenDecl:
			if n.Doc != nil {
				from = n.Doc.Pos()
			}
		}
		a, b := fset.Position(from).Offset, fset.Position(to).Offset
		kept := strings.Repeat("\n", strings.Count(string(source[a:b]), "\n"))
		source = slices.Concat(source[:a], []byte(kept), source[b:])
	}
	return source
}
