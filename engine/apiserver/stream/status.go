package stream

// Upstream: k8s.io/cri-streaming pkg/streaming/remotecommand/exec.go

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	criremote "k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// statusOf is what the client learns of how a command ended.
func statusOf(err error, kind string) []byte {
	s := metav1.Status{Status: metav1.StatusSuccess}
	var exit utilexec.ExitError
	var known apierrors.APIStatus
	switch {
	case err == nil:
	case errors.As(err, &exit) && exit.Exited():
		s = metav1.Status{
			Status: metav1.StatusFailure, Reason: criremote.NonZeroExitCodeReason,
			Message: fmt.Sprintf("command terminated with non-zero exit code: %v", exit),
			Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Type: criremote.ExitCodeCauseType, Message: strconv.Itoa(exit.ExitStatus())}}},
		}
	case errors.As(err, &known): // the kubelet's own word, as "container not found"
		s = known.Status()
	default:
		s = apierrors.NewInternalError(fmt.Errorf("error %s container: %w", kind, err)).Status()
	}
	data, _ := json.Marshal(s) // a Status can always be encoded
	return data
}
