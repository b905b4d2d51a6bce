package resource

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"kubergarten/ui/kube"
)

// An offer is a way out of a trouble: a link, a dialog, or a form that does it at
// once, with the command that does the same.
type offer struct {
	Key         string // of its label in the catalogue, with Args
	Args        []any
	Icon        string
	Href, Opens string
	Action      string
	Fields      [][2]string
	Command     string
}

// id names the offer on the page, so that it stays itself when others come.
func (o offer) id() string {
	id := "offer-" + strings.TrimPrefix(o.Key, "resource.")
	for _, f := range o.Fields {
		id += "-" + f[1]
	}
	return id
}

// offers are the ways out, the likeliest first.
func (v *seen) offers() (all []offer) {
	troubles := v.troubles()
	if len(troubles) == 0 {
		return nil
	}
	all = append(all, v.serviceOffers()...)
	if v.manages() {
		all = append(all, v.imageOffers(troubles)...)
		all = append(all, v.scaleOffers(troubles)...)
	}
	if v.undoable() {
		all = append(all, offer{Key: "resource.undo", Icon: "back", Href: href(v.Target) + "/undo"})
	}
	if len(v.Tree.Owners) > 0 && v.Tree.Owners[0].Kind != "Node" {
		top := v.Tree.Owners[0]
		all = append(all, offer{Key: "resource.at-owner", Args: []any{"Name", top.Kind + "/" + top.Name}, Icon: "next", Href: href(top.Target)})
	} else if v.Kind.Can("update") {
		all = append(all, offer{Key: "resource.edit", Icon: "edit", Href: href(v.Target) + "/edit"})
	}
	return all
}

// manages tells whether a change of the object stays: nobody owns it.
func (v *seen) manages() bool { return len(v.Tree.Owners) == 0 && len(v.containers()) > 0 }

// imageOffers are another image: one that the nodes have and that is written
// nearly so, or any. Where that has been done and changes no pod, they are the
// pods to delete. A Job's template cannot be changed.
func (v *seen) imageOffers(troubles []trouble) (all []offer) {
	i := slices.IndexFunc(troubles, trouble.ofImage)
	if i < 0 || v.Resource == "jobs" {
		return nil
	}
	if stale := v.staleOffers(troubles); len(stale) > 0 && !v.rolls() {
		return stale
	}
	name := troubles[i].Container
	for _, c := range v.containers() {
		if near := nearest(c.Image, v.Images); c.Name == name && near != "" {
			all = append(all, offer{
				Key: "resource.use-image", Args: []any{"Image", near}, Icon: "ok", Action: "image",
				Fields: [][2]string{{"container", c.Name}, {"image", near}}, Command: v.setImage(c.Name, near),
			})
		}
	}
	return append(all, offer{Key: "resource.image", Icon: "edit", Href: href(v.Target) + "/image", Opens: "resource-image"})
}

// setImage is the command that changes an image.
func (s subject) setImage(container, image string) string {
	return kube.Command(append([]string{"set", "image", s.Kind.Object(s.Name), container + "=" + image}, kube.In(s.Namespace)...)...)
}

// scaleOffers are fewer replicas, where no node takes more: as many as are ready.
func (v *seen) scaleOffers(troubles []trouble) (all []offer) {
	if !v.Kind.Has("scale") || !slices.ContainsFunc(troubles, trouble.ofRoom) {
		return nil
	}
	ready := 0
	for _, p := range v.pods() {
		if slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool { return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue }) {
			ready++
		}
	}
	if ready > 0 {
		all = append(all, offer{
			Key: "resource.scale-ready", Args: []any{"Ready", ready}, Icon: "scale", Action: "scale",
			Fields: [][2]string{{"replicas", strconv.Itoa(ready)}}, Command: v.command("scale", fmt.Sprintf("--replicas=%d", ready)),
		})
	}
	return append(all, offer{Key: "resource.scale", Icon: "scale", Href: href(v.Target) + "/scale", Opens: "resource-scale"})
}

// serviceOffers are selectors and ports that lead somewhere.
func (v *seen) serviceOffers() (all []offer) {
	for _, m := range v.meant() {
		selector := labels.Set(m.Selector).String()
		all = append(all, offer{
			Key: "resource.use-selector", Args: []any{"Selector", selector, "Pods", m.Pods}, Icon: "ok", Action: "selector",
			Fields: [][2]string{{"selector", selector}}, Command: v.setSelector(selector),
		})
	}
	if v.Service == nil || len(v.Served) == 0 {
		return all
	}
	for _, m := range v.missed() {
		for _, p := range m.Declared {
			all = append(all, offer{
				Key: "resource.use-port", Args: []any{"Port", p.ContainerPort}, Icon: "ok", Action: "port",
				Fields:  [][2]string{{"port", strconv.Itoa(int(m.Port))}, {"protocol", string(m.Protocol)}, {"to", strconv.Itoa(int(p.ContainerPort))}},
				Command: v.command("patch", "-p", portPatch(m.Port, m.Protocol, p.ContainerPort)),
			})
		}
	}
	return all
}

func (s subject) setSelector(selector string) string {
	return kube.Command(append([]string{"set", "selector", s.Kind.Object(s.Name), selector}, kube.In(s.Namespace)...)...)
}

// learn reads the images that the nodes have, if one of the object's cannot be had.
func (v *seen) learn(ctx context.Context) {
	if !v.manages() || !slices.ContainsFunc(v.troubles(), trouble.ofImage) {
		return
	}
	var nodes corev1.NodeList
	at := kube.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("nodes")}
	if v.client.Read(ctx, at, kube.Options{}, &nodes) != nil {
		return // it is a help, not a part of the page
	}
	names := map[string]bool{}
	for _, n := range nodes.Items {
		for _, i := range n.Status.Images {
			for _, name := range i.Names {
				if !strings.Contains(name, "@") {
					names[familiar(name)] = true
				}
			}
		}
	}
	v.Images = slices.Sorted(maps.Keys(names))
}

// familiar is an image's name as people write it.
func familiar(name string) string {
	name, _ = strings.CutPrefix(name, "docker.io/")
	name, _ = strings.CutPrefix(name, "library/")
	return strings.TrimSuffix(name, ":latest")
}

// nearest is the image of all that is written most like asked, if any is.
func nearest(asked string, all []string) string {
	repo, _, _ := strings.Cut(familiar(asked), ":")
	best, far := "", min(3, len(repo)/2+1)
	for _, name := range all {
		of, _, _ := strings.Cut(name, ":")
		if d := distance(repo, of); name != familiar(asked) && (d < far || d == far && best != "" && cmp.Less(name, best)) {
			best, far = name, d
		}
	}
	return best
}
