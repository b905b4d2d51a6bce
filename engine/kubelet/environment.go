package kubelet

// Upstream: pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables)

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/envvars"
)

// environment is the container's environment: what envFrom gives, then its own
// variables, which may refer to those before them, then those of services.
func (k *Kubelet) environment(ctx context.Context, pod *corev1.Pod, c *corev1.Container, ips []string) ([]*v1.KeyValue, error) {
	services := k.serviceEnv(pod)
	env := map[string]string{}
	if err := k.envFrom(ctx, pod, c, env); err != nil {
		return nil, err
	}
	mapping := envvars.Mapping(env, services)
	for i := range c.Env {
		e := &c.Env[i]
		if e.Value != "" || e.ValueFrom == nil {
			env[e.Name] = envvars.Expand(e.Value, mapping)
			continue
		}
		value, ok, err := k.valueFrom(ctx, pod, c, e.ValueFrom, ips)
		if err != nil {
			return nil, err
		}
		if ok {
			env[e.Name] = value
		}
	}
	for name, value := range services {
		if _, ok := env[name]; !ok {
			env[name] = value
		}
	}
	var out []*v1.KeyValue
	for _, name := range slices.Sorted(maps.Keys(env)) {
		out = append(out, &v1.KeyValue{Key: name, Value: []byte(env[name])})
	}
	return out, nil
}

// serviceEnv tells where the API server is, and the services of the pod's
// namespace if the pod wants to know.
func (k *Kubelet) serviceEnv(pod *corev1.Pod) map[string]string {
	links := pod.Spec.EnableServiceLinks == nil || *pod.Spec.EnableServiceLinks
	byName := map[string]*corev1.Service{}
	if s, ok := k.services.Get(metav1.NamespaceDefault, "kubernetes"); ok && envvars.HasIP(s) {
		byName[s.Name] = s
	}
	if links {
		for _, s := range k.services.List(pod.Namespace, nil) {
			if envvars.HasIP(s) {
				byName[s.Name] = s
			}
		}
	}
	return envvars.FromServices(slices.Collect(maps.Values(byName)))
}

func isTrue(b *bool) bool { return b != nil && *b }

func (k *Kubelet) envFrom(ctx context.Context, pod *corev1.Pod, c *corev1.Container, env map[string]string) error {
	for _, from := range c.EnvFrom {
		switch {
		case from.ConfigMapRef != nil:
			cm, err := k.objects.ConfigMap(ctx, pod.Namespace, from.ConfigMapRef.Name)
			if apierrors.IsNotFound(err) && isTrue(from.ConfigMapRef.Optional) {
				continue
			}
			if err != nil {
				return err
			}
			for name, value := range cm.Data {
				env[from.Prefix+name] = value
			}
		case from.SecretRef != nil:
			s, err := k.objects.Secret(ctx, pod.Namespace, from.SecretRef.Name)
			if apierrors.IsNotFound(err) && isTrue(from.SecretRef.Optional) {
				continue
			}
			if err != nil {
				return err
			}
			for name, value := range s.Data {
				env[from.Prefix+name] = string(value)
			}
		}
	}
	return nil
}

// valueFrom gets a value from elsewhere; ok is false if it may be missing and is.
func (k *Kubelet) valueFrom(ctx context.Context, pod *corev1.Pod, c *corev1.Container, from *corev1.EnvVarSource, ips []string) (value string, ok bool, err error) {
	switch {
	case from.FieldRef != nil:
		value, err = k.field(pod, from.FieldRef, ips)
		return value, true, err
	case from.ResourceFieldRef != nil:
		value, err = k.resource(pod, c, from.ResourceFieldRef)
		return value, true, err
	case from.ConfigMapKeyRef != nil:
		return k.configMapKey(ctx, pod, from.ConfigMapKeyRef)
	case from.SecretKeyRef != nil:
		return k.secretKey(ctx, pod, from.SecretKeyRef)
	}
	return "", false, fmt.Errorf("environment variable source is not supported by this node")
}

func (k *Kubelet) configMapKey(ctx context.Context, pod *corev1.Pod, ref *corev1.ConfigMapKeySelector) (string, bool, error) {
	cm, err := k.objects.ConfigMap(ctx, pod.Namespace, ref.Name)
	if err != nil {
		if apierrors.IsNotFound(err) && isTrue(ref.Optional) {
			return "", false, nil
		}
		return "", false, err
	}
	value, ok := cm.Data[ref.Key]
	if !ok && !isTrue(ref.Optional) {
		return "", false, fmt.Errorf("couldn't find key %v in ConfigMap %v/%v", ref.Key, pod.Namespace, ref.Name)
	}
	return value, ok, nil
}

func (k *Kubelet) secretKey(ctx context.Context, pod *corev1.Pod, ref *corev1.SecretKeySelector) (string, bool, error) {
	s, err := k.objects.Secret(ctx, pod.Namespace, ref.Name)
	if err != nil {
		if apierrors.IsNotFound(err) && isTrue(ref.Optional) {
			return "", false, nil
		}
		return "", false, err
	}
	value, ok := s.Data[ref.Key]
	if !ok && !isTrue(ref.Optional) {
		return "", false, fmt.Errorf("couldn't find key %v in Secret %v/%v", ref.Key, pod.Namespace, ref.Name)
	}
	return string(value), ok, nil
}

// field is a field of the downward API: those that the kubelet knows itself,
// and those of the pod's metadata.
func (k *Kubelet) field(pod *corev1.Pod, ref *corev1.ObjectFieldSelector, ips []string) (string, error) {
	ip := ""
	if len(ips) > 0 {
		ip = ips[0]
	}
	switch ref.FieldPath {
	case "spec.nodeName":
		return pod.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName, nil
	case "status.hostIP", "status.hostIPs":
		return k.cfg.NodeIP.String(), nil
	case "status.podIP":
		return ip, nil
	case "status.podIPs":
		return strings.Join(ips, ","), nil
	}
	return envvars.Field(pod, ref.FieldPath)
}

func (k *Kubelet) resource(pod *corev1.Pod, c *corev1.Container, ref *corev1.ResourceFieldSelector) (string, error) {
	if ref.ContainerName != "" {
		if c = container.Spec(pod, ref.ContainerName); c == nil {
			return "", fmt.Errorf("container %s not found", ref.ContainerName)
		}
	}
	return envvars.Resource(ref, c, k.node().Status.Allocatable)
}
