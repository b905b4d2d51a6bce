package config

// Upstream: pkg/kubelet/config/common.go

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"

	kubetypes "kubergarten/engine/kubelet/types"
)

// decode makes a static pod of a manifest.
func (f *File) decode(data []byte, file string) (*corev1.Pod, error) {
	pod, err := Decode(data)
	if err != nil {
		return nil, err
	}
	f.identify(pod, file)
	SetDefaults(pod)
	if f.Default != nil {
		f.Default(pod)
	}
	if f.Validate != nil {
		if err := f.Validate(pod); err != nil {
			return nil, fmt.Errorf("invalid pod: %w", err)
		}
	}
	if what := reference(pod); what != "" {
		return nil, fmt.Errorf("static pods may not reference %s", what)
	}
	return pod, nil
}

// Decode reads a manifest, YAML or JSON, of one pod.
func Decode(data []byte) (*corev1.Pod, error) {
	obj, _, err := scheme.Codecs.UniversalDeserializer().Decode(data, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("couldn't parse as pod: %w", err)
	}
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return nil, fmt.Errorf("couldn't parse as pod: invalid pod: %T", obj)
	}
	if pod.Name == "" {
		return nil, errors.New("invalid pod: name is needed for the pod")
	}
	if len(pod.Spec.Containers) == 0 {
		return nil, errors.New("invalid pod: spec.containers: Required value")
	}
	return pod, nil
}

// identify gives the pod the name, UID and marks of a static pod of this node.
func (f *File) identify(pod *corev1.Pod, file string) {
	if pod.UID == "" {
		h := md5.New()
		_ = json.NewEncoder(h).Encode(pod)
		_, _ = fmt.Fprintf(h, "host:%sfile:%s", f.NodeName, file)
		pod.UID = types.UID(hex.EncodeToString(h.Sum(nil)))
	}
	pod.Name += "-" + strings.ToLower(f.NodeName)
	if pod.Namespace == "" {
		pod.Namespace = metav1.NamespaceDefault
	}
	pod.Spec.NodeName = f.NodeName
	if pod.Annotations == nil {
		pod.Annotations = map[string]string{}
	}
	pod.Annotations[kubetypes.ConfigHashAnnotationKey] = string(pod.UID)
	pod.Annotations[kubetypes.ConfigSourceAnnotationKey] = kubetypes.FileSource
	pod.Annotations[kubetypes.ConfigFirstSeenAnnotationKey] = f.Clock.Now().Format(time.RFC3339Nano)
	tolerate(pod)
	pod.Status.Phase = corev1.PodPending
}

// tolerate keeps node problems from evicting the pod.
func tolerate(pod *corev1.Pod) {
	want := corev1.Toleration{Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute}
	for _, t := range pod.Spec.Tolerations {
		if t == want {
			return
		}
	}
	pod.Spec.Tolerations = append(pod.Spec.Tolerations, want)
}

// reference names the kind of API object that the pod refers to, which a static
// pod must not; empty if none.
func reference(pod *corev1.Pod) string {
	s := &pod.Spec
	switch {
	case s.ServiceAccountName != "":
		return "serviceaccounts"
	case len(s.ResourceClaims) > 0:
		return "resourceclaims"
	case len(s.ImagePullSecrets) > 0:
		return "secrets"
	}
	for _, v := range s.Volumes {
		if what := volumeReference(&v.VolumeSource); what != "" {
			return what
		}
	}
	for _, list := range [][]corev1.Container{s.InitContainers, s.Containers} {
		for i := range list {
			if what := envReference(&list[i]); what != "" {
				return what
			}
		}
	}
	return ""
}

func volumeReference(v *corev1.VolumeSource) string {
	switch {
	case v.ConfigMap != nil:
		return "configmaps"
	case v.Secret != nil:
		return "secrets"
	case v.PersistentVolumeClaim != nil, v.Ephemeral != nil:
		return "persistentvolumeclaims"
	case v.CSI != nil:
		return "csidrivers"
	case v.Projected != nil:
		for _, p := range v.Projected.Sources {
			switch {
			case p.ConfigMap != nil:
				return "configmaps"
			case p.Secret != nil:
				return "secrets"
			case p.ServiceAccountToken != nil:
				return "serviceaccounts"
			case p.ClusterTrustBundle != nil:
				return "clustertrustbundles"
			}
		}
	}
	return ""
}

func envReference(c *corev1.Container) string {
	for _, e := range c.EnvFrom {
		if e.ConfigMapRef != nil {
			return "configmaps"
		}
		if e.SecretRef != nil {
			return "secrets"
		}
	}
	for _, e := range c.Env {
		if e.ValueFrom != nil && e.ValueFrom.ConfigMapKeyRef != nil {
			return "configmaps"
		}
		if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
			return "secrets"
		}
	}
	return ""
}
