package lessons

import (
	"html"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// A codeRenderer renders blocks of code as <pre><code class="language-x">, with
// chroma's classes inside. Blocks without a language are the shell's.
type codeRenderer struct {
	lexers map[string]chroma.Lexer
}

// RegisterFuncs implements renderer.NodeRenderer.
func (r *codeRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindFencedCodeBlock, r.render)
}

func (r *codeRenderer) render(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := n.(*ast.FencedCodeBlock)
	lang := string(block.Language(src))
	if lang == "" {
		lang = "sh"
	}
	_, _ = w.WriteString(`<pre class="chroma"><code class="language-` + html.EscapeString(lang) + `">`)
	_, _ = w.WriteString(r.highlight(lang, strings.TrimSuffix(string(block.Lines().Value(src)), "\n")))
	_, err := w.WriteString("</code></pre>\n")
	return ast.WalkSkipChildren, err
}

// highlight marks up code; what cannot be is escaped as it stands.
func (r *codeRenderer) highlight(lang, code string) string {
	lexer, ok := r.lexers[lang]
	if !ok {
		return html.EscapeString(code)
	}
	tokens, err := lexer.Tokenise(&chroma.TokeniseOptions{State: "root"}, code)
	if err != nil {
		return html.EscapeString(code)
	}
	var b strings.Builder
	for t := tokens(); t != chroma.EOF; t = tokens() {
		class, text := chroma.StandardTypes[t.Type], html.EscapeString(t.Value)
		if class == "" || strings.TrimSpace(t.Value) == "" {
			b.WriteString(text)
			continue
		}
		b.WriteString(`<span class="` + class + `">` + text + `</span>`)
	}
	return b.String()
}
