// Package cluster is one cluster: the only place that knows everybody.
//
// Upstream has no such package; a cluster there is what an administrator sees
// when all machines are on.
//
// How it works. New checks the configuration; Run takes the data directory,
// lets kubeadm write what is missing in the nodes' files, plugs the nodes into
// the network, and starts their kubelets. That is all: the control-plane node's
// kubelet finds the static pods and runs etcd, kube-apiserver,
// kube-controller-manager and kube-scheduler as programs (programs.go) of the
// native runtime. The components find one another at two doors, where upstream
// has the ports 2379 and 6443. When the API answers, kubeadm's Bootstrap brings
// the add-ons. The cluster is ready when its nodes and its add-ons are. When it
// stops, kubelets go first, then the runtimes and all that runs in them.
//
// What we leave out: snapshots and forks, several control-plane nodes.
package cluster
