package api

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// FuzzDecode: no body of a request, in any media type, brings us down; and what
// can be decoded can be defaulted, judged, printed and stored.
func FuzzDecode(f *testing.F) {
	f.Add(0, []byte(`{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}`))
	f.Add(0, []byte(`{"kind":"Deployment","apiVersion":"apps/v1","spec":{"replicas":-1}}`))
	f.Add(0, []byte(`{"kind":"Service","apiVersion":"v1","spec":{"ports":[{"port":1e99}],"clusterIP":"\u0000"}}`))
	f.Add(1, []byte("kind: ConfigMap\napiVersion: v1\ndata: {a: &a [*a]}\n"))
	f.Add(1, []byte("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nkind: *c\n"))
	pod := &corev1.Pod{TypeMeta: metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c"}}}}
	if data, err := runtime.Encode(StorageCodec(corev1.SchemeGroupVersion), pod); err == nil {
		f.Add(2, data)
		f.Add(2, data[:len(data)/2])
	}
	media := []string{runtime.ContentTypeJSON, runtime.ContentTypeYAML, runtime.ContentTypeProtobuf}
	f.Fuzz(func(t *testing.T, kind int, data []byte) {
		info, ok := runtime.SerializerInfoForMediaType(Codecs().SupportedMediaTypes(), media[uint(kind)%3])
		if !ok || len(data) > 1<<16 {
			t.Skip()
		}
		for _, s := range []runtime.Serializer{info.Serializer, info.StrictSerializer} {
			if s != nil {
				survive(t, s, data)
			}
		}
	})
}

func survive(t *testing.T, s runtime.Serializer, data []byte) {
	if _, _, err := Codecs().DecoderToVersion(s, runtime.InternalGroupVersioner).Decode(data, nil, nil); err != nil {
		return
	}
	obj, _, err := s.Decode(data, nil, nil)
	if err != nil {
		t.Fatalf("decoded only once: %v", err)
	}
	gvk, err := Kind(obj)
	if err != nil {
		return
	}
	Default(obj)
	for _, r := range Resources() {
		if r.GVK() == gvk && r.Prefix != "" {
			_, _ = Table(t.Context(), obj, nil)
			if _, err := runtime.Encode(StorageCodec(gvk.GroupVersion()), obj); err != nil {
				t.Errorf("cannot be stored: %v", err)
			}
		}
	}
	if p, ok := obj.(*corev1.Pod); ok {
		PodRules().Drop(p, nil)
		_ = PodRules().Create(t.Context(), p)
	}
	if s, ok := obj.(*corev1.Service); ok {
		_ = ServiceRules().Create(t.Context(), s)
	}
}
