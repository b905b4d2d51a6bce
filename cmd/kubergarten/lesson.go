package main

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kubergarten/engine/cluster"
	"kubergarten/lessons"
)

func lesson() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lesson",
		Short: "Read, check and write lessons",
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	cmd.AddCommand(lessonList(), lessonShow(), lessonCheck(), lessonServe())
	return cmd
}

// knownCommand refuses what is none of cmd's commands, in cobra's words, which
// it has for the root alone.
func knownCommand(cmd *cobra.Command, args []string) error {
	err := cobra.NoArgs(cmd, args)
	if err == nil {
		return nil
	}
	if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
		return fmt.Errorf("%w\n\nDid you mean this?\n\t%s", err, strings.Join(like, "\n\t"))
	}
	return err
}

// lessonFlags say which lessons are meant, and in which language.
type lessonFlags struct {
	dir  string
	lang string
}

func (f *lessonFlags) bind(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.dir, "dir", "", "a directory of lessons (default: those that are built in)")
	cmd.Flags().StringVar(&f.lang, "lang", "", "the language: "+strings.Join(lessons.Languages(), " or ")+" (default: as LANG says)")
}

// catalog loads the lessons.
func (f lessonFlags) catalog() (*lessons.Catalog, error) {
	if f.dir == "" {
		return lessons.Load(lessons.Content(), cluster.CheckFlag)
	}
	fsys, err := openLessons(f.dir)
	if err != nil {
		return nil, err
	}
	return lessons.Load(fsys, cluster.CheckFlag)
}

// openLessons opens a directory of lessons, out of which no link leads.
func openLessons(dir string) (fs.FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return root.FS(), nil
}

// one loads the lesson of that id, "02-pods" or "pods".
func (f lessonFlags) one(id string) (*lessons.Lesson, error) {
	c, err := f.catalog()
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, l := range c.Lessons() {
		if _, slug, _ := strings.Cut(l.ID, "-"); l.ID == id || slug == id {
			return l, nil
		}
		ids = append(ids, l.ID)
	}
	return nil, fmt.Errorf("there is no lesson %q: want one of %s", id, strings.Join(ids, ", "))
}

// asked is the lesson of that id, and the language it is asked for in.
func (f lessonFlags) asked(id string) (*lessons.Lesson, string, error) {
	lang, err := f.language()
	if err != nil {
		return nil, "", err
	}
	l, err := f.one(id)
	return l, lang, err
}

// language is the one asked for, or the one of the user's terminal.
func (f lessonFlags) language() (string, error) {
	if slices.Contains(lessons.Languages(), f.lang) {
		return f.lang, nil
	}
	if f.lang != "" {
		return "", fmt.Errorf("there is no language %q: want one of %s", f.lang, strings.Join(lessons.Languages(), ", "))
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			return languageOf(v), nil
		}
	}
	return lessons.Languages()[0], nil
}

// languageOf is the language of a locale, as "zh_CN.UTF-8".
func languageOf(locale string) string {
	for _, lang := range lessons.Languages() {
		if strings.HasPrefix(locale, lang[:2]) {
			return lang
		}
	}
	return lessons.Languages()[0]
}
