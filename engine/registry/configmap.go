package registry

// Upstream: pkg/registry/core/configmap/strategy.go

import (
	"kubergarten/engine/api"
)

func configMapStrategy() strategy { return strategy{rules: api.ConfigMapRules()} }
