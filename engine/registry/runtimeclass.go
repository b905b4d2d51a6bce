package registry

// Upstream: pkg/registry/node/runtimeclass/strategy.go

import (
	"kubergarten/engine/api"
)

func runtimeClassStrategy() strategy {
	return strategy{rules: api.RuntimeClassRules(), createOnUpdate: true, conditional: true}
}
