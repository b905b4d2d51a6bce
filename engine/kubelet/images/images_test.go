package images

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/engine/cri/fakecri"
)

func TestEnsureImageExists(t *testing.T) {
	clk := clocktesting.NewFakeClock(time.Unix(1e9, 0))
	broken := true
	r, err := fakecri.New(fakecri.Config{Clock: clk, Present: []string{"here:v1"}, PullError: func(image string) error {
		if broken && image == "gone:v1" {
			return errors.New("no such image")
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	recorder := record.NewFakeRecorder(100)
	m := New(recorder, clk)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", UID: "u"}}
	for _, tt := range []struct {
		image   string
		policy  corev1.PullPolicy
		message string
		err     error
		events  string
	}{
		{"here:v1", corev1.PullIfNotPresent, `Container image "here:v1" already present on machine and can be accessed by the pod`, nil, "Normal Pulled"},
		{"here:v1", corev1.PullAlways, "", nil, `Normal Pulling Pulling image "here:v1"; Normal Pulled Successfully pulled`},
		{"new", corev1.PullIfNotPresent, "", nil, `Normal Pulling Pulling image "new"; Normal Pulled Successfully pulled image "new"`},
		{"gone:v1", corev1.PullIfNotPresent, "no such image", ErrImagePull, `Normal Pulling Pulling image "gone:v1"; Warning Failed Failed to pull image "gone:v1": no such image`},
		{"gone:v1", corev1.PullIfNotPresent, `Back-off pulling image "gone:v1": ErrImagePull: no such image`, ErrImagePullBackOff, `Normal BackOff Back-off pulling image "gone:v1"`},
		{"not:here", corev1.PullNever, `Container image "not:here" is not present with pull policy of Never`, ErrImageNeverPull, "Warning ErrImageNeverPull"},
		{"BAD:IMAGE:x", corev1.PullAlways, `Failed to apply default image tag "BAD:IMAGE:x": couldn't parse image name "BAD:IMAGE:x": invalid reference format`, ErrInvalidImageName, "Warning InspectFailed"},
	} {
		_, msg, err := m.EnsureImageExists(t.Context(), Request{Pod: pod, Ref: &corev1.ObjectReference{}, Image: tt.image, Policy: tt.policy, Images: r})
		if !errors.Is(err, tt.err) || !strings.HasPrefix(msg, tt.message) {
			t.Errorf("%s, %s: %q, %v, want %q, %v", tt.image, tt.policy, msg, err, tt.message, tt.err)
		}
		for _, want := range strings.Split(tt.events, "; ") {
			select {
			case got := <-recorder.Events:
				if !strings.HasPrefix(got, want) {
					t.Errorf("%s: event %q, want %q", tt.image, got, want)
				}
			default:
				t.Errorf("%s: no event %q", tt.image, want)
			}
		}
	}
	clk.Step(11 * time.Second)
	broken = false
	if _, msg, err := m.EnsureImageExists(t.Context(), Request{Pod: pod, Ref: &corev1.ObjectReference{}, Image: "gone:v1", Policy: corev1.PullIfNotPresent, Images: r}); err != nil {
		t.Errorf("after the back-off: %q, %v", msg, err)
	}
}

func TestAuthFor(t *testing.T) {
	secret := func(server, auth string) []corev1.Secret {
		return []corev1.Secret{{Type: corev1.SecretTypeDockerConfigJson, Data: map[string][]byte{
			corev1.DockerConfigJsonKey: fmt.Appendf(nil, `{"auths":{%q:{"auth":%q}}}`, server, auth),
		}}}
	}
	const auth = "bWU6c2VjcmV0" // me:secret
	for _, tt := range []struct {
		image, server string
		ok            bool
	}{
		{"busybox", "https://index.docker.io/v1/", true},
		{"r.io/team/app:v1", "r.io", true},
		{"r.io/team/app:v1", "r.io/team", true},
		{"r.io/team2/app:v1", "r.io/team", false},
		{"busybox", "r.io", false},
	} {
		got := AuthFor(tt.image, secret(tt.server, auth))
		if (got != nil) != tt.ok || got != nil && (got.Username != "me" || got.Password != "secret") {
			t.Errorf("%s with %s: %v", tt.image, tt.server, got)
		}
	}
	if AuthFor("busybox", []corev1.Secret{{Type: corev1.SecretTypeDockerConfigJson, Data: map[string][]byte{corev1.DockerConfigJsonKey: []byte("{")}}}) != nil {
		t.Error("a broken secret gives a login")
	}
}
