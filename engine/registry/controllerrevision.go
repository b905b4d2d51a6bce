package registry

// Upstream: pkg/registry/apps/controllerrevision/strategy.go

import (
	"kubergarten/engine/api"
)

func controllerRevisionStrategy() strategy { return strategy{rules: api.ControllerRevisionRules()} }
