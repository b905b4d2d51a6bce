// Command kubergarten is a whole Kubernetes in one process: the cluster that
// teaches Kubernetes.
//
// What we leave out: off Linux, a kubectl of the page that reads what is typed,
// as "kubectl exec -it" does, for it needs a terminal of the system's; and the
// kernel's walls and limits around that kubectl, so that its own checks stand alone.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "kubergarten: %v\n", err)
		os.Exit(codeOf(err))
	}
}

// codeOf is the exit code that an error ends the program with.
func codeOf(err error) int {
	if errors.As(err, new(unjudgedError)) {
		return 2
	}
	return 1
}

// root is the table of commands.
func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "kubergarten",
		Short:         "The cluster that teaches Kubernetes",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(up(), lesson(), kubectl(), confined(), version())
	return cmd
}
