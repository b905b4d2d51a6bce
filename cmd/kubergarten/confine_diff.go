package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"

	"github.com/pmezard/go-difflib/difflib"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/kubectl/pkg/cmd/apply"
	"k8s.io/kubectl/pkg/cmd/diff"
	"k8s.io/kubectl/pkg/cmd/util"
	"k8s.io/utils/exec"
)

// replaceDiff gives kubectl's tree a "kubectl diff" that compares by itself
// where upstream's starts diff(1).
// Upstream: staging/src/k8s.io/kubectl/pkg/cmd/diff/diff.go (NewCmdDiff)
func replaceDiff(root *cobra.Command, flags *genericclioptions.ConfigFlags, streams genericiooptions.IOStreams) {
	old, _, err := root.Find([]string{"diff"})
	if err != nil || old == root {
		return
	}
	f := util.NewFactory(util.NewMatchVersionFlags(flags))
	o := diff.NewDiffOptions(streams)
	o.Diff.Exec = differ{}
	cmd := &cobra.Command{
		Use: old.Use, DisableFlagsInUseLine: true, Short: old.Short, Long: old.Long, Example: old.Example,
		Run: func(cmd *cobra.Command, args []string) { runDiff(o, f, cmd, args) },
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		util.CheckDiffErr(util.UsageErrorf(cmd, "%s", err.Error()))
		return nil
	})
	diffFlags(cmd, o)
	root.RemoveCommand(old)
	root.AddCommand(cmd)
}

// diffFlags are the flags of upstream's diff.
func diffFlags(cmd *cobra.Command, o *diff.DiffOptions) {
	cmd.Flags().StringArray("prune-allowlist", []string{}, "Overwrite the default allowlist with <group/version/kind> for --prune")
	cmd.Flags().Bool("prune", false, "Include resources that would be deleted by pruning. Can be used with -l and default shows all resources would be pruned")
	cmd.Flags().BoolVar(&o.ShowManagedFields, "show-managed-fields", false, "If true, include managed fields in the diff.")
	cmd.Flags().BoolVar(&o.ShowSecrets, "show-secrets", false, "If true, do not mask secret values in the diff.")
	cmd.Flags().IntVar(&o.Concurrency, "concurrency", 1, "Number of objects to process in parallel when diffing against the live version. Larger number = faster, but more memory, I/O and CPU over that shorter period of time.")
	util.AddFilenameOptionFlags(cmd, &o.FilenameOptions, "contains the configuration to diff")
	util.AddServerSideApplyFlags(cmd)
	util.AddFieldManagerFlagVar(cmd, &o.FieldManager, apply.FieldManagerClientSideApply)
	util.AddLabelSelectorFlagVar(cmd, &o.Selector)
}

// runDiff ends the process as upstream's diff: 1 if something differs, more if
// it failed.
func runDiff(o *diff.DiffOptions, f util.Factory, cmd *cobra.Command, args []string) {
	util.CheckDiffErr(o.Complete(f, cmd, args))
	util.CheckDiffErr(o.Validate())
	err := o.Run()
	var differs exec.ExitError
	if errors.As(err, &differs) && differs.ExitStatus() <= 1 {
		util.CheckErr(util.ErrExit)
	}
	util.CheckDiffErr(err)
}

// A differ is exec.Interface with the one program "diff -u -N FROM TO", that
// runs within the process.
type differ struct{}

// Command implements exec.Interface.
func (differ) Command(_ string, args ...string) exec.Cmd {
	return &diffCmd{args: args, out: io.Discard, errOut: io.Discard}
}

// CommandContext implements exec.Interface.
func (d differ) CommandContext(_ context.Context, cmd string, args ...string) exec.Cmd {
	return d.Command(cmd, args...)
}

// LookPath implements exec.Interface.
func (differ) LookPath(file string) (string, error) { return "", osexec.ErrNotFound }

// A diffCmd is one run of the differ. kubectl sets its outputs and runs it.
type diffCmd struct {
	exec.Cmd // what kubectl diff does not call
	args     []string
	out      io.Writer
	errOut   io.Writer
}

// SetStdout implements exec.Cmd.
func (d *diffCmd) SetStdout(w io.Writer) { d.out = w }

// SetStderr implements exec.Cmd.
func (d *diffCmd) SetStderr(w io.Writer) { d.errOut = w }

// Run implements exec.Cmd: exit status 1 says that something differs.
func (d *diffCmd) Run() error {
	if len(d.args) < 2 {
		return errors.New("diff: two directories are needed")
	}
	text, err := diffDirs(d.args[len(d.args)-2], d.args[len(d.args)-1])
	if err != nil {
		return err
	}
	if text == "" {
		return nil
	}
	if _, err := io.WriteString(d.out, text); err != nil {
		return err
	}
	return exec.CodeExitError{Err: errors.New("exit status 1"), Code: 1}
}

// diffDirs is "diff -u -N from to" for two flat directories.
func diffDirs(from, to string) (string, error) {
	a, err := readFiles(from)
	if err != nil {
		return "", err
	}
	b, err := readFiles(to)
	if err != nil {
		return "", err
	}
	names := map[string]bool{}
	for n := range a {
		names[n] = true
	}
	for n := range b {
		names[n] = true
	}
	var out bytes.Buffer
	for _, n := range slices.Sorted(maps.Keys(names)) {
		if err := diffFile(&out, filepath.Join(from, n), filepath.Join(to, n), a[n], b[n]); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

// diffFile writes how two files differ, if they do.
func diffFile(out io.Writer, from, to, a, b string) error {
	if a == b {
		return nil
	}
	fmt.Fprintf(out, "diff -u -N %s %s\n", from, to)
	return difflib.WriteUnifiedDiff(out, difflib.UnifiedDiff{
		A: lines(a), B: lines(b), FromFile: from, ToFile: to, Context: 3,
	})
}

// lines splits after newlines. Unlike difflib.SplitLines it makes no last line
// of nothing.
func lines(s string) []string {
	all := difflib.SplitLines(s)
	if s == "" || s[len(s)-1] == '\n' {
		return all[:len(all)-1]
	}
	return all
}

// readFiles are the files of a directory by name.
func readFiles(dir string) (map[string]string, error) {
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		files[e.Name()] = string(data)
	}
	return files, nil
}
