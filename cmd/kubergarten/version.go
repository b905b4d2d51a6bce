package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"kubergarten/engine/kubeadm"
)

func version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintf(cmd.OutOrStdout(), "kubergarten, Kubernetes %s, %s %s/%s\n", kubeadm.KubernetesVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}
