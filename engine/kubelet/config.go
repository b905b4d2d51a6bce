package kubelet

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"runtime"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/uuid"
	kubeletconfig "k8s.io/kubelet/config/v1beta1"

	"kubergarten/engine/client"
	"kubergarten/engine/clock"
	"kubergarten/engine/component"
	"kubergarten/engine/cri"
	"kubergarten/engine/kubelet/fswatch"
	"kubergarten/engine/kubelet/prober"
	"kubergarten/engine/trace"
)

// Name is what the kubelet is called everywhere.
const Name = "kubelet"

// A Handler is one runtime of the node, with its images.
type Handler struct {
	Runtime cri.Runtime
	Images  cri.Images
}

// Config is what one node is like.
type Config struct {
	NodeName string
	NodeIP   netip.Addr
	Hostname string // NodeName if empty
	// Root holds the node's files. Paths of the virtual node are below it.
	Root *os.Root
	// RootDir is the real path of Root, for following changes of its files.
	// Empty: changes are looked for at FileCheckFrequency only.
	RootDir string

	// Kubelet is the file at /var/lib/kubelet/config.yaml; zero fields get
	// upstream's defaults. See LoadConfigFile.
	Kubelet kubeletconfig.KubeletConfiguration
	// Flags override; Flags.Config is for whoever calls LoadConfigFile.
	Flags Flags

	// Capacity of the node: cpu, memory, ephemeral-storage. What is missing is
	// 4 cpus, 8Gi and 100Gi.
	Capacity corev1.ResourceList
	// Info overrides what the node says of itself; empty fields are filled in.
	Info corev1.NodeSystemInfo

	// Runtimes by RuntimeClass handler; "" is the default one.
	Runtimes map[string]Handler
}

// Deps is what a kubelet works with.
type Deps struct {
	API client.Interface // as system:node:NAME
	// Door is where the API server opens; nil: it is always there.
	Door *component.Door[client.Server]
	// Network is the node's own network namespace, through which probes go.
	Network prober.Dialer
	// Files follows changes of files; nil: the kubelet makes its own. Share one
	// among many kubelets, for the host has few.
	Files *fswatch.Hub
	// Default fills in the defaults of a static pod, and Validate judges it, as
	// the API server would. Nil: the kubelet knows the defaults it needs.
	Default  func(*corev1.Pod)
	Validate func(*corev1.Pod) error

	Clock clock.Clock
	Trace *trace.Recorder
	Log   *slog.Logger
}

func (c *Config) complete() error {
	switch {
	case c.NodeName == "":
		return errors.New("kubelet: a node name is needed")
	case c.Root == nil:
		return errors.New("kubelet: the node's files are needed")
	case len(c.Runtimes) == 0:
		return errors.New("kubelet: a runtime is needed")
	}
	if c.Flags.HostnameOverride != "" {
		c.Hostname = c.Flags.HostnameOverride
	}
	if c.Hostname == "" {
		c.Hostname = c.NodeName
	}
	if c.Flags.NodeIP != "" {
		ip, err := netip.ParseAddr(c.Flags.NodeIP)
		if err != nil {
			return fmt.Errorf("bad --node-ip %q: %w", c.Flags.NodeIP, err)
		}
		c.NodeIP = ip
	}
	capacity := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("4"),
		corev1.ResourceMemory:           resource.MustParse("8Gi"),
		corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
	}
	for name, q := range c.Capacity {
		capacity[name] = q
	}
	c.Capacity = capacity
	setDefaults(&c.Kubelet)
	c.completeInfo()
	return nil
}

func (c *Config) completeInfo() {
	def := func(to *string, value string) {
		if *to == "" {
			*to = value
		}
	}
	def(&c.Info.KubeletVersion, "v1.36.3")
	def(&c.Info.OperatingSystem, "linux")
	def(&c.Info.Architecture, runtime.GOARCH)
	def(&c.Info.OSImage, "Kubergarten")
	def(&c.Info.KernelVersion, "kubergarten")
	id := nodeID(c.NodeName)
	def(&c.Info.MachineID, id)
	def(&c.Info.SystemUUID, id)
	def(&c.Info.BootID, string(uuid.NewUUID())) // nothing on a node outlives its kubelet
}

func (d *Deps) complete() error {
	switch {
	case d.API == nil:
		return errors.New("kubelet: an API is needed")
	case d.Clock == nil:
		return errors.New("kubelet: a clock is needed")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Default == nil {
		d.Default = func(*corev1.Pod) {}
	}
	if d.Validate == nil {
		d.Validate = func(*corev1.Pod) error { return nil }
	}
	return nil
}
