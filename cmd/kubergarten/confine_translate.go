package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// translate turns file names that begin with the shell's name of the workspace
// into the ones of the host. They are checked already.
func translate(w workspace, cmd *cobra.Command, args []string) {
	if cmd.Name() == cobra.ShellCompRequestCmd {
		translateLater(w, cmd)
		return
	}
	cmd.Flags().Visit(func(f *pflag.Flag) { translateFlag(w, cmd, f) })
	if p := cmd.CommandPath(); p != "kubectl cp" && p != "kubectl kustomize" {
		return
	}
	for i, a := range args {
		args[i] = w.translated(a)
	}
}

// translateFlag translates all values of a flag.
func translateFlag(w workspace, cmd *cobra.Command, f *pflag.Flag) {
	kind := kindOf(cmd.CommandPath(), f.Name)
	values := valuesOf(f)
	changed := false
	for i, v := range values {
		values[i] = translatedValue(w, cmd, kind, v)
		changed = changed || values[i] != v
	}
	if !changed {
		return
	}
	if s, ok := f.Value.(pflag.SliceValue); ok {
		_ = s.Replace(values)
		return
	}
	_ = f.Value.Set(values[0])
}

// translatedValue translates one value of a flag of that kind. It is the
// counterpart of checkValue.
func translatedValue(w workspace, cmd *cobra.Command, kind flagKind, v string) string {
	switch kind {
	case pathFlag, filenameFlag, kustomizeFlag:
		return w.translated(v)
	case keyedFlag:
		file := strings.LastIndexByte(v, '=') + 1
		return v[:file] + w.translated(v[file:])
	case outputFlag:
		if format, file, ok := strings.Cut(v, "="); ok && namesFile(format) {
			return format + "=" + w.translated(file)
		}
	case templateFlag:
		if templateIsFile(cmd) {
			return w.translated(v)
		}
	}
	return v
}

// translateLater translates the flags of a line that is to be completed, which
// is parsed only when the completion runs. Of its flags that name files only
// those of all commands count then.
func translateLater(w workspace, complete *cobra.Command) {
	complete.Root().PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if kindOf("kubectl", f.Name) == pathFlag {
			f.Value = translatingValue{f.Value, w}
		}
	})
}

// A translatingValue is the value of a flag that names a file.
type translatingValue struct {
	pflag.Value
	workspace
}

// Set implements pflag.Value.
func (v translatingValue) Set(file string) error { return v.Value.Set(v.translated(file)) }

// translated is p, on the host if it begins with the mount.
func (w workspace) translated(p string) string {
	if abs := w.absolute(p); strings.HasPrefix(p, "/") && abs != p {
		return abs
	}
	return p
}
