package admission

// Upstream: plugin/pkg/admission/serviceaccount/admission.go (limitSecretReferences)

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// mayMountAll fails if pod uses a secret that sa does not list.
func mayMountAll(sa *corev1.ServiceAccount, pod *corev1.Pod) error {
	for _, v := range pod.Spec.Volumes {
		if s := v.Secret; s != nil && !lists(sa, s.SecretName) {
			return fmt.Errorf("volume with secret.secretName=\"%s\" is not allowed because service account %s does not reference that secret", s.SecretName, sa.Name)
		}
	}
	for _, c := range pod.Spec.InitContainers {
		if err := mayUse(sa, "init container", c.Name, c.Env, c.EnvFrom); err != nil {
			return err
		}
	}
	for _, c := range pod.Spec.Containers {
		if err := mayUse(sa, "container", c.Name, c.Env, c.EnvFrom); err != nil {
			return err
		}
	}
	for i, ref := range pod.Spec.ImagePullSecrets {
		if !slices.Contains(sa.ImagePullSecrets, ref) {
			return fmt.Errorf(`imagePullSecrets[%d].name="%s" is not allowed because service account %s does not reference that imagePullSecret`, i, ref.Name, sa.Name)
		}
	}
	return nil
}

func mayMountEphemeral(sa *corev1.ServiceAccount, pod *corev1.Pod) error {
	for _, c := range pod.Spec.EphemeralContainers {
		if err := mayUse(sa, "ephemeral container", c.Name, c.Env, c.EnvFrom); err != nil {
			return err
		}
	}
	return nil
}

func mayUse(sa *corev1.ServiceAccount, kind, name string, env []corev1.EnvVar, from []corev1.EnvFromSource) error {
	for _, e := range env {
		if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil && !lists(sa, e.ValueFrom.SecretKeyRef.Name) {
			return fmt.Errorf("%s %s with envVar %s referencing secret.secretName=\"%s\" is not allowed because service account %s does not reference that secret", kind, name, e.Name, e.ValueFrom.SecretKeyRef.Name, sa.Name)
		}
	}
	for _, f := range from {
		if f.SecretRef != nil && !lists(sa, f.SecretRef.Name) {
			return fmt.Errorf("%s %s with envFrom referencing secret.secretName=\"%s\" is not allowed because service account %s does not reference that secret", kind, name, f.SecretRef.Name, sa.Name)
		}
	}
	return nil
}

func lists(sa *corev1.ServiceAccount, secret string) bool {
	return slices.ContainsFunc(sa.Secrets, func(r corev1.ObjectReference) bool { return r.Name == secret })
}
