package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/logs"
)

// A flagKind says what the value of a flag of kubectl names.
type flagKind int

const (
	plainFlag     flagKind = iota // nothing outside of kubectl
	pathFlag                      // a file or directory
	filenameFlag                  // files, directories, patterns, "-", or an address
	keyedFlag                     // [KEY=]PATH
	kustomizeFlag                 // a directory with a kustomization
	outputFlag                    // a format that may name a file: jsonpath-file=PATH
	templateFlag                  // a file if the format is one of a file
	serverFlag                    // the API server
	refusedFlag                   // what the terminal does not do at all
)

// kindOf is the kind of the flag of that name of the command of that path.
func kindOf(command, name string) flagKind {
	if command == "kubectl kustomize" && name == "output" {
		return pathFlag // where it writes to
	}
	switch name {
	case "filename":
		return filenameFlag
	case "cache-dir", "cert", "certificate-authority", "client-certificate", "client-key", "custom",
		"from-env-file", "key", "kubeconfig", "output-directory", "patch-file", "profile-output":
		return pathFlag
	case "from-file":
		return keyedFlag
	case "kustomize":
		return kustomizeFlag
	case "output":
		return outputFlag
	case "template":
		return templateFlag
	case "server":
		return serverFlag
	}
	if refusal(name) != "" {
		return refusedFlag
	}
	return plainFlag
}

// refusal says why the flag of that name is refused, "" if it is not.
func refusal(name string) string {
	switch name {
	case "edit":
		return "kubectl in the terminal starts no editor: change the file with `vi FILE`, and use `kubectl apply -f FILE`"
	case "auth-provider", "auth-provider-arg", "exec-api-version", "exec-arg", "exec-command", "exec-env",
		"exec-interactive-mode", "exec-provide-cluster-info":
		return "kubectl in the terminal starts no other programs, so no credential plugins either"
	case "proxy-url":
		return "kubectl in the terminal talks to the API server alone, so through no proxy"
	case "enable-helm", "helm-command", "helm-debug", "helm-api-versions", "helm-kube-version", "enable-exec",
		"enable-alpha-plugins", "enable-star", "as-current-user", "mount", "network", "network-name":
		return "kustomize in the terminal starts no other programs"
	case "load-restrictor":
		return "kustomize in the terminal only loads files below the kustomization"
	case "unix-socket", "www":
		return "kubectl in the terminal does not serve anything"
	}
	return ""
}

// unavailable says why the command of that path is not there in the terminal,
// "" if it is.
func unavailable(command string) string {
	switch command {
	case "kubectl edit", "kubectl apply edit-last-applied":
		return "kubectl in the terminal starts no editor: use `kubectl get TYPE NAME -o yaml > FILE`, `vi FILE` and `kubectl apply -f FILE`, or `kubectl patch`, or `kubectl set image`"
	case "kubectl port-forward":
		return "kubectl in the terminal does not listen for connections; reach the pod by its address, or use `kubectl port-forward` on your own machine"
	case "kubectl proxy":
		return "kubectl in the terminal does not listen for connections; use `kubectl get --raw PATH`"
	case "kubectl plugin list":
		return "kubectl in the terminal has no plugins"
	}
	return ""
}

// check refuses a command line that names a file outside of the workspace, an
// address other than the API server's, or another program. It parses the line
// with a tree of kubectl's own commands, that is then thrown away. A line that
// kubectl does not understand is left to kubectl.
func (c confinement) check(w workspace, args []string) error {
	root := c.command(w)
	root.SetGlobalNormalizationFunc(cliflag.WordSepNormalizeFunc)
	logs.AddFlags(root.PersistentFlags())
	root.InitDefaultHelpCmd()
	for _, name := range []string{cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd} {
		root.AddCommand(&cobra.Command{Use: name, DisableFlagParsing: true, Run: func(*cobra.Command, []string) {}})
	}
	cmd, rest, err := root.Find(args)
	if err != nil || cmd == nil {
		return c.checkKubeconfig(w, os.Getenv("KUBECONFIG"))
	}
	if strings.HasPrefix(cmd.Name(), cobra.ShellCompRequestCmd) {
		return c.checkCompletion(w, root, cmd, args, rest)
	}
	_ = cmd.ParseFlags(rest) // kubectl fails at the same place and says so; what came before is checked
	return c.checkCommand(w, cmd)
}

// checkCompletion checks the line that is to be completed, without its last
// word. Flags before __complete count too.
func (c confinement) checkCompletion(w workspace, root, complete *cobra.Command, args, rest []string) error {
	root.RemoveCommand(complete)
	line := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == complete.Name() })
	if len(rest) > 0 && len(line) > 0 {
		line = line[:len(line)-1]
	}
	cmd, flags, err := root.Find(line)
	if err != nil || cmd == nil {
		cmd, flags = root, line
	}
	_ = cmd.ParseFlags(flags)
	return c.checkCommand(w, cmd)
}

