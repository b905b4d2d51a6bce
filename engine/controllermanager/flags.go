package controllermanager

// Upstream: cmd/kube-controller-manager/app/options

import (
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// Flags are kube-controller-manager's, as far as they mean something here.
type Flags struct {
	Controllers              []string // "*", "name", "-name"
	AllocateNodeCIDRs        bool
	ClusterCIDR              netip.Prefix
	NodeCIDRMaskSize         int
	NodeMonitorPeriod        time.Duration
	NodeMonitorGracePeriod   time.Duration
	NodeStartupGracePeriod   time.Duration
	TerminatedPodGCThreshold int
	RootCA                   []byte // PEM
	Kubeconfig               string
	Verbosity                int // of the log; 4 and more tell each step
}

// ParseFlags reads args; files that they name are read from files, whose root
// is the container's. An unknown flag is an error.
func ParseFlags(args []string, files fs.FS) (Flags, error) {
	var f Flags
	var cidr, rootCA string
	var elect bool
	set := pflag.NewFlagSet("kube-controller-manager", pflag.ContinueOnError)
	set.Usage = func() {}
	set.StringSliceVar(&f.Controllers, "controllers", []string{"*"}, "which controllers to run")
	set.BoolVar(&f.AllocateNodeCIDRs, "allocate-node-cidrs", false, "whether nodes get ranges for their pods")
	set.StringVar(&cidr, "cluster-cidr", "10.244.0.0/16", "the range of all pods")
	set.IntVar(&f.NodeCIDRMaskSize, "node-cidr-mask-size", 24, "size of one node's range")
	set.DurationVar(&f.NodeMonitorPeriod, "node-monitor-period", 5*time.Second, "time between looks at all nodes")
	set.DurationVar(&f.NodeMonitorGracePeriod, "node-monitor-grace-period", 50*time.Second, "silence after which a node is unhealthy")
	set.DurationVar(&f.NodeStartupGracePeriod, "node-startup-grace-period", time.Minute, "the same for a new node")
	set.IntVar(&f.TerminatedPodGCThreshold, "terminated-pod-gc-threshold", 12500, "ended pods that may stay")
	set.StringVar(&rootCA, "root-ca-file", "", "certificate that pods are given to trust")
	set.StringVar(&f.Kubeconfig, "kubeconfig", "", "whom to act as")
	set.IntVarP(&f.Verbosity, "v", "v", 0, "number for the log level verbosity")
	set.BoolVar(&elect, "leader-elect", false, "elect a leader before working")
	set.Bool("use-service-account-credentials", true, "each controller acts as its own service account")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	if elect {
		return f, fmt.Errorf("--leader-elect=true: not supported, this control plane has one kube-controller-manager")
	}
	var err error
	if f.ClusterCIDR, err = netip.ParsePrefix(cidr); err != nil {
		return f, fmt.Errorf("--cluster-cidr: invalid CIDR %q: %w", cidr, err)
	}
	if f.NodeMonitorPeriod <= 0 || f.NodeMonitorGracePeriod <= 0 || f.NodeStartupGracePeriod <= 0 {
		return f, fmt.Errorf("--node-monitor-period, --node-monitor-grace-period and --node-startup-grace-period must be positive")
	}
	if rootCA != "" {
		if f.RootCA, err = fs.ReadFile(files, strings.TrimPrefix(rootCA, "/")); err != nil {
			return f, fmt.Errorf("error reading root-ca-file at %s: %w", rootCA, err)
		}
	}
	return f, f.checkControllers()
}

// checkControllers refuses names that the table does not have.
func (f Flags) checkControllers() error {
	var names []string
	for _, d := range Controllers() {
		names = append(names, d.Name)
	}
	for _, c := range f.Controllers {
		if c != "*" && !slices.Contains(names, strings.TrimPrefix(c, "-")) {
			return fmt.Errorf("%q is not in the list of known controllers", strings.TrimPrefix(c, "-"))
		}
	}
	return nil
}

// Enabled reports whether the controller of that name is to run.
func (f Flags) Enabled(name string) bool {
	switch {
	case slices.Contains(f.Controllers, "-"+name):
		return false
	case slices.Contains(f.Controllers, name):
		return true
	}
	return slices.Contains(f.Controllers, "*")
}
