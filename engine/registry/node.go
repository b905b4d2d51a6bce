package registry

// Upstream: pkg/registry/core/node/strategy.go

import (
	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/api"
)

func nodeStrategy() strategy {
	return strategy{
		rules:  api.NodeRules(),
		resets: resets("v1", path("status")),
		prepareCreate: onCreate(func(n *corev1.Node) { // a new node may bring its status
			//lint:ignore SA1019 it is here only to be cleared
			n.Spec.ConfigSource, n.Status.Config = nil, nil
		}),
		prepareUpdate: onUpdate(func(n, old *corev1.Node) {
			n.Status = old.Status
			//lint:ignore SA1019 it is here only to be cleared
			if old.Spec.ConfigSource == nil {
				//lint:ignore SA1019 it is here only to be cleared
				n.Spec.ConfigSource = nil
			}
		}),
	}
}

func nodeStatusStrategy() strategy {
	return strategy{
		rules:  api.NodeStatusRules(),
		resets: resets("v1", path("spec")),
		prepareUpdate: onUpdate(func(n, old *corev1.Node) {
			n.Spec = old.Spec
			if old.Status.Config == nil {
				n.Status.Config = nil
			}
		}),
	}
}
