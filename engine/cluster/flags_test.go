package cluster

import (
	"strings"
	"testing"
)

func TestCheckFlag(t *testing.T) {
	for _, tt := range []struct{ component, flag, value, want string }{
		{"kube-controller-manager", "node-monitor-grace-period", "5s", ""},
		{"kube-controller-manager", "node-monitor-grace-period", "soon", `invalid argument "soon"`},
		{"kube-controller-manager", "node-monitor-grace-period", "0s", "must be positive"},
		{"kube-controller-manager", "root-ca-file", "/etc/ca.crt", "root-ca-file"},
		{"kube-controller-manager", "nonsense", "1", "unknown flag: --nonsense"},
		{"kube-scheduler", "v", "4", ""},
		{"kube-scheduler", "node-monitor-grace-period", "5s", "unknown flag"},
		{"etcd", "v", "4", "takes no flags"},
	} {
		err := CheckFlag(tt.component, tt.flag, tt.value)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s --%s=%s: got %v, want %q", tt.component, tt.flag, tt.value, err, tt.want)
		}
	}
}
