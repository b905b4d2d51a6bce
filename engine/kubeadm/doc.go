// Package kubeadm makes a cluster out of nothing: certificates, kubeconfig
// files, the manifests of the control plane's static pods, and the add-ons.
//
// Upstream: cmd/kubeadm (phases certs, kubeconfig, control-plane, etcd,
// kubelet-start, upload, mark-control-plane, addon).
//
// How it works. Init writes files into the node's /etc/kubernetes and
// /var/lib/kubelet, each only if it is not there yet: what a teacher or a
// student has edited stays as it is. The kubelet finds the manifests and starts
// the control plane. When the API answers, Bootstrap does the rest through it,
// as kubernetes-super-admin: the administrators' binding, the label and the
// taint of the control-plane node, kube-proxy and coredns.
//
// What we leave out: join and tokens; certificates of etcd and of the front
// proxy (etcd is reached inside the process, and there is no aggregation yet);
// startup probes, and probes of components without a health port, in the
// manifests.
package kubeadm
