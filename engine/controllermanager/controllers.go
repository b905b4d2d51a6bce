package controllermanager

// Upstream: cmd/kube-controller-manager/app/controllermanager.go, core.go, apps.go

import (
	"kubergarten/engine/component"
	"kubergarten/engine/controller"
	"kubergarten/engine/controller/certificates/rootcacertpublisher"
	"kubergarten/engine/controller/clusterroleaggregation"
	"kubergarten/engine/controller/daemon"
	"kubergarten/engine/controller/deployment"
	"kubergarten/engine/controller/endpointslice"
	"kubergarten/engine/controller/garbagecollector"
	"kubergarten/engine/controller/namespace"
	"kubergarten/engine/controller/nodeipam"
	"kubergarten/engine/controller/nodelifecycle"
	"kubergarten/engine/controller/podgc"
	"kubergarten/engine/controller/replicaset"
	"kubergarten/engine/controller/serviceaccount"
	"kubergarten/engine/controller/tainteviction"
)

// A Descriptor is one line of the table of controllers.
type Descriptor struct {
	Name    string // as --controllers and upstream name it
	Account string // its service account in kube-system
	New     func(cc controller.Context, f Flags) (component.Component, error)
}

// Controllers is the table of controllers, in the order they start.
func Controllers() []Descriptor {
	return []Descriptor{
		{namespace.Name, "namespace-controller", plain(namespace.New)},
		{serviceaccount.Name, "service-account-controller", plain(serviceaccount.New)},
		{rootcacertpublisher.Name, "root-ca-cert-publisher", func(cc controller.Context, f Flags) (component.Component, error) {
			return rootcacertpublisher.New(cc, f.RootCA)
		}},
		{nodeipam.Name, "node-controller", func(cc controller.Context, f Flags) (component.Component, error) {
			return nodeipam.New(cc, f.ClusterCIDR, f.NodeCIDRMaskSize)
		}},
		{nodelifecycle.Name, "node-controller", func(cc controller.Context, f Flags) (component.Component, error) {
			return nodelifecycle.New(cc, nodelifecycle.Config{
				MonitorPeriod: f.NodeMonitorPeriod, GracePeriod: f.NodeMonitorGracePeriod, StartupGrace: f.NodeStartupGracePeriod,
			})
		}},
		{tainteviction.Name, "node-controller", plain(tainteviction.New)},
		{replicaset.Name, "replicaset-controller", plain(replicaset.New)},
		{replicaset.ReplicationName, "replication-controller", plain(replicaset.NewReplication)},
		{deployment.Name, "deployment-controller", plain(deployment.New)},
		{daemon.Name, "daemon-set-controller", plain(daemon.New)},
		{endpointslice.Name, "endpointslice-controller", plain(endpointslice.New)},
		{podgc.Name, "pod-garbage-collector", func(cc controller.Context, f Flags) (component.Component, error) {
			return podgc.New(cc, f.TerminatedPodGCThreshold)
		}},
		{garbagecollector.Name, "generic-garbage-collector", plain(garbagecollector.New)},
		{clusterroleaggregation.Name, "clusterrole-aggregation-controller", plain(clusterroleaggregation.New)},
	}
}

// plain is for controllers that need no flags.
func plain[C component.Component](mk func(controller.Context) (C, error)) func(controller.Context, Flags) (component.Component, error) {
	return func(cc controller.Context, _ Flags) (component.Component, error) { return mk(cc) }
}
