package apiserver

import (
	"strings"
	"testing"
	"time"
)

// kubeadmFlags is what kubeadm writes into kube-apiserver's manifest.
const kubeadmFlags = `--advertise-address=172.18.0.2 --allow-privileged=true --authorization-mode=Node,RBAC
--client-ca-file=/etc/kubernetes/pki/ca.crt --enable-admission-plugins=NodeRestriction --enable-bootstrap-token-auth=true
--etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt --etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt
--etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key --etcd-servers=https://127.0.0.1:2379
--kubelet-client-certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt
--kubelet-client-key=/etc/kubernetes/pki/apiserver-kubelet-client.key --kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname
--proxy-client-cert-file=/etc/kubernetes/pki/front-proxy-client.crt --proxy-client-key-file=/etc/kubernetes/pki/front-proxy-client.key
--requestheader-allowed-names=front-proxy-client --requestheader-client-ca-file=/etc/kubernetes/pki/front-proxy-ca.crt
--requestheader-extra-headers-prefix=X-Remote-Extra- --requestheader-group-headers=X-Remote-Group
--requestheader-username-headers=X-Remote-User --secure-port=6443
--service-account-issuer=https://kubernetes.default.svc.cluster.local --service-account-key-file=/etc/kubernetes/pki/sa.pub
--service-account-signing-key-file=/etc/kubernetes/pki/sa.key --service-cluster-ip-range=10.96.0.0/12
--tls-cert-file=/etc/kubernetes/pki/apiserver.crt --tls-private-key-file=/etc/kubernetes/pki/apiserver.key`

func TestParseFlags(t *testing.T) {
	f, err := ParseFlags(strings.Fields(kubeadmFlags + " --v=2 --min-request-timeout=60"))
	if err != nil {
		t.Fatal(err)
	}
	c := f.Config()
	if c.AdvertiseAddress.String() != "172.18.0.2" || c.SecurePort != 6443 || c.ServiceCIDR.String() != "10.96.0.0/12" ||
		c.MinRequestTimeout != time.Minute || c.Audiences[0] != "https://kubernetes.default.svc.cluster.local" || f.Verbosity != 2 ||
		len(f.AuthorizationMode) != 2 || f.EnableAdmissionPlugins[0] != "NodeRestriction" || !f.EnableBootstrapTokenAuth {
		t.Errorf("%+v %+v", f, c)
	}
}

func TestBadFlags(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--frog=1", "unknown flag: --frog"},
		{"--secure-port=many", `invalid argument "many" for "--secure-port" flag: strconv.ParseInt: parsing "many": invalid syntax`},
		{"--secure-port=0", "--secure-port 0 must be between 1 and 65535, inclusive. It cannot be turned off with 0"},
		{"--authorization-mode=Frog", `authorization-mode "Frog" is not a valid mode`},
		{"--authorization-mode=RBAC", `authorization-mode ["Node" "RBAC" "RBAC"] has mode specified more than once`},
		{"--service-cluster-ip-range=10", "--service-cluster-ip-range must contain at least one valid cidr"},
		{"--service-account-issuer=", "service-account-issuer should not be an empty string"},
		{"--request-timeout=-1s", "--request-timeout can not be negative value"},
		{"run", `unknown command "run" for "kube-apiserver"`},
	} {
		if _, err := ParseFlags(append(strings.Fields(kubeadmFlags), c.args)); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.args, err, c.want)
		}
	}
	if _, err := ParseFlags(nil); err == nil || err.Error() != "--etcd-servers must be specified\n--service-account-signing-key-file and --service-account-issuer are required flags" {
		t.Errorf("no flags: %v", err)
	}
}
