package text

import (
	"context"
	"embed"
	"fmt"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Files are the catalogues.
//
//go:embed *.toml
var Files embed.FS

// The languages of the page. English is the one to fall back to.
const (
	English = "en"
	Chinese = "zh-CN"
)

// Languages are all languages of the page, the one to fall back to first.
func Languages() []string { return []string{English, Chinese} }

// embedded are the catalogues of Files, parsed at their first use.
var embedded = sync.OnceValues(load)

// load parses every catalogue of Files.
func load() (map[string]*i18n.Localizer, error) {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	all, err := Files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		if _, err := b.LoadMessageFileFS(Files, f.Name()); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", f.Name(), err)
		}
	}
	speakers := map[string]*i18n.Localizer{}
	for _, lang := range Languages() {
		speakers[lang] = i18n.NewLocalizer(b, lang)
	}
	return speakers, nil
}

type key struct{}

// With returns a context in which T speaks lang.
func With(ctx context.Context, lang string) context.Context {
	return context.WithValue(ctx, key{}, lang)
}

// Lang is the language of ctx, English when it has none.
func Lang(ctx context.Context) string {
	if lang, ok := ctx.Value(key{}).(string); ok {
		return lang
	}
	return English
}

// T says key in the language of ctx. args are names and values in turn, for the
// message's template; the value named "count" (an int) also picks the plural.
// What no catalogue has is said as the key itself, in brackets.
func T(ctx context.Context, key string, args ...any) string {
	speakers, err := embedded()
	if err != nil {
		return "[" + key + ": " + err.Error() + "]"
	}
	speaker, ok := speakers[Lang(ctx)]
	if !ok {
		speaker = speakers[English]
	}
	data, count := pairs(args)
	said, err := speaker.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: count})
	if err != nil {
		return "[" + key + "]"
	}
	return said
}

// pairs reads names and values in turn; count is the value named so, or nil.
func pairs(args []any) (data map[string]any, count any) {
	data = make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		name := fmt.Sprint(args[i])
		data[name] = args[i+1]
		if name == "count" {
			count = args[i+1]
			data["PluralCount"] = count
		}
	}
	return data, count
}
