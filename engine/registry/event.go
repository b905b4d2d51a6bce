package registry

// Upstream: pkg/registry/core/event/strategy.go

import (
	"context"

	"k8s.io/apiserver/pkg/registry/rest"

	"kubergarten/engine/api"
)

func eventStrategy() strategy {
	return strategy{
		rules: api.EventRules(), createOnUpdate: true,
		gc: func(context.Context) rest.GarbageCollectionPolicy { return rest.Unsupported },
	}
}