// checkCommand checks a command whose flags are parsed.
func (c confinement) checkCommand(w workspace, cmd *cobra.Command) error {
	if why := unavailable(cmd.CommandPath()); why != "" {
		return fmt.Errorf("`%s` is not available here: %s", cmd.CommandPath(), why)
	}
	var first error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if err := c.checkFlag(w, cmd, f); err != nil && first == nil {
			first = err
		}
	})
	if first != nil {
		return first
	}
	if err := c.checkOperands(w, cmd); err != nil {
		return err
	}
	if parent := cmd.Parent(); parent != nil && parent.CommandPath() == "kubectl config" && cmd.Name() != "view" {
		return nil // so that a kubeconfig that is refused can be repaired
	}
	return c.checkKubeconfig(w, kubeconfigOf(cmd))
}

// kubeconfigOf is the kubeconfig that a command uses.
func kubeconfigOf(cmd *cobra.Command) string {
	if f := cmd.Flag("kubeconfig"); f != nil && f.Value.String() != "" {
		return f.Value.String()
	}
	return os.Getenv("KUBECONFIG")
}

// checkFlag checks all values of a flag.
func (c confinement) checkFlag(w workspace, cmd *cobra.Command, f *pflag.Flag) error {
	if !f.Changed && !followed(cmd, f) {
		return nil
	}
	if why := refusal(f.Name); why != "" && f.Value.String() != "false" {
		return fmt.Errorf("--%s is not available here: %s", f.Name, why)
	}
	for _, v := range valuesOf(f) {
		if err := c.checkValue(w, cmd, kindOf(cmd.CommandPath(), f.Name), v); err != nil {
			return err
		}
	}
	return nil
}

// followed says whether kubectl opens the file that is the default of a flag:
// with --profile it writes one. The other defaults lie below .kube, which is
// checked before all else.
func followed(cmd *cobra.Command, f *pflag.Flag) bool {
	return f.Name == "profile-output" && cmd.Flags().Changed("profile")
}

// checkValue checks one value of a flag.
func (c confinement) checkValue(w workspace, cmd *cobra.Command, kind flagKind, v string) error {
	switch kind {
	case pathFlag:
		return w.tree(v)
	case filenameFlag:
		return c.checkFilename(w, v)
	case keyedFlag:
		return w.tree(v[strings.LastIndexByte(v, '=')+1:])
	case kustomizeFlag:
		return w.checkKustomization(v, "")
	case outputFlag:
		return checkOutput(w, v)
	case templateFlag:
		if templateIsFile(cmd) {
			return w.tree(v)
		}
	case serverFlag:
		return c.checkServer(v)
	}
	return nil
}

// checkFilename checks one value of --filename.
func (c confinement) checkFilename(w workspace, v string) error {
	if v == "-" {
		return nil
	}
	if lower := strings.ToLower(v); strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") {
		return fmt.Errorf("%q is not reached from here: kubectl in the terminal talks to the API server alone; save the file in your workspace first", v)
	}
	return w.pattern(v)
}

// checkOutput checks one value of --output.
func checkOutput(w workspace, v string) error {
	format, value, ok := strings.Cut(v, "=")
	if !ok || !namesFile(format) {
		return nil
	}
	return w.tree(value)
}

// templateIsFile says whether a command's --template names a file.
func templateIsFile(cmd *cobra.Command) bool {
	o := cmd.Flag("output")
	return o != nil && namesFile(o.Value.String())
}

// namesFile says whether an output format takes a file.
func namesFile(format string) bool { return strings.Contains(strings.ToLower(format), "file") }

// valuesOf are the values of a flag that may be given more than once.
func valuesOf(f *pflag.Flag) []string {
	if s, ok := f.Value.(pflag.SliceValue); ok {
		return s.GetSlice()
	}
	return []string{f.Value.String()}
}

// checkOperands checks the arguments, without flags, of the commands that take
// files there.
func (c confinement) checkOperands(w workspace, cmd *cobra.Command) error {
	switch cmd.CommandPath() {
	case "kubectl cp":
		for _, a := range cmd.Flags().Args() {
			if isRemote(a) {
				continue
			}
			if err := w.tree(a); err != nil {
				return err
			}
		}
	case "kubectl kustomize":
		dir := "."
		if args := cmd.Flags().Args(); len(args) > 0 {
			dir = args[0]
		}
		return w.checkKustomization(dir, cmd.Flag("output").Value.String())
	}
	return nil
}

// isRemote says whether an operand of cp is a file of a container.
// Upstream: staging/src/k8s.io/kubectl/pkg/cmd/cp/cp.go (extractFileSpec)
func isRemote(operand string) bool { return strings.IndexByte(operand, ':') > 0 }
