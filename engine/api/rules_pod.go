package api

// Upstream: pkg/registry/core/pod/strategy.go

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/v1/helper/qos"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// PodRules judge pods.
func PodRules() Rules {
	return Rules{
		Create: create(func(p *core.Pod) field.ErrorList { return validation.ValidatePodCreate(p, podOptions(p, nil)) }),
		Update: update(func(p, old *core.Pod) field.ErrorList {
			return validation.ValidatePodUpdate(p, old, podOptions(p, old))
		}),
		WarnCreate: warn(func(ctx context.Context, p *core.Pod) []string {
			return append(warnName(p.Name, "the Pod's hostname"), podutil.GetWarningsForPod(ctx, p, nil)...)
		}),
		Drop: drop(podutil.DropDisabledPodFields),
	}
}

// PodStatusRules judge updates of pods/status.
func PodStatusRules() Rules {
	return Rules{
		Update: update(func(p, old *core.Pod) field.ErrorList {
			return validation.ValidatePodStatusUpdate(p, old, podOptions(p, old))
		}),
		WarnUpdate: warnUpdate(func(_ context.Context, p, _ *core.Pod) []string { return warnPodIPs(p) }),
		Drop:       drop(podutil.DropDisabledPodFields),
	}
}

// PodEphemeralContainersRules judge updates of pods/ephemeralcontainers.
func PodEphemeralContainersRules() Rules {
	return Rules{
		Update: update(func(p, old *core.Pod) field.ErrorList {
			return validation.ValidatePodEphemeralContainersUpdate(p, old, podOptions(p, old))
		}),
		Drop: drop(podutil.DropDisabledPodFields),
	}
}

// BindingRules judge the body of pods/binding.
func BindingRules() Rules { return Rules{Create: create(validation.ValidatePodBinding)} }

// PodQOS returns the class of service that p's requests and limits give it.
func PodQOS(p *corev1.Pod) corev1.PodQOSClass { return qos.GetPodQOS(p) }

func podOptions(p, old *core.Pod) validation.PodValidationOptions {
	opts := validation.PodValidationOptions{}
	if old == nil {
		opts = podutil.GetValidationOptionsFromPodSpecAndMeta(&p.Spec, nil, &p.ObjectMeta, nil)
	} else {
		opts = podutil.GetValidationOptionsFromPodSpecAndMeta(&p.Spec, &old.Spec, &p.ObjectMeta, &old.ObjectMeta)
	}
	opts.ResourceIsPod = true
	return opts
}

// warnName advises names that are DNS labels, because they become whose.
func warnName(name, whose string) []string {
	msgs := utilvalidation.IsDNS1123Label(name)
	if len(msgs) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("metadata.name: this is used in %s, which can result in surprising behavior; a DNS label is recommended: %v", whose, msgs)}
}

func warnPodIPs(p *core.Pod) (warnings []string) {
	for i, ip := range p.Status.PodIPs {
		warnings = append(warnings, utilvalidation.GetWarningsForIP(field.NewPath("status", "podIPs").Index(i).Child("ip"), ip.IP)...)
	}
	for i, ip := range p.Status.HostIPs {
		warnings = append(warnings, utilvalidation.GetWarningsForIP(field.NewPath("status", "hostIPs").Index(i).Child("ip"), ip.IP)...)
	}
	return warnings
}
