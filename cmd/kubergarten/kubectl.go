package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

// kubectl is the real kubectl, built in.
func kubectl() *cobra.Command {
	return &cobra.Command{
		Use:                "kubectl",
		Short:              "The real kubectl, built in",
		DisableFlagParsing: true,
		Run:                func(_ *cobra.Command, args []string) { runKubectl(args) },
	}
}

// runKubectl is kubectl's main.
func runKubectl(args []string) {
	signal.Reset(os.Interrupt, syscall.SIGTERM) // kubectl dies of them, as it is used to
	os.Args = append([]string{"kubectl"}, args...)
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err) // prints it as kubectl does, and ends with kubectl's exit code
	}
}
