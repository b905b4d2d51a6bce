package scheduler

// Upstream: cmd/kube-scheduler/app/options

import (
	"fmt"

	"github.com/spf13/pflag"
)

// Flags are kube-scheduler's, as far as they mean something here.
type Flags struct {
	Kubeconfig string
	Verbosity  int // of the log; 4 and more tell each step
}

// ParseFlags reads args. An unknown flag is an error.
func ParseFlags(args []string) (Flags, error) {
	var f Flags
	var elect bool
	set := pflag.NewFlagSet(Name, pflag.ContinueOnError)
	set.Usage = func() {}
	set.StringVar(&f.Kubeconfig, "kubeconfig", "", "whom to act as")
	set.IntVarP(&f.Verbosity, "v", "v", 0, "number for the log level verbosity")
	set.BoolVar(&elect, "leader-elect", false, "elect a leader before working")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	if elect {
		return f, fmt.Errorf("--leader-elect=true: not supported, this control plane has one kube-scheduler")
	}
	return f, nil
}
