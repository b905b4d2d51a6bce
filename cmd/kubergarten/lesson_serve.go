package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"
)

func lessonServe() *cobra.Command {
	var f upFlags
	cmd := &cobra.Command{
		Use:   "serve DIR",
		Short: "Start a cluster with the lessons of a directory, for their author",
		Long: `Start a cluster whose page has the lessons of a directory instead of those that are built in.

Each change of a file is on the page at once. What is wrong in a file is printed with its line, and the page keeps the
lessons as they were until it is mended; if that is so at the start, it has none. A lesson that is under way takes new texts, checks and hints at once, and new
manifests and presets when it is reset.

The cluster is another one than that of "kubergarten up", with a context of its own in the user's kubeconfig.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.serve(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.bind(cmd, authorContext)
	return cmd
}

// serve is run with the lessons of dir. The author's cluster is another one
// than the learner's, and so is the progress in it.
func (f upFlags) serve(ctx context.Context, dir string, out, errOut io.Writer) error {
	if f.ui == "" {
		return errors.New("--ui: lessons need a page")
	}
	var err error
	if f.author, err = newAuthor(dir, out); err != nil {
		return err
	}
	if f.dataDir == "" {
		if f.dataDir, err = dataDir(""); err != nil {
			return err
		}
		f.dataDir += "-lessons"
	}
	return f.run(ctx, out, errOut)
}
