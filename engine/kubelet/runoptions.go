package kubelet

// Upstream: pkg/kubelet/kubelet_pods.go (GenerateRunContainerOptions, makeMounts)

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/engine/kubelet/container"
	"kubergarten/engine/kubelet/envvars"
	"kubergarten/engine/kubelet/kuberuntime"
)

const etcHosts = "/etc/hosts"

// RunOptions implements kuberuntime.Helper.
func (k *Kubelet) RunOptions(ctx context.Context, pod *corev1.Pod, c *corev1.Container, ips []string) (*kuberuntime.Options, error) {
	env, err := k.environment(ctx, pod, c, ips)
	if err != nil {
		return nil, err
	}
	mounts, err := k.mounts(pod, c, ips, env)
	if err != nil {
		return nil, err
	}
	return &kuberuntime.Options{Envs: env, Mounts: mounts}, nil
}

// mounts are the container's volumes, and /etc/hosts.
func (k *Kubelet) mounts(pod *corev1.Pod, c *corev1.Container, ips []string, env []*v1.KeyValue) ([]*v1.Mount, error) {
	paths := k.mounted.get(pod.UID)
	hosts := len(ips) > 0 || pod.Spec.HostNetwork
	var out []*v1.Mount
	for i := range c.VolumeMounts {
		vm := &c.VolumeMounts[i]
		hosts = hosts && path.Clean(vm.MountPath) != etcHosts
		m, err := k.mount(pod, c, i, vm, paths, env)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	if hosts {
		m, err := k.hostsMount(pod, ips)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func (k *Kubelet) mount(pod *corev1.Pod, c *corev1.Container, i int, vm *corev1.VolumeMount, paths map[string]string, env []*v1.KeyValue) (*v1.Mount, error) {
	dir, ok := paths[vm.Name]
	if !ok {
		return nil, fmt.Errorf("cannot find volume %q to mount into container %q", vm.Name, c.Name)
	}
	sub := vm.SubPath
	if vm.SubPathExpr != "" {
		var err error
		if sub, err = expandSubPath(vm.SubPathExpr, env); err != nil {
			return nil, err
		}
	}
	if sub != "" {
		var err error
		if dir, err = k.volumes.SubPath(pod.UID, c.Name, vm.Name, i, dir, sub); err != nil {
			return nil, err
		}
	}
	if p := vm.MountPropagation; p != nil && *p != corev1.MountPropagationNone {
		return nil, fmt.Errorf("invalid MountPropagation mode: %q", *p)
	}
	return &v1.Mount{HostPath: dir, ContainerPath: path.Join("/", vm.MountPath), Readonly: vm.ReadOnly || readOnly(pod, vm.Name)}, nil
}

// readOnly reports whether volumes of that kind are mounted read-only whatever
// the container asks for.
func readOnly(pod *corev1.Pod, name string) bool {
	for _, v := range pod.Spec.Volumes {
		if v.Name == name {
			return v.ConfigMap != nil || v.Secret != nil || v.DownwardAPI != nil || v.Projected != nil
		}
	}
	return false
}

// expandSubPath replaces references; one that is not known is an error here.
func expandSubPath(expr string, env []*v1.KeyValue) (string, error) {
	values := map[string]string{}
	for _, e := range env {
		values[e.Key] = string(e.Value)
	}
	var missing []string
	out := envvars.Expand(expr, func(name string) string {
		if v, ok := values[name]; ok && v != "" {
			return v
		}
		missing = append(missing, name)
		return ""
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("missing value for %q", strings.Join(missing, ", "))
	}
	return out, nil
}

// hostsMount writes the pod's /etc/hosts, as all its containers see it.
func (k *Kubelet) hostsMount(pod *corev1.Pod, ips []string) (*v1.Mount, error) {
	file := path.Join(k.volumes.Dir(pod.UID), "etc-hosts")
	var data []byte
	if pod.Spec.HostNetwork {
		node, err := k.cfg.Root.ReadFile(rel(etcHosts))
		if errors.Is(err, fs.ErrNotExist) {
			node, err = []byte("127.0.0.1\tlocalhost\n"), nil
		}
		if err != nil {
			return nil, err
		}
		data = container.NodeHostsFile(node, pod.Spec.HostAliases)
	} else {
		hostname, domain, err := k.HostnameAndDomain(pod)
		if err != nil {
			return nil, err
		}
		data = container.HostsFile(ips, hostname, domain, pod.Spec.HostAliases)
	}
	if err := k.cfg.Root.WriteFile(rel(file), data, 0o644); err != nil {
		return nil, err
	}
	return &v1.Mount{HostPath: file, ContainerPath: etcHosts}, nil
}

// HostnameAndDomain implements kuberuntime.Helper.
func (k *Kubelet) HostnameAndDomain(pod *corev1.Pod) (hostname, domain string, err error) {
	if h := pod.Spec.HostnameOverride; h != nil {
		if msgs := validation.IsDNS1123Subdomain(*h); len(msgs) != 0 {
			return "", "", fmt.Errorf("pod HostnameOverride %q is not a valid DNS subdomain: %s", *h, strings.Join(msgs, ";"))
		}
		return truncate(*h), "", nil
	}
	hostname = pod.Name
	if h := pod.Spec.Hostname; h != "" {
		if msgs := validation.IsDNS1123Label(h); len(msgs) != 0 {
			return "", "", fmt.Errorf("pod Hostname %q is not a valid DNS label: %s", h, strings.Join(msgs, ";"))
		}
		hostname = h
	}
	if s := pod.Spec.Subdomain; s != "" {
		if msgs := validation.IsDNS1123Label(s); len(msgs) != 0 {
			return "", "", fmt.Errorf("pod Subdomain %q is not a valid DNS label: %s", s, strings.Join(msgs, ";"))
		}
		domain = fmt.Sprintf("%s.%s.svc.%s", s, pod.Namespace, k.cfg.Kubelet.ClusterDomain)
	}
	return truncate(hostname), domain, nil
}

// truncate cuts a hostname to the 63 characters that a kernel takes.
func truncate(name string) string {
	if len(name) <= 63 {
		return name
	}
	return regexp.MustCompile(`[-.]+$`).ReplaceAllString(name[:63], "")
}

// PodDNS implements kuberuntime.Helper.
func (k *Kubelet) PodDNS(pod *corev1.Pod) (*v1.DNSConfig, error) { return k.dns.GetPodDNS(pod) }

// resolvConf reads the node's resolv.conf; there may be none.
func (k *Kubelet) resolvConf() ([]byte, error) {
	file := *k.cfg.Kubelet.ResolverConfig
	if file == "" {
		return []byte("nameserver 127.0.0.1\nsearch .\n"), nil
	}
	data, err := k.cfg.Root.ReadFile(rel(file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// rel turns a path of the virtual node into one below its root.
func rel(virtual string) string {
	p := strings.TrimPrefix(path.Clean("/"+virtual), "/")
	if p == "" {
		return "."
	}
	return p
}
