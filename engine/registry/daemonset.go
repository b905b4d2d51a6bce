package registry

// Upstream: pkg/registry/apps/daemonset/strategy.go

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"

	"kubergarten/engine/api"
)

func daemonSetStrategy() strategy {
	return strategy{
		rules:  api.DaemonSetRules(),
		resets: resets("apps/v1", path("status")),
		gc:     collected,
		prepareCreate: onCreate(func(d *appsv1.DaemonSet) {
			d.Status, d.Generation = appsv1.DaemonSetStatus{}, 1
			setTemplateGeneration(d, max(templateGeneration(d), 1))
		}),
		prepareUpdate: onUpdate(func(d, old *appsv1.DaemonSet) {
			d.Status = old.Status
			n := templateGeneration(old)
			switch {
			case !equal(d.Spec.Template, old.Spec.Template):
				d.Generation, n = old.Generation+1, n+1
			case !equal(d.Spec, old.Spec):
				d.Generation = old.Generation + 1
			}
			setTemplateGeneration(d, n)
		}),
	}
}

func daemonSetStatusStrategy() strategy {
	return strategy{
		rules:         api.DaemonSetStatusRules(),
		resets:        resets("apps/v1", path("spec")),
		gc:            collected,
		prepareUpdate: onUpdate(func(d, old *appsv1.DaemonSet) { d.Spec = old.Spec; setTemplateGeneration(d, templateGeneration(old)) }),
	}
}

// templateGeneration counts the changes of the template. apps/v1 has no field
// for it: upstream keeps it in an annotation.
func templateGeneration(d *appsv1.DaemonSet) int64 {
	n, err := strconv.ParseInt(d.Annotations[appsv1.DeprecatedTemplateGeneration], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func setTemplateGeneration(d *appsv1.DaemonSet, n int64) {
	d.Annotations = with(d.Annotations, map[string]string{appsv1.DeprecatedTemplateGeneration: strconv.FormatInt(n, 10)})
}
