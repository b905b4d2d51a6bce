package overview

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// apiServer is the one that all others talk to.
const apiServer = "kube-apiserver"

// A part of the control plane, as the diagram has it.
type part struct {
	Name  string
	Ready int // how many of its pods are
	All   int
}

// A talk is one component that calls another, and where it declares that.
type talk struct {
	From, To string
	Declared string // a flag, as the pod's command has it, or a file it mounts
}

// A plane is the components and who talks to whom.
type plane struct {
	Parts []part // by name
	Talks []talk // by caller
}

// plane is drawn from what the pods in kube-system declare: --etcd-servers leads
// to the pod that has --listen-client-urls of that address, --kubeconfig and a
// service account's token lead to the API server. A kubelet declares itself by
// its Node.
func (s *seen) plane() plane {
	var p plane
	for _, pod := range sorted(s.pods) {
		if name := systemName(pod); name != "" {
			p.count(name, condition(pod, corev1.PodReady))
			p.hear(s.talksOf(name, pod))
		}
	}
	for _, n := range s.nodes {
		p.count("kubelet", ready(n))
	}
	if len(s.nodes) > 0 {
		p.hear([]talk{{From: "kubelet", To: apiServer, Declared: "Node"}})
	}
	return p
}

func (p *plane) count(name string, ready bool) {
	i, known := slices.BinarySearchFunc(p.Parts, name, func(a part, name string) int { return strings.Compare(a.Name, name) })
	if !known {
		p.Parts = slices.Insert(p.Parts, i, part{Name: name})
	}
	p.Parts[i].All++
	if ready {
		p.Parts[i].Ready++
	}
}

func (p *plane) hear(talks []talk) {
	for _, t := range talks {
		if !slices.ContainsFunc(p.Talks, func(have talk) bool { return have.From == t.From && have.To == t.To }) {
			p.Talks = append(p.Talks, t)
		}
	}
}

// systemName is what a pod of kube-system is, by the labels that kubeadm gives.
func systemName(p *corev1.Pod) string {
	switch {
	case p.Namespace != "kube-system":
		return ""
	case p.Labels["tier"] == "control-plane":
		return p.Labels["component"]
	case p.Labels["k8s-app"] == "kube-dns":
		return "coredns"
	}
	return p.Labels["k8s-app"]
}

// talksOf reads a pod's flags and volumes.
func (s *seen) talksOf(name string, pod *corev1.Pod) (talks []talk) {
	for _, c := range pod.Spec.Containers {
		for _, arg := range slices.Concat(c.Command, c.Args) {
			flag, value, _ := strings.Cut(arg, "=")
			switch to := s.clientURL(value); {
			case flag == "--etcd-servers" && to != "":
				talks = append(talks, talk{name, to, arg})
			case flag == "--kubeconfig":
				talks = append(talks, talk{name, apiServer, arg})
			}
		}
	}
	if len(talks) == 0 && mountsToken(pod) {
		return []talk{{name, apiServer, "ServiceAccount " + pod.Spec.ServiceAccountName}}
	}
	return talks
}

// clientURL is the component that serves etcd's clients at one of the addresses.
func (s *seen) clientURL(addresses string) string {
	for _, pod := range s.pods {
		for _, c := range pod.Spec.Containers {
			for _, arg := range slices.Concat(c.Command, c.Args) {
				urls, ok := strings.CutPrefix(arg, "--listen-client-urls=")
				if ok && meet(urls, addresses) {
					return systemName(pod)
				}
			}
		}
	}
	return ""
}

func meet(a, b string) bool {
	these := strings.Split(b, ",")
	return slices.ContainsFunc(strings.Split(a, ","), func(url string) bool { return slices.Contains(these, url) })
}

func mountsToken(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Spec.Volumes, func(v corev1.Volume) bool {
		return v.Projected != nil && slices.ContainsFunc(v.Projected.Sources, func(s corev1.VolumeProjection) bool { return s.ServiceAccountToken != nil })
	})
}
