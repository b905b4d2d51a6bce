package registry

// Upstream: pkg/registry/coordination/lease/strategy.go

import (
	coordinationv1 "k8s.io/api/coordination/v1"

	"kubergarten/engine/api"
)

func leaseStrategy() strategy {
	return strategy{
		rules: api.LeaseRules(), createOnUpdate: true, conditional: true,
		prepareCreate: onCreate(func(l *coordinationv1.Lease) { l.Spec.Strategy, l.Spec.PreferredHolder = nil, nil }),
		prepareUpdate: onUpdate(func(l, old *coordinationv1.Lease) { // the gate CoordinatedLeaderElection is off
			if old.Spec.Strategy == nil {
				l.Spec.Strategy = nil
			}
			if old.Spec.PreferredHolder == nil {
				l.Spec.PreferredHolder = nil
			}
		}),
	}
}
