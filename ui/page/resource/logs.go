package resource

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/a-h/templ"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"

	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// longestLog is how many of its last lines a log shows.
const longestLog = 500

// defaultContainer is the annotation that names the container kubectl logs.
const defaultContainer = "kubectl.kubernetes.io/default-container"

// A logView is a log as the page shows it.
type logView struct {
	subject
	Containers []containerView
	Container  string
	Previous   bool
	Log        logState
}

// A logState is what is known of a log.
type logState struct {
	Lines []string
	Cut   bool // there is more before the first line
	Ended bool
	Err   error // why there is no more of it
}

// logs is the page of a pod's logs.
func (p pages) logs(w http.ResponseWriter, r *http.Request) error {
	s, err := find(r)
	if err != nil {
		return err
	}
	if !isPod(s.Target) {
		return apierrors.NewNotFound(s.GroupVersionResource.GroupResource(), s.Name+"/log")
	}
	var pod corev1.Pod
	if err := s.client.Read(r.Context(), s.Target, kube.Options{}, &pod); err != nil {
		return err
	}
	v := logView{subject: s, Containers: podContainers(&pod), Previous: r.FormValue("previous") != ""}
	v.Container = chosen(&pod, r.FormValue("container"))
	l := &logTail{}
	ctx := r.Context()
	l.end(l.read(ctx, s.client, v.query(), false))
	v.Log = l.state()
	page := frame.Page{Title: frame.T(ctx, "resource.logs-of", "Name", s.Name), Body: logsPage(v)}
	if !v.Previous {
		page.Live = "log?" + v.query().Encode()
	}
	p.show(w, r, http.StatusOK, page)
	return nil
}

// chosen is the container asked for, or the one that kubectl would choose.
func chosen(pod *corev1.Pod, asked string) string {
	return cmp.Or(asked, pod.Annotations[defaultContainer], pod.Spec.Containers[0].Name)
}

func (v logView) query() url.Values {
	q := url.Values{"namespace": {v.Namespace}, "name": {v.Name}, "container": {v.Container}}
	if v.Previous {
		q.Set("previous", "1")
	}
	return q
}

// command is how kubectl shows the same.
func (v logView) command() string {
	args := append([]string{"logs", v.Name}, kube.In(v.Namespace)...)
	if len(v.Containers) > 1 {
		args = append(args, "-c", v.Container)
	}
	if v.Previous {
		return kube.Command(append(args, "--previous")...)
	}
	return kube.Command(append(args, "-f")...)
}

// A logTail keeps the last lines of a log.
type logTail struct {
	mu  sync.Mutex
	now logState
}

func (l *logTail) state() logState {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.now
	s.Lines = slices.Clone(s.Lines)
	return s
}

func (l *logTail) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now.Lines = append(l.now.Lines, line)
	if n := len(l.now.Lines); n > longestLog {
		l.now.Lines, l.now.Cut = slices.Clone(l.now.Lines[n-longestLog:]), true
	}
}

// end notes that the log ended, with an error or without.
func (l *logTail) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now.Ended, l.now.Err = err == nil, err
}

// begin forgets what was read.
func (l *logTail) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = logState{}
}

// read reads a log to its end and tells more of each line.
func (l *logTail) read(ctx context.Context, c *kube.Client, q url.Values, follow bool, more ...func()) error {
	log, err := c.Logs(ctx, q.Get("namespace"), q.Get("name"), kube.LogOptions{
		Container: q.Get("container"), Previous: q.Get("previous") != "", Follow: follow, Tail: longestLog,
	})
	if err != nil {
		return err
	}
	defer log.Close()
	for in := bufio.NewReaderSize(log, 2*longestLine); ; {
		line, err := readLine(in)
		if line != "" || err == nil {
			l.add(strip(line))
			for _, tell := range more {
				tell()
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// readLine reads a line; of one that is too long, the beginning.
func readLine(in *bufio.Reader) (string, error) {
	line, isPrefix, err := in.ReadLine()
	s := string(line)
	for isPrefix && err == nil {
		_, isPrefix, err = in.ReadLine()
	}
	return s, err
}

// followLog sends the log as it grows. When it ends, or cannot be had yet, the
// next change of the pod begins it again: the container may have restarted.
func (p pages) followLog(ctx context.Context, q url.Values, send func(...frame.Part)) error {
	c, err := kube.New(frame.From(ctx).REST)
	if err != nil {
		return err
	}
	l := &logTail{}
	tell := func() { send(frame.Part{Target: "resource-log", HTML: lazyLog(l)}) }
	changed, stop := p.changes(ctx, c, q)
	defer stop()
	for {
		l.begin()
		err := l.read(ctx, c, q, true, tell)
		if ctx.Err() != nil {
			return nil
		}
		l.end(err)
		tell()
		select { // of the changes until now, the log has told
		case <-changed:
		default:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}

// changes gets a token when the pod changes.
func (p pages) changes(ctx context.Context, c *kube.Client, q url.Values) (changed <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	tokens, done := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(done)
		pods := kube.Target{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("pods"), Namespace: q.Get("namespace")}
		only := fields.OneTermEqualSelector("metadata.name", q.Get("name")).String()
		_ = c.Follow(ctx, p.clock, pods, kube.Options{FieldSelector: only}, func(*kube.Table) {
			select {
			case tokens <- struct{}{}:
			default:
			}
		})
	}()
	return tokens, func() { cancel(); <-done }
}

// lazyLog is the log as it is when the frame sends it.
func lazyLog(l *logTail) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, out io.Writer) error {
		return logPart(l.state()).Render(ctx, out)
	})
}
