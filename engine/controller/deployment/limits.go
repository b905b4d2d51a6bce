package deployment

// Upstream: pkg/controller/deployment/util/deployment_util.go (ResolveFenceposts, NewRSNewReplicas)

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// fenceposts resolves maxSurge (rounded up) and maxUnavailable (rounded down);
// both 0 would stand still, so then maxUnavailable is 1.
func fenceposts(d *appsv1.Deployment) (surge, unavailable int32) {
	if d.Spec.Strategy.Type != appsv1.RollingUpdateDeploymentStrategyType || d.Spec.Strategy.RollingUpdate == nil {
		return 0, 0
	}
	resolve := func(v *intstr.IntOrString, up bool) int32 {
		n, err := intstr.GetScaledValueFromIntOrPercent(intstr.ValueOrDefault(v, intstr.FromInt32(0)), int(*d.Spec.Replicas), up)
		if err != nil {
			return 0 // validation lets no such value in
		}
		return int32(n)
	}
	surge = resolve(d.Spec.Strategy.RollingUpdate.MaxSurge, true)
	unavailable = resolve(d.Spec.Strategy.RollingUpdate.MaxUnavailable, false)
	if surge == 0 && unavailable == 0 {
		unavailable = 1
	}
	return surge, unavailable
}

func maxSurge(d *appsv1.Deployment) int32 {
	surge, _ := fenceposts(d)
	return surge
}

func minAvailable(d *appsv1.Deployment) int32 {
	_, unavailable := fenceposts(d)
	return *d.Spec.Replicas - min(unavailable, *d.Spec.Replicas)
}

// newReplicas is how many pods the new ReplicaSet may have now.
func newReplicas(d *appsv1.Deployment, every []*appsv1.ReplicaSet, rs *appsv1.ReplicaSet) (int32, error) {
	want, has := *d.Spec.Replicas, *rs.Spec.Replicas
	switch d.Spec.Strategy.Type {
	case appsv1.RollingUpdateDeploymentStrategyType:
		room := want + maxSurge(d) - replicas(every)
		return has + max(0, min(room, want-has)), nil
	case appsv1.RecreateDeploymentStrategyType:
		return want, nil
	}
	return 0, fmt.Errorf("deployment type %v isn't supported", d.Spec.Strategy.Type)
}
