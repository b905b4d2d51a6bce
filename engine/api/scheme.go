package api

// Upstream: pkg/api/legacyscheme/scheme.go

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/node/install" // the others come with the printers
)

// Scheme knows every type, its defaults and its conversions. It is shared by
// the whole process and must not be changed.
func Scheme() *runtime.Scheme { return legacyscheme.Scheme }

// Codecs negotiates json, yaml and protobuf, strict and lenient.
func Codecs() serializer.CodecFactory { return legacyscheme.Codecs }

// ParameterCodec reads and writes query parameters.
func ParameterCodec() runtime.ParameterCodec { return legacyscheme.ParameterCodec }

// StorageCodec writes objects of gv as upstream stores them in etcd: protobuf
// behind the prefix "k8s\x00". It reads any of the three media types, and sets
// defaults on what it reads.
func StorageCodec(gv schema.GroupVersion) runtime.Codec {
	info, ok := runtime.SerializerInfoForMediaType(Codecs().SupportedMediaTypes(), runtime.ContentTypeProtobuf)
	if !ok {
		panic("api: no protobuf serializer") // the scheme's own list has it
	}
	return Codecs().CodecForVersions(info.Serializer, Codecs().UniversalDeserializer(), gv, gv)
}

// Default sets upstream's defaults on obj.
func Default(obj runtime.Object) { Scheme().Default(obj) }

// Convert returns obj as its kind is in gv, by way of the internal type, as
// the two groups of events need. The result may share memory with obj.
func Convert(obj runtime.Object, gv schema.GroupVersion) (runtime.Object, error) {
	hub, err := internal(obj)
	if err != nil {
		return nil, err
	}
	out, err := Scheme().ConvertToVersion(hub, gv)
	if err != nil {
		return nil, fmt.Errorf("convert to %s: %w", gv, err)
	}
	return out, nil
}

// internal returns obj as upstream's internal type, which shares memory with
// obj: it is for reading only, unless obj is ours to change.
func internal(obj runtime.Object) (runtime.Object, error) {
	gvks, _, err := Scheme().ObjectKinds(obj)
	if err != nil {
		return nil, err
	}
	return Scheme().UnsafeConvertToVersion(obj, schema.GroupVersion{Group: gvks[0].Group, Version: runtime.APIVersionInternal})
}

// Kind returns the group, version and kind of obj, whatever its TypeMeta says.
func Kind(obj runtime.Object) (schema.GroupVersionKind, error) {
	gvks, _, err := Scheme().ObjectKinds(obj)
	if err != nil {
		return schema.GroupVersionKind{}, err
	}
	return gvks[0], nil
}
