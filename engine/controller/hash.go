package controller

// Upstream: pkg/controller/controller_utils.go (ComputeHash), pkg/util/hash

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/utils/dump"
)

// TemplateHash is the value of the label pod-template-hash (or
// controller-revision-hash) for the template; collisions, if not nil, is how
// often the plain hash was found taken.
func TemplateHash(template *corev1.PodTemplateSpec, collisions *int32) string {
	h := fnv.New32a()
	fmt.Fprintf(h, "%v", dump.ForHash(template))
	if collisions != nil {
		var tail [8]byte
		binary.LittleEndian.PutUint32(tail[:], uint32(*collisions))
		h.Write(tail[:])
	}
	return rand.SafeEncodeString(fmt.Sprint(h.Sum32()))
}
