package resource

import (
	"cmp"
	"context"
	"net/url"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/ui/component"
	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// longestNote is how much of an annotation is shown.
const longestNote = 200

// short is a text that may be long.
func short(s string) string {
	if r := []rune(s); len(r) > longestNote {
		return string(r[:longestNote]) + "…"
	}
	return s
}

// tabs are the views of an object.
func tabs(ctx context.Context, s subject, current string) []component.Tab {
	all := []component.Tab{
		{Label: frame.T(ctx, "resource.overview"), Href: href(s.Target), Current: current == ""},
		{Label: "YAML", Href: href(s.Target) + "/edit", Current: current == "yaml"},
	}
	if isPod(s.Target) {
		all = append(all, component.Tab{Label: frame.T(ctx, "resource.logs"), Href: href(s.Target) + "/logs", Current: current == "logs"})
	}
	return all
}

// logsOf is the address of a container's log.
func logsOf(pod kube.Target, container string) string {
	return href(pod) + "/logs?" + url.Values{"container": {container}}.Encode()
}

// from is which component told of an event.
func from(e corev1.Event) string { return cmp.Or(e.Source.Component, e.ReportingController) }

// yamlCommand is how kubectl shows or edits an object's YAML.
func yamlCommand(e editing) string {
	if e.Hidden || !e.Kind.Can("update") {
		return e.command("get", "-o", "yaml")
	}
	return e.command("edit")
}

func (l diffLine) class() string {
	switch l.Sign {
	case '+':
		return "kg-added"
	case '-':
		return "kg-removed"
	}
	return ""
}

// pair is a label or an annotation as one word.
func pair(key, value string, secret bool) string {
	if secret && key == lastApplied {
		value = "(hidden)"
	}
	return key + "=" + short(value)
}

// listIn is the address of a kind's page in one namespace.
func listIn(t kube.Target) string {
	return list(t) + "?" + url.Values{"namespace": {t.Namespace}}.Encode()
}

// primary is the kind of the button that is likeliest meant.
func primary(first bool) string {
	if first {
		return "primary"
	}
	return ""
}
