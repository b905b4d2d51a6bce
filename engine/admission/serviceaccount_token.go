package admission

// Upstream: plugin/pkg/admission/serviceaccount/admission.go (mountServiceAccountToken)

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

const (
	tokenVolume = "kube-api-access-" // and five random characters
	tokenPath   = "/var/run/secrets/kubernetes.io/serviceaccount"
	// tokenSeconds is an hour, and seven seconds by which upstream knows its own.
	tokenSeconds = 60*60 + 7
)

// mountToken gives every container of pod the token, the CA and the namespace,
// unless it mounts something else there.
func mountToken(pod *corev1.Pod, suffix func(string) string) {
	name, has := "", false
	for _, v := range pod.Spec.Volumes {
		if strings.HasPrefix(v.Name, tokenVolume) {
			name, has = v.Name, true
			break
		}
	}
	if !has {
		name = suffix(tokenVolume)
	}
	mount := corev1.VolumeMount{Name: name, ReadOnly: true, MountPath: tokenPath}
	needed := mountEverywhere(pod.Spec.InitContainers, mount)
	needed = mountEverywhere(pod.Spec.Containers, mount) || needed
	if needed && !has {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{Projected: tokenSource()}})
	}
}

// mountEverywhere reports whether any container took the mount.
func mountEverywhere(containers []corev1.Container, mount corev1.VolumeMount) (taken bool) {
	for i := range containers {
		c := &containers[i]
		if slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return m.MountPath == mount.MountPath }) {
			continue
		}
		c.VolumeMounts = append(c.VolumeMounts, mount)
		taken = true
	}
	return taken
}

func tokenSource() *corev1.ProjectedVolumeSource {
	return &corev1.ProjectedVolumeSource{
		DefaultMode: ptr.To(corev1.ProjectedVolumeSourceDefaultMode),
		Sources: []corev1.VolumeProjection{
			{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token", ExpirationSeconds: ptr.To[int64](tokenSeconds)}},
			{ConfigMap: &corev1.ConfigMapProjection{
				LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"},
				Items:                []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}},
			}},
			{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{{
				Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"},
			}}}},
		},
	}
}
