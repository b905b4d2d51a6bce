package main

import (
	"fmt"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// contextName is what the cluster is called in the user's kubeconfig.
const contextName = "kubergarten"

// mergeKubeconfig adds the one context of the file from to the user's own
// kubeconfig, makes it current, and returns the path of the file that it wrote.
// All else in there stays.
func mergeKubeconfig(from string) (string, error) {
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
	theirs.Clusters[contextName], theirs.AuthInfos[contextName] = cluster, user
	theirs.Contexts[contextName] = &clientcmdapi.Context{Cluster: contextName, AuthInfo: contextName}
	theirs.CurrentContext = contextName
	if err := clientcmd.ModifyConfig(paths, *theirs, true); err != nil {
		return "", fmt.Errorf("write kubeconfig: %w", err)
	}
	return paths.GetDefaultFilename(), nil
}
