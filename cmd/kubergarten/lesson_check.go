package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"

	"kubergarten/lessons"
)

// checkFlags are the flags of "kubergarten lesson check".
type checkFlags struct {
	lessonFlags
	dataDir    string
	kubeconfig string
}

func lessonCheck() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check ID [STEP]",
		Short: "Judge a lesson, or one of its steps, by what is in the cluster",
		Long: `Judge a lesson, or one of its steps, by what is in the cluster now, and say what differs.

What was typed or predicted on the page, and the trace of the cluster, cannot be asked for by the API: checks that
need it are not judged. Neither is what fails of a step that a later one must undo, when that one holds. Web servers are
asked from a pod that is made in the namespace default, and deleted after it.

The exit code is 1 if a check fails, and 2 if nothing could be judged: there is no such lesson, it is not started, or
no cluster answers.`,
		Args: func(cmd *cobra.Command, args []string) error { return unjudged(cobra.RangeArgs(1, 2)(cmd, args)) },
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), cmd.OutOrStdout(), append(args, "")[:2])
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return unjudged(err) })
	f.bind(cmd)
	cmd.Flags().StringVar(&f.dataDir, "data-dir", "", "where the cluster is kept (default: the user's data directory)")
	cmd.Flags().StringVar(&f.kubeconfig, "kubeconfig", "", "ask the cluster of this kubeconfig file instead")
	return cmd
}

// run examines a lesson, and prints what was found.
func (f checkFlags) run(ctx context.Context, out io.Writer, args []string) error {
	j, steps, err := f.examine(ctx, args)
	if err != nil {
		return unjudged(err)
	}
	return j.print(out, steps)
}

// examine asks the cluster about the lesson, and the step, that are asked for.
func (f checkFlags) examine(ctx context.Context, args []string) (j judgement, steps []lessons.StepState, err error) {
	l, lang, err := f.asked(args[0])
	if err != nil {
		return j, nil, err
	}
	if _, ok := l.Step(args[1]); !ok && args[1] != "" {
		return j, nil, fmt.Errorf("lesson %s has no step %q", l.ID, args[1])
	}
	cfg, err := f.config()
	if err != nil {
		return j, nil, err
	}
	klog.SetSlogLogger(slog.New(slog.DiscardHandler)) // client-go would speak in between
	steps, err = examine(ctx, l, cfg)
	if unreached := new(net.OpError); errors.As(err, &unreached) {
		err = fmt.Errorf("the cluster does not answer at %s, has it been started? %w", cfg.Host, unreached)
	}
	return judgement{l, lang, args[1]}, steps, err
}

// An unjudgedError kept a lesson from being judged, which is not to fail.
type unjudgedError struct{ error }

func unjudged(err error) error {
	if err == nil {
		return nil
	}
	return unjudgedError{err}
}

// Unwrap returns the cause.
func (e unjudgedError) Unwrap() error { return e.error }

// config is how to reach the cluster.
func (f checkFlags) config() (*rest.Config, error) {
	path := f.kubeconfig
	if path == "" {
		dir, err := dataDir(f.dataDir)
		if err != nil {
			return nil, err
		}
		path = filepath.Join(dir, "admin.kubeconfig")
	}
	cfg, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		return nil, fmt.Errorf("no cluster to ask, has it been started? %w", err)
	}
	cfg.QPS = -1 // the API server says when it is too much
	return cfg, nil
}

// examine asks the cluster for all that the lesson's checks look at.
func examine(ctx context.Context, l *lessons.Lesson, cfg *rest.Config) ([]lessons.StepState, error) {
	objects, err := dynamic.NewForConfig(cfg)
	if err != nil {
		return nil, err
	}
	_, err = objects.Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}).Get(ctx, l.Namespace, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("lesson %s is not started in this cluster: there is no namespace %q", l.ID, l.Namespace)
	} else if err != nil && !apierrors.IsForbidden(err) {
		return nil, err
	}
	return examineBy(ctx, l, cfg, lister{objects})
}

// examineBy examines the lesson with a prober, and takes away what that made.
func examineBy(ctx context.Context, l *lessons.Lesson, cfg *rest.Config, from lessons.Lister) (steps []lessons.StepState, err error) {
	kube, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return nil, err
	}
	inside := &insider{api: cfg, kube: kube}
	defer func() { err = errors.Join(err, inside.leave(ctx)) }()
	if l.Calls() {
		if err := inside.enter(ctx); err != nil {
			return nil, err
		}
	}
	probe, err := newProber(cfg, inside.dial)
	if err != nil {
		return nil, err
	}
	return l.Examine(ctx, from, probe)
}

// lister implements lessons.Lister.
type lister struct{ objects dynamic.Interface }

// List implements lessons.Lister.
func (l lister) List(ctx context.Context, resource schema.GroupVersionResource, namespace string) ([]unstructured.Unstructured, error) {
	list, err := l.objects.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}
