package lessons

import (
	"bytes"
	"html/template"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown renders Markdown as HTML: raw HTML in it is left out, and links lead
// only where they may.
type markdown struct {
	md goldmark.Markdown
}

func newMarkdown() *markdown {
	return &markdown{goldmark.New(
		goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), extension.CJK),
		goldmark.WithParserOptions(parser.WithHeadingAttribute()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(&codeRenderer{newLexers()}, 100))),
	)}
}

// sections cuts a text at its headings; the first section has none.
func (m *markdown) sections(src []byte) []*section {
	doc := m.md.Parser().Parse(text.NewReader(src))
	out := []*section{{}}
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok {
			out = append(out, &section{id: headingID(h), level: h.Level, title: plain(h, src), line: lineOf(h, src)})
			continue
		}
		last := out[len(out)-1]
		last.nodes = append(last.nodes, n)
	}
	return out
}

func headingID(h *ast.Heading) string {
	id, _ := h.AttributeString("id")
	b, _ := id.([]byte)
	return string(b)
}

// plain is the text of a node without marks.
func plain(n ast.Node, src []byte) string {
	var b bytes.Buffer
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(src))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// lineOf is the line of src in which a block begins.
func lineOf(n ast.Node, src []byte) int {
	if n.Lines().Len() == 0 {
		return 1
	}
	return 1 + bytes.Count(src[:n.Lines().At(0).Start], []byte("\n"))
}

// html renders nodes.
func (m *markdown) html(src []byte, nodes []ast.Node) template.HTML {
	var b bytes.Buffer
	for _, n := range nodes {
		if err := m.md.Renderer().Render(&b, src, n); err != nil {
			return "" // a buffer does not fail
		}
	}
	return template.HTML(bytes.TrimSpace(b.Bytes())) // goldmark escapes
}

// items renders the items of a list, each without its paragraph if it is one.
func (m *markdown) items(src []byte, list ast.Node) (out []template.HTML) {
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		var nodes []ast.Node
		for n := item.FirstChild(); n != nil; n = n.NextSibling() {
			nodes = append(nodes, n)
		}
		if p, ok := item.FirstChild().(*ast.Paragraph); ok && len(nodes) == 1 {
			tight := ast.NewTextBlock()
			for n := p.FirstChild(); n != nil; n = p.FirstChild() {
				tight.AppendChild(tight, n)
			}
			nodes[0] = tight
		}
		out = append(out, m.html(src, nodes))
	}
	return out
}
