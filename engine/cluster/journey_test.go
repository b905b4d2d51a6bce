package cluster_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubergarten/engine/cri"
	"kubergarten/engine/network"
	"kubergarten/engine/trace"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestPodJourney follows a pod with an init container, behind a Service, from
// the POST to the connection that another pod makes to it. The order of its
// stations is the order in which the rooms of this house are read.
func TestPodJourney(t *testing.T) {
	l := start(t, t.TempDir(), inMemory, 3)
	l.create(simple("visitor"))
	visitor := l.pod("visitor", running)
	l.createService("web", "10.96.0.80")
	l.seen(0, trace.Programmed, "services", "web", visitor.Spec.NodeName)
	l.seen(0, trace.Sliced, "services", "web", "")
	start := l.last()

	l.create(journeyer())
	l.seen(start, trace.Started, "pods", "web", "")
	l.seen(start, trace.Sliced, "services", "web", "") // an endpoint that is not ready
	waiting := l.pod("web", func(p *corev1.Pod) bool { return p.Status.PodIP != "" })
	init := l.last()
	l.exit(waiting, "init")
	web := l.pod("web", running)
	l.seen(init, trace.Sliced, "services", "web", "") // told when the answer to the write comes: others may be faster
	l.seen(init, trace.Programmed, "services", "web", visitor.Spec.NodeName)
	l.visit(l.sandbox(visitor), l.sandbox(web))
	l.happens(init, "the report that web runs", func(r trace.Record) bool {
		return r.Step == trace.Reported && r.Object.Name == "web" && strings.HasSuffix(r.Words, "Running")
	})
	l.seen(init, trace.Connected, "pods", "visitor", visitor.Spec.NodeName)

	records, _ := l.Trace().Since(start)
	got := strings.Join(journey(records, visitor.Spec.NodeName), "\n") + "\n"
	const golden = "testdata/pod-journey.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s\nall records:\n%s", golden, diff, plain(records))
	}
}

// journeyer is the pod that travels. It likes node-1, so that its way is the
// same each time.
func journeyer() *corev1.Pod {
	p := simple("web")
	p.Spec.InitContainers = []corev1.Container{{Name: "init", Image: "busybox"}}
	p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		PreferredDuringSchedulingIgnoredDuringExecution: []corev1.PreferredSchedulingTerm{{
			Weight: 100,
			Preference: corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{{
				Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{"node-1"},
			}}},
		}},
	}}
	return p
}

func (l *lab) createService(name, ip string) {
	l.t.Helper()
	svc := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.ServiceSpec{
		ClusterIP: ip, Selector: map[string]string{"app": name}, Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(8080)}},
	}}
	if _, err := l.kube().CoreV1().Services("default").Create(l.t.Context(), svc, metav1.CreateOptions{}); err != nil {
		l.t.Fatal(err)
	}
}

// last is the number of the newest trace record.
func (l *lab) last() uint64 {
	records, _ := l.Trace().Since(0)
	return records[len(records)-1].Seq
}

// seen waits for a step of an object, on a node if one is named, after the
// record of that number.
func (l *lab) seen(after uint64, step trace.Step, resource, name, node string) {
	l.t.Helper()
	l.happens(after, fmt.Sprintf("%s of %s %s on node %q", step, resource, name, node), func(r trace.Record) bool {
		return r.Step == step && r.Object.Resource == resource && r.Object.Name == name && (node == "" || r.Node == node)
	})
}

// happens waits for a record after the one of that number.
func (l *lab) happens(after uint64, what string, is func(trace.Record) bool) {
	l.t.Helper()
	timeout := time.After(patience)
	for {
		records, more := l.Trace().Since(after)
		if slices.ContainsFunc(records, is) {
			return
		}
		select {
		case <-more:
		case <-timeout:
			l.t.Fatalf("there was no %s; all records:\n%s", what, plain(records))
		}
	}
}

// exit lets a container of the pod end well.
func (l *lab) exit(pod *corev1.Pod, container string) {
	l.t.Helper()
	r := l.runtimes[pod.Spec.NodeName]
	all, err := r.ListContainers(l.t.Context(), nil)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, c := range all {
		if c.GetMetadata().GetName() == container {
			r.Exit(c.Id, cri.Exit{Reason: "Completed"})
		}
	}
}

// visit resolves the Service in the namespace of one pod, and connects to it,
// where the other answers.
func (l *lab) visit(from, to *network.Namespace) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), patience)
	defer cancel()
	server, err := to.Listen(netip.MustParseAddrPort("0.0.0.0:8080"))
	if err != nil {
		l.t.Fatal(err)
	}
	defer server.Close()
	go func() {
		if c, err := server.Accept(); err == nil {
			_, _ = io.WriteString(c, "welcome")
			c.Close()
		}
	}()
	conn, err := from.Dial(ctx, "tcp", netip.AddrPortFrom(l.resolve(ctx, from, "web.default.svc.cluster.local."), 80))
	if err != nil {
		l.t.Fatal(err)
	}
	defer conn.Close()
	if got, err := io.ReadAll(conn); err != nil || string(got) != "welcome" {
		l.t.Errorf("read %q, %v", got, err)
	}
}

func (l *lab) resolve(ctx context.Context, from *network.Namespace, name string) netip.Addr {
	l.t.Helper()
	conn, err := from.Dial(ctx, "udp", netip.MustParseAddrPort("10.96.0.10:53"))
	if err != nil {
		l.t.Fatal(err)
	}
	defer conn.Close()
	c := dns.Client{Timeout: patience}
	answer, _, err := c.ExchangeWithConnContext(ctx, new(dns.Msg).SetQuestion(name, dns.TypeA), &dns.Conn{Conn: conn})
	if err != nil || len(answer.Answer) != 1 {
		l.t.Fatalf("%s: %v, %v", name, answer, err)
	}
	addr, _ := netip.AddrFromSlice(answer.Answer[0].(*dns.A).A.To4())
	return addr
}
