package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"kubergarten/lessons"
)

func lessonList() *cobra.Command {
	var f lessonFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the lessons",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lang, err := f.language()
			if err != nil {
				return err
			}
			c, err := f.catalog()
			if err != nil {
				return err
			}
			return listLessons(cmd.OutOrStdout(), c, lang)
		},
	}
	f.bind(cmd)
	return cmd
}

func listLessons(out io.Writer, c *lessons.Catalog, lang string) error {
	w := tabwriter.NewWriter(out, 0, 8, 3, ' ', 0)
	fmt.Fprintln(w, "ID\tMINUTES\tSTEPS\tTITLE")
	for _, l := range c.Lessons() {
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", l.ID, l.Minutes, len(l.Steps), l.In(lang).Title)
	}
	return w.Flush()
}

func lessonShow() *cobra.Command {
	var f lessonFlags
	var hints, solution bool
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Print the text of a lesson",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, lang, err := f.asked(args[0])
			if err != nil {
				return err
			}
			_, err = io.WriteString(cmd.OutOrStdout(), l.In(lang).Markdown(hints, solution))
			return err
		},
	}
	f.bind(cmd)
	cmd.Flags().BoolVar(&hints, "hints", false, "with the hints of each step")
	cmd.Flags().BoolVar(&solution, "solution", false, "with the solution of each step")
	return cmd
}
