package resource

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubergarten/ui/kube"
)

func isService(t kube.Target) bool { return t.Group == "" && t.Resource == "services" }

// serve finds the pods that the Service selects; if there are none, all those of
// its namespace, which it may have been meant for.
func (v *seen) serve(ctx context.Context, all []*branch) {
	var s corev1.Service
	if runtime.DefaultUnstructuredConverter.FromUnstructured(v.Object.Object, &s) != nil {
		return
	}
	v.Service = &s
	v.Served = slices.DeleteFunc(slices.Clone(all), func(b *branch) bool { return !isPod(b.Target) })
	if len(v.Served) > 0 || len(s.Spec.Selector) == 0 {
		return
	}
	pods := kube.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("pods"), Namespace: v.Namespace}
	// Who may not list pods reads so already: the list above was refused too.
	if t, err := v.client.Table(ctx, pods, kube.Options{}); err == nil {
		v.Others = t.Rows
	}
}

// serviceTroubles are why nobody answers behind the Service.
func (v *seen) serviceTroubles(self branch) (all []trouble) {
	s := v.Service
	if s == nil || s.Spec.Type == corev1.ServiceTypeExternalName || len(s.Spec.Selector) == 0 || len(v.Refused) > 0 {
		return nil
	}
	if len(v.Served) == 0 {
		return []trouble{{
			branch: self, Reason: "Endpoints: <none>", Key: "resource.why-selector",
			Args: []any{"Selector", labels.Set(s.Spec.Selector).String(), "Namespace", v.Namespace},
		}}
	}
	for _, m := range v.missed() {
		all = append(all, trouble{
			branch: self, Reason: "targetPort: " + m.Asked.String(), Key: "resource.why-port",
			Args: []any{"Asked", m.Asked.String(), "Declared", strings.Join(m.names(), ", ")},
		})
	}
	return all
}

// A miss is a port of the Service that leads to one that no container declares.
type miss struct {
	corev1.ServicePort
	Asked    intstr.IntOrString
	Declared []corev1.ContainerPort
}

func (m miss) names() (all []string) {
	for _, p := range m.Declared {
		port := intstr.FromInt32(p.ContainerPort)
		all = append(all, port.String())
	}
	return all
}

// missed are the ports of the Service that its pods do not declare, if they
// declare any: to declare none is allowed.
func (v *seen) missed() (all []miss) {
	declared := v.declared()
	for _, p := range v.Service.Spec.Ports {
		asked := p.TargetPort
		if asked.IntValue() == 0 && asked.StrVal == "" {
			asked = intstr.FromInt32(p.Port)
		}
		of := slices.DeleteFunc(slices.Clone(declared), func(c corev1.ContainerPort) bool {
			return cmp.Or(c.Protocol, corev1.ProtocolTCP) != cmp.Or(p.Protocol, corev1.ProtocolTCP)
		})
		met := slices.ContainsFunc(of, func(c corev1.ContainerPort) bool {
			return asked.Type == intstr.Int && c.ContainerPort == asked.IntVal || asked.Type == intstr.String && c.Name == asked.StrVal
		})
		if !met && len(of) > 0 {
			all = append(all, miss{p, asked, of})
		}
	}
	return all
}

// declared are the ports that the served pods declare, each once.
func (v *seen) declared() (all []corev1.ContainerPort) {
	for _, p := range v.pods() {
		for _, c := range p.Spec.Containers {
			for _, port := range c.Ports {
				if !slices.ContainsFunc(all, func(o corev1.ContainerPort) bool {
					return o.ContainerPort == port.ContainerPort && o.Protocol == port.Protocol
				}) {
					all = append(all, port)
				}
			}
		}
	}
	return all
}

// A meant is a selector that would find pods, and how many.
type meant struct {
	Selector map[string]string
	Pods     int
	far      int
}

// mostMeant is how many selectors are offered; one that is this few letters away
// is taken for the one that was meant.
const (
	mostMeant = 3
	misspelt  = 2
)

// meant are the selectors that may have been meant, the nearest first: the values
// that the namespace's pods have for the keys that are asked for, or, where no
// pod has those keys, the labels of its pods.
func (v *seen) meant() (all []meant) {
	if v.Service == nil {
		return nil
	}
	asked := v.Service.Spec.Selector
	for _, r := range v.Others {
		s := selectorFor(asked, r.Meta.Labels)
		if len(s) == 0 {
			continue
		}
		if i := slices.IndexFunc(all, func(m meant) bool { return maps.Equal(m.Selector, s) }); i >= 0 {
			all[i].Pods++
			continue
		}
		all = append(all, meant{s, 1, distance(labels.Set(asked).String(), labels.Set(s).String())})
	}
	slices.SortStableFunc(all, func(a, b meant) int { return cmp.Compare(a.far, b.far) })
	if len(all) > 0 && all[0].far <= misspelt {
		all = slices.DeleteFunc(all, func(m meant) bool { return m.far > misspelt })
	}
	return all[:min(len(all), mostMeant)]
}

func selectorFor(asked, of map[string]string) map[string]string {
	same, own := map[string]string{}, map[string]string{}
	for k, value := range of {
		if _, is := asked[k]; is {
			same[k] = value
		}
		if k != appsv1.DefaultDeploymentUniqueLabelKey && k != appsv1.ControllerRevisionHashLabelKey && k != "pod-template-generation" {
			own[k] = value
		}
	}
	if len(same) == len(asked) {
		return same
	}
	return own
}

// distance is how many letters must change to make b of a.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}

// portPatch is the patch by which a port of a Service leads elsewhere, as kubectl
// patch takes it.
func portPatch(port int32, protocol corev1.Protocol, to int32) string {
	entry := map[string]any{"port": port, "targetPort": to}
	if protocol != "" && protocol != corev1.ProtocolTCP {
		entry["protocol"] = protocol
	}
	patch, _ := json.Marshal(map[string]any{"spec": map[string]any{"ports": []any{entry}}}) // of plain values
	return string(patch)
}
