package kubeadm

import (
	"crypto/x509"
	"encoding/pem"
	"io/fs"
	"net/netip"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"

	"kubergarten/engine/api"
	"kubergarten/engine/client"
	"kubergarten/engine/client/clienttest"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func config() Config {
	return Config{
		NodeName: "control-plane", NodeIP: netip.MustParseAddr("172.18.0.2"),
		PodCIDR: netip.MustParsePrefix("10.244.0.0/16"), ServiceCIDR: netip.MustParsePrefix("10.96.0.0/12"),
		DNSDomain: "cluster.local", ExternalNames: []string{"localhost", "127.0.0.1"}, Server: "https://127.0.0.1:6443", Now: now,
	}
}

// initialized is the files of a control-plane node.
func initialized(t *testing.T) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	if err := Init(root, config()); err != nil {
		t.Fatal(err)
	}
	return root
}

func read(t *testing.T, root *os.Root, name string) []byte {
	t.Helper()
	data, err := root.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// files is all files below root, with mode and content.
func files(t *testing.T, root *os.Root) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		out[name] = info.Mode().String() + "\n" + string(read(t, root, name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestInitWritesWhatKubeadmDoes(t *testing.T) {
	var got []string
	for name, content := range files(t, initialized(t)) {
		mode, _, _ := strings.Cut(content, "\n")
		got = append(got, mode+" "+name)
	}
	slices.Sort(got)
	want := []string{
		"-rw------- etc/kubernetes/admin.conf", "-rw------- etc/kubernetes/controller-manager.conf", "-rw------- etc/kubernetes/kubelet.conf",
		"-rw------- etc/kubernetes/manifests/etcd.yaml", "-rw------- etc/kubernetes/manifests/kube-apiserver.yaml",
		"-rw------- etc/kubernetes/manifests/kube-controller-manager.yaml", "-rw------- etc/kubernetes/manifests/kube-scheduler.yaml",
		"-rw------- etc/kubernetes/pki/apiserver.key", "-rw------- etc/kubernetes/pki/ca.key", "-rw------- etc/kubernetes/pki/sa.key",
		"-rw------- etc/kubernetes/scheduler.conf", "-rw-r--r-- etc/kubernetes/pki/apiserver.crt", "-rw-r--r-- etc/kubernetes/pki/ca.crt",
		"-rw-r--r-- etc/kubernetes/pki/sa.pub", "-rw-r--r-- var/lib/kubelet/config.yaml",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestInitTwiceChangesNothing(t *testing.T) {
	root := initialized(t)
	const edited = "etc/kubernetes/manifests/kube-scheduler.yaml"
	if err := root.WriteFile(edited, []byte("# a lesson\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	was := files(t, root)
	if err := Init(root, config()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(was, files(t, root)); diff != "" {
		t.Errorf("files (-first +second):\n%s", diff)
	}
}

func TestInitMakesWhatIsMissing(t *testing.T) {
	root := initialized(t)
	was := files(t, root)
	for _, name := range []string{"etc/kubernetes/admin.conf", "etc/kubernetes/manifests/etcd.yaml"} {
		if err := root.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := Init(root, config()); err != nil {
		t.Fatal(err)
	}
	is := files(t, root)
	if len(is) != len(was) || is["etc/kubernetes/manifests/etcd.yaml"] != was["etc/kubernetes/manifests/etcd.yaml"] || is["etc/kubernetes/pki/ca.crt"] != was["etc/kubernetes/pki/ca.crt"] {
		t.Error("what was missing did not come back, or something else changed")
	}
}

func certificate(t *testing.T, data []byte) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(data)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestTheServingCertificate(t *testing.T) {
	root := initialized(t)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(read(t, root, PKI+"/ca.crt"))
	cert := certificate(t, read(t, root, PKI+"/apiserver.crt"))
	for _, name := range []string{
		"control-plane", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
		"10.96.0.1", "172.18.0.2", "localhost", "127.0.0.1",
	} {
		if _, err := cert.Verify(x509.VerifyOptions{Roots: pool, DNSName: name, CurrentTime: now}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: pool, DNSName: "example.com", CurrentTime: now}); err == nil {
		t.Error("it passes for another server")
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err == nil {
		t.Error("it passes for a client")
	}
}

func TestKubeconfigs(t *testing.T) {
	root := initialized(t)
	ca := read(t, root, PKI+"/ca.crt")
	for _, tt := range []struct {
		file, server, user string
		groups             []string
	}{
		{"admin.conf", "https://127.0.0.1:6443", "kubernetes-admin", []string{"kubeadm:cluster-admins", "system:authenticated"}},
		{"controller-manager.conf", "https://172.18.0.2:6443", "system:kube-controller-manager", []string{"system:authenticated"}},
		{"scheduler.conf", "https://172.18.0.2:6443", "system:kube-scheduler", []string{"system:authenticated"}},
		{"kubelet.conf", "https://172.18.0.2:6443", "system:node:control-plane", []string{"system:nodes", "system:authenticated"}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			data := read(t, root, path.Join("etc/kubernetes", tt.file))
			rest, err := clientcmd.RESTConfigFromKubeConfig(data)
			if err != nil || rest.Host != tt.server {
				t.Errorf("server is %v (%v), want %s", rest, err, tt.server)
			}
			who, _, err := UserOf(data, ca, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]string{tt.user}, tt.groups...), append([]string{who.GetName()}, who.GetGroups()...)); diff != "" {
				t.Errorf("user (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUserOfRefuses(t *testing.T) {
	root := initialized(t)
	data, ca := string(read(t, root, AdminConf)), read(t, root, PKI+"/ca.crt")
	other, err := newCA("kubernetes", now)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		data string
		ca   []byte
		at   time.Time
		want string // the beginning
	}{
		{"nonsense", "\tnonsense", ca, now, "load kubeconfig: "},
		{"no such context", strings.Replace(data, "current-context: kubernetes-admin@kubernetes", "current-context: nosuch", 1), ca, now, "context was not found for specified context: nosuch"},
		{"no such user", strings.Replace(data, "user: kubernetes-admin\n", "user: nobody\n", 1), ca, now, `auth info "nobody" does not exist`},
		{"no certificate", strings.Replace(data, "client-certificate-data:", "other:", 1), ca, now, "client certificate: no certificate in PEM"},
		{"of another authority", data, other.cert, now, "Unauthorized: x509: certificate signed by unknown authority"},
		{"expired", data, ca, now.Add(certLife + time.Hour), "Unauthorized: x509: certificate has expired or is not yet valid"},
		{"not valid yet", data, ca, now.Add(-time.Hour), "Unauthorized: x509: certificate has expired or is not yet valid"},
		{"no authority", data, []byte("nonsense"), now, "client CA: no certificate in PEM"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			who, _, err := UserOf([]byte(tt.data), tt.ca, tt.at)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("user %v, error %v; want %s", who, err, tt.want)
			}
		})
	}
}

func TestUserOfATokenFile(t *testing.T) {
	const data = `{"current-context":"c","contexts":[{"name":"c","context":{"user":"u"}}],"users":[{"name":"u","user":{"tokenFile":"/token"}}]}`
	if who, file, err := UserOf([]byte(data), nil, now); err != nil || who != nil || file != "/token" {
		t.Errorf("got %v, %q, %v", who, file, err)
	}
}

// TestManifests: what Init writes are pods that the API server takes, and no
// field of them is misspelt.
func TestManifests(t *testing.T) {
	root := initialized(t)
	strict := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		t.Run(name, func(t *testing.T) {
			obj, _, err := strict.Decode(read(t, root, "etc/kubernetes/manifests/"+name+".yaml"), nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			pod := obj.(*corev1.Pod)
			if pod.Name != name || pod.Namespace != "kube-system" || pod.Spec.RuntimeClassName == nil || *pod.Spec.RuntimeClassName != "native" || pod.Spec.Containers[0].Command[0] != name {
				t.Errorf("pod is %s/%s: %v", pod.Namespace, pod.Name, pod.Spec.Containers[0].Command)
			}
			api.Default(pod)
			if errs := api.PodRules().Create(t.Context(), pod); len(errs) > 0 {
				t.Error(errs.ToAggregate())
			}
		})
	}
}

func TestInitNode(t *testing.T) {
	control := initialized(t)
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := InitNode(root, control, config(), "node-1"); err != nil {
		t.Fatal(err)
	}
	who, _, err := UserOf(read(t, root, "etc/kubernetes/kubelet.conf"), read(t, control, PKI+"/ca.crt"), now)
	if err != nil || who.GetName() != "system:node:node-1" {
		t.Errorf("the kubelet is %v (%v)", who, err)
	}
	if _, err := root.Stat(PKI + "/ca.key"); err == nil {
		t.Error("a worker has the authority's key")
	}
	empty, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Close()
	if err := InitNode(empty, empty, config(), "node-1"); err == nil || err.Error() != "make /etc/kubernetes/pki/ca: no certificate authority" {
		t.Errorf("without an authority: %v", err)
	}
}

func TestBootstrap(t *testing.T) {
	server := clienttest.New(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "control-plane"}})
	if err := Bootstrap(t.Context(), server, config()); err != nil {
		t.Fatal(err)
	}
	services := client.For[*corev1.Service](server)
	dns, err := services.Get(t.Context(), "kube-system", "kube-dns")
	if err != nil || dns.Spec.ClusterIP != "10.96.0.10" {
		t.Fatalf("kube-dns is at %v (%v)", dns.Spec.ClusterIP, err)
	}
	edited := dns.DeepCopy()
	edited.Labels = map[string]string{"edited": "yes"}
	if _, err := services.Update(t.Context(), edited); err != nil {
		t.Fatal(err)
	}
	if err := Bootstrap(t.Context(), server, config()); err != nil {
		t.Fatal(err)
	}
	if dns, err = services.Get(t.Context(), "kube-system", "kube-dns"); err != nil || dns.Labels["edited"] != "yes" {
		t.Errorf("a second start overwrote what was edited: %v (%v)", dns.Labels, err)
	}
	if err := MarkControlPlane(t.Context(), server, "control-plane"); err != nil {
		t.Fatal(err)
	}
	node, err := client.For[*corev1.Node](server).Get(t.Context(), "", "control-plane")
	if _, ok := node.Labels["node-role.kubernetes.io/control-plane"]; !ok || err != nil {
		t.Errorf("labels are %v (%v)", node.Labels, err)
	}
}

// FuzzUserOf: a kubeconfig file may hold anything; nobody comes of it but whom the
// authority vouches for.
func FuzzUserOf(f *testing.F) {
	ca, err := newCA("kubernetes", now)
	if err != nil {
		f.Fatal(err)
	}
	good, err := kubeconfig(ca, "kubernetes", "https://127.0.0.1:6443", "admin", nil, now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"current-context":"c","contexts":[{"name":"c","context":{"user":"u"}}],"users":[{"name":"u","user":{}}]}`))
	f.Add([]byte("contexts: [null]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		who, _, err := UserOf(data, ca.cert, now)
		if err == nil && who != nil && who.GetName() != "admin" {
			t.Errorf("%q passes", who.GetName())
		}
	})
}
