package registry

// Upstream: pkg/registry/scheduling/priorityclass/strategy.go

import (
	schedulingv1 "k8s.io/api/scheduling/v1"

	"kubergarten/engine/api"
)

func priorityClassStrategy() strategy {
	return strategy{
		rules:         api.PriorityClassRules(),
		prepareCreate: onCreate(func(c *schedulingv1.PriorityClass) { c.Generation = 1 }),
	}
}
