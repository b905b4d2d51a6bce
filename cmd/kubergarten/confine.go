package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

// confinedName is the hidden command as which the server starts itself anew for
// each kubectl of a terminal.
const confinedName = "confined-kubectl"

// A confinement is all that a confined kubectl may reach. It travels as JSON in
// the child's first argument.
type confinement struct {
	Workspace string // the only directory, an absolute path without symlinks
	Dir       string // where in it kubectl runs, relative
	Mount     string // what the learner's shell calls the workspace, absolute; "" nothing
	Server    string // the only address, as https://HOST:PORT
	Bare      bool   // without Landlock: the checks alone (tests show that they suffice)

	Memory, FileSize, CPUSeconds uint64 // limits; 0 is none
}

// confined is the child's side: kubectl, held to a workspace. The order
// matters: nothing of kubectl runs before the walls stand.
func confined() *cobra.Command {
	return &cobra.Command{
		Use:                confinedName,
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("%s: no confinement given", confinedName)
			}
			var c confinement
			if err := json.Unmarshal([]byte(args[0]), &c); err != nil {
				return fmt.Errorf("%s: %w", confinedName, err)
			}
			return c.exec(args[1:])
		},
	}
}

// exec enters the confinement for good and is kubectl.
func (c confinement) exec(args []string) error {
	signal.Reset(os.Interrupt, syscall.SIGTERM) // kubectl dies of them, as it is used to
	w, err := c.enter()
	if err != nil {
		return fmt.Errorf("confine kubectl: %w", err)
	}
	os.Args = append([]string{"kubectl"}, args...)
	if err := c.check(w, args); err != nil {
		fmt.Fprintf(os.Stderr, "error: %v\n", err)
		os.Exit(1)
	}
	if err := cli.RunNoErrOutput(c.command(w)); err != nil {
		util.CheckErr(err)
	}
	return nil
}

// enter changes into the workspace and raises the walls.
func (c confinement) enter() (workspace, error) {
	dir, err := workspace{Root: c.Workspace, Cwd: c.Workspace}.inside(filepath.Join(c.Workspace, c.Dir))
	if err != nil {
		return workspace{}, err
	}
	tmp := filepath.Join(c.Workspace, ".kube", "tmp")
	for k, v := range map[string]string{"PWD": dir, "TMPDIR": tmp, "PATH": "", "KUBECTL_KUBERC": "false"} {
		os.Setenv(k, v)
	}
	w := workspace{Root: c.Workspace, Cwd: dir, Mount: c.Mount}
	if err := w.tree(filepath.Join(c.Workspace, ".kube")); err != nil {
		return workspace{}, err
	}
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return workspace{}, err
	}
	if err := os.Chdir(dir); err != nil {
		return workspace{}, err
	}
	c.guard()
	return w, c.wall()
}

// command is kubectl's tree of commands as the terminal has it: without
// plugins, with a diff of its own, and with the guarded dialer.
func (c confinement) command(w workspace) *cobra.Command {
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	flags := genericclioptions.NewConfigFlags(true).WithDeprecatedPasswordFlag().
		WithDiscoveryBurst(300).WithDiscoveryQPS(50).WithWarningPrinter(streams)
	flags.WithWrapConfigFn(c.wrap)
	root := cmd.NewKubectlCommand(cmd.KubectlOptions{Arguments: os.Args, ConfigFlags: flags, IOStreams: streams})
	replaceDiff(root, flags, streams)
	pre := root.PersistentPreRunE
	root.PersistentPreRunE = func(cmd *cobra.Command, args []string) error {
		translate(w, cmd, args)
		return pre(cmd, args)
	}
	return root
}
