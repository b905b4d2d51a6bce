package plugins

// Upstream: pkg/scheduler/framework/plugins/imagelocality

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubergarten/engine/scheduler/framework"
)

// ImageLocality prefers nodes that have the pod's images already, in proportion
// to the images' size, but less so if few nodes have them: else those few would
// get all the pods.
type ImageLocality struct{}

var (
	_ framework.PreScorePlugin = ImageLocality{}
	_ framework.ScorePlugin    = ImageLocality{}
)

const (
	mb                    int64 = 1024 * 1024
	minThreshold          int64 = 23 * mb
	maxContainerThreshold int64 = 1000 * mb

	imagesKey = "PreScoreImageLocality"
)

// Name returns the plugin's name.
func (ImageLocality) Name() string { return "ImageLocality" }

// spread is which share of the nodes has each image of the pod.
type spread map[string]float64

// PreScore counts the nodes that have each image.
func (ImageLocality) PreScore(_ context.Context, state *framework.CycleState, pod *corev1.Pod, nodes []*framework.NodeInfo) *framework.Status {
	shares := spread{}
	for _, image := range images(pod) {
		n := 0
		for _, node := range nodes {
			if _, ok := node.Images[image]; ok {
				n++
			}
		}
		shares[image] = float64(n) / float64(len(nodes))
	}
	state.Write(imagesKey, shares)
	return nil
}

// Score adds up what is there, and scales it to 0..100.
func (ImageLocality) Score(_ context.Context, state *framework.CycleState, pod *corev1.Pod, node *framework.NodeInfo) (int64, *framework.Status) {
	shares, _ := framework.Read[spread](state, imagesKey)
	var sum int64
	for _, image := range images(pod) {
		sum += int64(float64(node.Images[image]) * shares[image])
	}
	most := maxContainerThreshold * int64(len(pod.Spec.Containers)+len(pod.Spec.InitContainers))
	return framework.MaxNodeScore * (min(max(sum, minThreshold), most) - minThreshold) / (most - minThreshold), nil
}

func images(pod *corev1.Pod) (out []string) {
	for _, c := range pod.Spec.InitContainers {
		out = append(out, normalized(c.Image))
	}
	for _, c := range pod.Spec.Containers {
		out = append(out, normalized(c.Image))
	}
	return out
}

// normalized adds the tag that an image without one has.
func normalized(image string) string {
	if strings.LastIndex(image, ":") <= strings.LastIndex(image, "/") {
		return image + ":latest"
	}
	return image
}
