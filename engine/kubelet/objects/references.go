package objects

// Upstream: pkg/api/v1/pod/util.go (VisitPodSecretNames, VisitPodConfigmapNames)

import (
	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/kubelet/container"
)

// References returns the ConfigMaps and Secrets that the pod refers to.
func References(pod *corev1.Pod) map[Key]struct{} {
	refs := map[Key]struct{}{}
	add := func(kind, name string) {
		if name != "" {
			refs[Key{kind, pod.Namespace, name}] = struct{}{}
		}
	}
	for _, s := range pod.Spec.ImagePullSecrets {
		add("secret", s.Name)
	}
	container.Each(pod, func(c *corev1.Container, _ string) { env(c, add) })
	for _, v := range pod.Spec.Volumes {
		volume(&v.VolumeSource, add)
	}
	return refs
}

func env(c *corev1.Container, add func(kind, name string)) {
	for _, e := range c.EnvFrom {
		if e.ConfigMapRef != nil {
			add("configmap", e.ConfigMapRef.Name)
		}
		if e.SecretRef != nil {
			add("secret", e.SecretRef.Name)
		}
	}
	for _, e := range c.Env {
		if e.ValueFrom != nil && e.ValueFrom.ConfigMapKeyRef != nil {
			add("configmap", e.ValueFrom.ConfigMapKeyRef.Name)
		}
		if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
			add("secret", e.ValueFrom.SecretKeyRef.Name)
		}
	}
}

func volume(v *corev1.VolumeSource, add func(kind, name string)) {
	switch {
	case v.ConfigMap != nil:
		add("configmap", v.ConfigMap.Name)
	case v.Secret != nil:
		add("secret", v.Secret.SecretName)
	case v.Projected != nil:
		for _, s := range v.Projected.Sources {
			if s.ConfigMap != nil {
				add("configmap", s.ConfigMap.Name)
			}
			if s.Secret != nil {
				add("secret", s.Secret.Name)
			}
		}
	}
}
