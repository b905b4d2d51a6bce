package volume

// Upstream: pkg/volume/{configmap,secret,downwardapi,projected}

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// defaultMode is what files get when a volume does not say.
const defaultMode = 0o644

func mode(m *int32, def int32) int32 {
	if m == nil {
		return def
	}
	return *m
}

func isTrue(b *bool) bool { return b != nil && *b }

// absent reports whether err says that an object which may be missing is.
func absent(err error, optional *bool) bool { return apierrors.IsNotFound(err) && isTrue(optional) }

func (m *Manager) configMap(ctx context.Context, pod *corev1.Pod, src *corev1.ConfigMapVolumeSource) (map[string]File, error) {
	cm, err := m.Objects.ConfigMap(ctx, pod.Namespace, src.Name)
	if absent(err, src.Optional) {
		return map[string]File{}, nil
	}
	if err != nil {
		return nil, err
	}
	data := map[string][]byte{}
	for k, v := range cm.Data {
		data[k] = []byte(v)
	}
	for k, v := range cm.BinaryData {
		data[k] = v
	}
	return pick(data, src.Items, mode(src.DefaultMode, defaultMode), isTrue(src.Optional), "config")
}

func (m *Manager) secret(ctx context.Context, pod *corev1.Pod, src *corev1.SecretVolumeSource) (map[string]File, error) {
	s, err := m.Objects.Secret(ctx, pod.Namespace, src.SecretName)
	if absent(err, src.Optional) {
		return map[string]File{}, nil
	}
	if err != nil {
		return nil, err
	}
	return pick(s.Data, src.Items, mode(src.DefaultMode, defaultMode), isTrue(src.Optional), "secret")
}

// pick takes all keys, or the items asked for under the paths asked for.
func pick(data map[string][]byte, items []corev1.KeyToPath, def int32, optional bool, kind string) (map[string]File, error) {
	out := map[string]File{}
	if len(items) == 0 {
		for k, v := range data {
			out[k] = File{v, def}
		}
		return out, nil
	}
	for _, item := range items {
		v, ok := data[item.Key]
		if !ok {
			if optional {
				continue
			}
			return nil, fmt.Errorf("references non-existent %s key: %s", kind, item.Key)
		}
		out[item.Path] = File{v, mode(item.Mode, def)}
	}
	return out, nil
}

func (m *Manager) downwardAPI(pod *corev1.Pod, items []corev1.DownwardAPIVolumeFile, def *int32) (map[string]File, error) {
	out := map[string]File{}
	for _, item := range items {
		text, err := m.downward(pod, &item)
		if err != nil {
			return nil, err
		}
		out[item.Path] = File{[]byte(text), mode(item.Mode, mode(def, defaultMode))}
	}
	return out, nil
}

func (m *Manager) downward(pod *corev1.Pod, item *corev1.DownwardAPIVolumeFile) (string, error) {
	switch {
	case item.FieldRef != nil:
		return m.Field(pod, item.FieldRef)
	case item.ResourceFieldRef != nil:
		return m.Resource(pod, item.ResourceFieldRef)
	}
	return "", fmt.Errorf("downward API file %q has no source", item.Path)
}

// projected puts several sources into one directory; later ones win.
func (m *Manager) projected(ctx context.Context, pod *corev1.Pod, src *corev1.ProjectedVolumeSource) (map[string]File, time.Time, error) {
	out := map[string]File{}
	var renew time.Time
	var errs []error
	for i := range src.Sources {
		files, at, err := m.project(ctx, pod, &src.Sources[i], mode(src.DefaultMode, defaultMode))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		renew = earlier(renew, at)
		for name, f := range files {
			out[name] = f
		}
	}
	return out, renew, join(errs)
}

// join words several errors as upstream's aggregate does.
func join(errs []error) error {
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	text := "["
	for i, err := range errs {
		if i > 0 {
			text += ", "
		}
		text += err.Error()
	}
	return errors.New(text + "]")
}

func (m *Manager) project(ctx context.Context, pod *corev1.Pod, s *corev1.VolumeProjection, def int32) (files map[string]File, renew time.Time, err error) {
	switch {
	case s.ConfigMap != nil:
		c := s.ConfigMap
		files, err = m.configMap(ctx, pod, &corev1.ConfigMapVolumeSource{LocalObjectReference: c.LocalObjectReference, Items: c.Items, Optional: c.Optional, DefaultMode: &def})
	case s.Secret != nil:
		c := s.Secret
		files, err = m.secret(ctx, pod, &corev1.SecretVolumeSource{SecretName: c.Name, Items: c.Items, Optional: c.Optional, DefaultMode: &def})
	case s.DownwardAPI != nil:
		files, err = m.downwardAPI(pod, s.DownwardAPI.Items, &def)
	case s.ServiceAccountToken != nil:
		return m.serviceAccountToken(ctx, pod, s.ServiceAccountToken, def)
	default:
		err = errors.New("projection of this kind is not supported by this node")
	}
	return files, renew, err
}
