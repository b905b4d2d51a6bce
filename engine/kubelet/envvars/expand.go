package envvars

// Upstream: third_party/forked/golang/expansion/expand.go

import "strings"

// Mapping returns a mapping that looks a name up in the contexts, in order, and
// leaves a reference to an unknown name as it is.
func Mapping(contexts ...map[string]string) func(string) string {
	return func(name string) string {
		for _, c := range contexts {
			if v, ok := c[name]; ok {
				return v
			}
		}
		return "$(" + name + ")"
	}
}

// Expand replaces each $(NAME) in s by mapping(NAME). $$ stands for $, so that
// $$(NAME) is $(NAME).
func Expand(s string, mapping func(string) string) string {
	var out strings.Builder
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 || i == len(s)-1 {
			out.WriteString(s)
			return out.String()
		}
		out.WriteString(s[:i])
		text, used := reference(s[i+1:], mapping)
		out.WriteString(text)
		s = s[i+1+used:]
	}
}

// reference reads what follows a $, and says how many bytes that took.
func reference(s string, mapping func(string) string) (text string, used int) {
	switch s[0] {
	case '$':
		return "$", 1
	case '(':
		if end := strings.IndexByte(s, ')'); end >= 0 {
			return mapping(s[1:end]), end + 1
		}
		return "$(", 1 // incomplete: left as it is
	}
	return "$" + s[:1], 1
}
