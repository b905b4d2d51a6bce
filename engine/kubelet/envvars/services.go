package envvars

// Upstream: pkg/kubelet/envvars/envvars.go

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// HasIP reports whether the service has a cluster IP.
func HasIP(s *corev1.Service) bool {
	return s.Spec.ClusterIP != "" && s.Spec.ClusterIP != corev1.ClusterIPNone
}

// FromServices gives the variables that tell containers where services are.
func FromServices(services []*corev1.Service) map[string]string {
	env := map[string]string{}
	for _, s := range services {
		if HasIP(s) && len(s.Spec.Ports) > 0 {
			fromService(env, s)
		}
	}
	return env
}

func fromService(env map[string]string, s *corev1.Service) {
	name := variable(s.Name)
	env[name+"_SERVICE_HOST"] = s.Spec.ClusterIP
	env[name+"_SERVICE_PORT"] = strconv.Itoa(int(s.Spec.Ports[0].Port))
	for i, p := range s.Spec.Ports {
		port := strconv.Itoa(int(p.Port))
		if p.Name != "" {
			env[name+"_SERVICE_PORT_"+variable(p.Name)] = port
		}
		proto := string(p.Protocol)
		if proto == "" {
			proto = string(corev1.ProtocolTCP)
		}
		url := fmt.Sprintf("%s://%s", strings.ToLower(proto), net.JoinHostPort(s.Spec.ClusterIP, port))
		if i == 0 {
			env[name+"_PORT"] = url // Docker gives the first port a name of its own
		}
		prefix := fmt.Sprintf("%s_PORT_%s_%s", name, port, strings.ToUpper(proto))
		env[prefix] = url
		env[prefix+"_PROTO"] = strings.ToLower(proto)
		env[prefix+"_PORT"] = port
		env[prefix+"_ADDR"] = s.Spec.ClusterIP
	}
}

func variable(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }
