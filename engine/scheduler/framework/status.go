package framework

// Upstream: k8s.io/kube-scheduler/framework (interface.go)

import (
	"fmt"
	"strings"
)

// A Code says how a plugin answered.
type Code int

// The codes.
const (
	Success Code = iota
	Error
	Unschedulable                // but removing other pods might help
	UnschedulableAndUnresolvable // and removing pods would not
	Skip                         // the plugin has nothing to do with this pod
)

// A Status is a plugin's answer; nil is Success.
type Status struct {
	Code    Code
	Reasons []string // one phrase each, as events show them
	Plugin  string   // who refused; set by the profile
	Err     error    // of code Error
}

// NewStatus returns a refusal.
func NewStatus(code Code, reasons ...string) *Status { return &Status{Code: code, Reasons: reasons} }

// AsStatus returns the status of a plugin that failed.
func AsStatus(err error) *Status {
	return &Status{Code: Error, Reasons: []string{err.Error()}, Err: err}
}

// IsSuccess reports whether s is no refusal and no error.
func (s *Status) IsSuccess() bool { return s == nil || s.Code == Success }

// IsSkip reports whether the plugin has nothing to do with the pod.
func (s *Status) IsSkip() bool { return s != nil && s.Code == Skip }

// IsRejected reports whether the pod was refused, as against an error.
func (s *Status) IsRejected() bool {
	return s != nil && (s.Code == Unschedulable || s.Code == UnschedulableAndUnresolvable)
}

// Message is the reasons in one line.
func (s *Status) Message() string {
	if s == nil {
		return ""
	}
	return strings.Join(s.Reasons, ", ")
}

// AsError returns s as an error, nil if it is Success.
func (s *Status) AsError() error {
	switch {
	case s.IsSuccess():
		return nil
	case s.Err != nil:
		return s.Err
	}
	return fmt.Errorf("%s: %s", s.Plugin, s.Message())
}
