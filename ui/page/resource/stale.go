package resource

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// rolls tells whether another image of the object comes to the containers that
// are there: a Pod's does at once, and three kinds replace their pods. Others
// use their template for new pods only.
func (v *seen) rolls() bool { return isPod(v.Target) || v.restartable() }

// staleOffers lead to the pods whose image cannot be had and is not that of the
// template any more: they must go, for new ones to be made.
func (v *seen) staleOffers(troubles []trouble) (all []offer) {
	for b, p := range v.pods() {
		if slices.ContainsFunc(troubles, func(t trouble) bool { return t.Target == b.Target && t.ofImage() && v.stale(p, t.Container) }) {
			all = append(all, offer{
				Key: "resource.delete-stale", Args: []any{"Name", p.Name}, Icon: "delete", Href: href(b.Target) + "/delete",
				Fields: [][2]string{{"pod", p.Name}},
			})
		}
	}
	return all
}

// stale tells whether a container of a pod has another image than the template.
func (v *seen) stale(p *corev1.Pod, container string) bool {
	named := func(c containerView) bool { return c.Name == container }
	now, was := v.containers(), podContainers(p)
	i, j := slices.IndexFunc(now, named), slices.IndexFunc(was, named)
	return i >= 0 && j >= 0 && now[i].Image != was[j].Image
}
