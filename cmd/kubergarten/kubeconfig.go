package main

import (
	"fmt"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// What the cluster is called in the user's kubeconfig, and that of an author,
// which takes nothing from it.
const (
	contextName   = "kubergarten"
	authorContext = "kubergarten-lessons"
)

// mergeKubeconfig adds the one context of the file from to the user's own
// kubeconfig under a name, makes it current, and returns the path of the file
// that it wrote. All else in there stays.
func mergeKubeconfig(from, name string) (string, error) {
	ours, err := clientcmd.LoadFromFile(from)
	if err != nil {
		return "", fmt.Errorf("load %s: %w", from, err)
	}
	paths := clientcmd.NewDefaultPathOptions()
	theirs, err := paths.GetStartingConfig()
	if err != nil {
		return "", fmt.Errorf("load kubeconfig: %w", err)
	}
	current, ok := ours.Contexts[ours.CurrentContext]
	if !ok {
		return "", fmt.Errorf("%s has no current context", from)
	}
	cluster, user := ours.Clusters[current.Cluster].DeepCopy(), ours.AuthInfos[current.AuthInfo].DeepCopy()
	cluster.LocationOfOrigin, user.LocationOfOrigin = "", "" // else they would be written back to where they come from
	theirs.Clusters[name], theirs.AuthInfos[name] = cluster, user
	theirs.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	theirs.CurrentContext = name
	if err := clientcmd.ModifyConfig(paths, *theirs, true); err != nil {
		return "", fmt.Errorf("write kubeconfig: %w", err)
	}
	return paths.GetDefaultFilename(), nil
}
