package lessons

import "github.com/alecthomas/chroma/v2"

// newLexers returns the lexers of the languages that lessons are written in.
// Chroma's own collection is left out: it costs each start of the binary 30 ms.
func newLexers() map[string]chroma.Lexer {
	sh := newLexer("sh", shellRules)
	return map[string]chroma.Lexer{"sh": sh, "shell": sh, "bash": sh, "yaml": newLexer("yaml", yamlRules)}
}

func newLexer(name string, rules func() chroma.Rules) chroma.Lexer {
	return chroma.Coalesce(chroma.MustNewLexer(&chroma.Config{Name: name}, rules))
}

func shellRules() chroma.Rules {
	return chroma.Rules{"root": {
		{Pattern: `(?<!\S)#.*`, Type: chroma.CommentSingle},
		{Pattern: `_{3,}`, Type: chroma.GenericEmph}, // a gap
		{Pattern: `"(?:\\.|[^"\\])*"`, Type: chroma.LiteralStringDouble},
		{Pattern: `'[^']*'`, Type: chroma.LiteralStringSingle},
		{Pattern: `\$\{?\w+\}?`, Type: chroma.NameVariable},
		{Pattern: `(?<!\S)--?[A-Za-z][\w-]*`, Type: chroma.NameAttribute},
		{Pattern: `(?<![\w./-])(?:kubectl|for|do|done|if|then|else|fi|while)(?![\w./-])`, Type: chroma.NameBuiltin},
		{Pattern: `[|&;<>]+`, Type: chroma.Operator},
		{Pattern: `[\s\S]`, Type: chroma.Text},
	}}
}

func yamlRules() chroma.Rules {
	return chroma.Rules{"root": {
		{Pattern: `(?<!\S)#.*`, Type: chroma.CommentSingle},
		{Pattern: `_{3,}`, Type: chroma.GenericEmph}, // a gap
		{Pattern: `"(?:\\.|[^"\\])*"`, Type: chroma.LiteralStringDouble},
		{Pattern: `'[^']*'`, Type: chroma.LiteralStringSingle},
		{Pattern: `[\w./-]+(?=:(?:\s|$))`, Type: chroma.NameTag},
		{Pattern: `(?<![\w.-])(?:true|false|null|\d+)(?![\w.-])`, Type: chroma.KeywordConstant},
		{Pattern: `---|[-\[\]{},:|>](?=\s|$)|[\[\]{},]`, Type: chroma.Punctuation},
		{Pattern: `[\s\S]`, Type: chroma.Text},
	}}
}
