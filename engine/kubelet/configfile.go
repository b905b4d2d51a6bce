package kubelet

// Upstream: pkg/kubelet/apis/config/v1beta1/defaults.go

import (
	"crypto/md5"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubeletconfig "k8s.io/kubelet/config/v1beta1"
	"sigs.k8s.io/yaml"
)

// ConfigPath is where the node keeps its kubelet's configuration.
const ConfigPath = "var/lib/kubelet/config.yaml"

// LoadConfigFile reads the KubeletConfiguration of the node and names the
// fields set there that this kubelet does not obey. No file is no error.
func LoadConfigFile(root *os.Root, path string) (cfg kubeletconfig.KubeletConfiguration, ignored []string, err error) {
	data, err := root.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return cfg, nil, nil
	}
	if err != nil {
		return cfg, nil, fmt.Errorf("failed to load Kubelet config file %s: %w", path, err)
	}
	return ParseConfig(data)
}

// ParseConfig reads a KubeletConfiguration, strictly.
func ParseConfig(data []byte) (cfg kubeletconfig.KubeletConfiguration, ignored []string, err error) {
	if err := yaml.UnmarshalStrict(data, &cfg); err != nil {
		return cfg, nil, fmt.Errorf("failed to decode kubelet config: %w", err)
	}
	if gv := kubeletconfig.SchemeGroupVersion.String(); cfg.APIVersion != gv || cfg.Kind != "KubeletConfiguration" {
		return cfg, nil, fmt.Errorf("no kind %q is registered for version %q", cfg.Kind, cfg.APIVersion)
	}
	var set map[string]any
	if err := yaml.Unmarshal(data, &set); err != nil {
		return cfg, nil, err
	}
	for name := range set {
		if !slices.Contains(obeyed(), name) {
			ignored = append(ignored, name)
		}
	}
	slices.Sort(ignored)
	return cfg, ignored, nil
}

// obeyed are the fields of the file that mean something here.
func obeyed() []string {
	return []string{
		"apiVersion", "kind", "staticPodPath", "podLogsDir", "syncFrequency", "fileCheckFrequency", "port",
		"clusterDomain", "clusterDNS", "nodeStatusUpdateFrequency", "nodeStatusReportFrequency",
		"nodeLeaseDurationSeconds", "maxPods", "resolvConf", "nodeStatusMaxImages", "containerLogMaxSize",
		"containerLogMaxFiles", "containerLogMonitorInterval", "systemReserved", "kubeReserved", "providerID",
		"registerWithTaints", "registerNode", "crashLoopBackOff", "cpuCFSQuota", "cpuCFSQuotaPeriod", "podCIDR",
	}
}

// setDefaults gives the fields that we obey upstream's defaults.
func setDefaults(c *kubeletconfig.KubeletConfiguration) {
	def(&c.StaticPodPath, "/etc/kubernetes/manifests")
	def(&c.PodLogsDir, "/var/log/pods")
	def(&c.Port, 10250)
	def(&c.ClusterDomain, "cluster.local")
	def(&c.MaxPods, 110)
	def(&c.NodeLeaseDurationSeconds, 40)
	def(&c.ContainerLogMaxSize, "1Mi") // upstream: 10Mi; a classroom has one disk
	def(&c.FileCheckFrequency, metav1.Duration{Duration: 20 * time.Second})
	def(&c.SyncFrequency, metav1.Duration{Duration: time.Minute})
	def(&c.NodeStatusUpdateFrequency, metav1.Duration{Duration: 10 * time.Second})
	def(&c.NodeStatusReportFrequency, metav1.Duration{Duration: 5 * time.Minute})
	defPtr(&c.ContainerLogMaxFiles, 2) // upstream: 5
	defPtr(&c.ContainerLogMonitorInterval, metav1.Duration{Duration: 10 * time.Second})
	defPtr(&c.NodeStatusMaxImages, 50)
	defPtr(&c.RegisterNode, true)
	defPtr(&c.ResolverConfig, "/etc/resolv.conf")
	defPtr(&c.CPUCFSQuota, true)
	defPtr(&c.CPUCFSQuotaPeriod, metav1.Duration{Duration: 100 * time.Millisecond})
	defPtr(&c.CrashLoopBackOff.MaxContainerRestartPeriod, metav1.Duration{Duration: 5 * time.Minute})
	if len(c.ClusterDNS) == 0 {
		c.ClusterDNS = []string{"10.96.0.10"}
	}
}

func def[T comparable](to *T, value T) {
	var zero T
	if *to == zero {
		*to = value
	}
}

func defPtr[T any](to **T, value T) {
	if *to == nil {
		*to = &value
	}
}

// nodeID is a machine ID that is the same at every start.
func nodeID(name string) string { return fmt.Sprintf("%x", md5.Sum([]byte("kubergarten/"+name))) }
