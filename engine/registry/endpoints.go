package registry

// Upstream: pkg/registry/core/endpoint/strategy.go

import (
	"kubergarten/engine/api"
)

func endpointsStrategy() strategy {
	return strategy{rules: api.EndpointsRules(), createOnUpdate: true}
}
