package resource

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// longestLog is how many of its last lines a log shows, and newest how many may
// come before the page gets all of them anew.
const (
	longestLog = 500
	newest     = 50
)

// settling is how long a followed log may take to bring what it held already: it
// comes line by line, and the page that was opened with it must not shrink.
const settling = 200 * time.Millisecond

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
	return cmp.Or(asked, pod.Annotations[defaultContainer], pod.Spec.Containers[0].Name) // of which there is one at least
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
