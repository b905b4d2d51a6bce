package api

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
)

// columns are the names of a table's columns; those of -o wide are in parentheses.
func columns(t *metav1.Table) string {
	var names []string
	for _, c := range t.ColumnDefinitions {
		if c.Priority > 0 {
			c.Name = "(" + c.Name + ")"
		}
		names = append(names, c.Name)
	}
	return strings.Join(names, "|")
}

// TestTableColumns lists what kubectl get prints, as upstream's users know it.
func TestTableColumns(t *testing.T) {
	want := map[string]string{
		"pods":                   "Name|Ready|Status|Restarts|Age|(IP)|(Node)|(Nominated Node)|(Readiness Gates)",
		"nodes":                  "Name|Status|Roles|Age|Version|(Internal-IP)|(External-IP)|(OS-Image)|(Kernel-Version)|(Container-Runtime)",
		"services":               "Name|Type|Cluster-IP|External-IP|Port(s)|Age|(Selector)",
		"endpoints":              "Name|Endpoints|Age",
		"endpointslices":         "Name|AddressType|Ports|Endpoints|Age",
		"namespaces":             "Name|Status|Age",
		"configmaps":             "Name|Data|Age",
		"secrets":                "Name|Type|Data|Age",
		"serviceaccounts":        "Name|Age",
		"events":                 "Last Seen|Type|Reason|Object|(Subobject)|(Source)|Message|(First Seen)|(Count)|(Name)",
		"replicationcontrollers": "Name|Desired|Current|Ready|Age|(Containers)|(Images)|(Selector)",
		"replicasets":            "Name|Desired|Current|Ready|Age|(Containers)|(Images)|(Selector)",
		"deployments":            "Name|Ready|Up-to-date|Available|Age|(Containers)|(Images)|(Selector)",
		"daemonsets":             "Name|Desired|Current|Ready|Up-to-date|Available|Node Selector|Age|(Containers)|(Images)|(Selector)",
		"controllerrevisions":    "Name|Controller|Revision|Age",
		"leases":                 "Name|Holder|Age",
		"runtimeclasses":         "Name|Handler|Age",
		"priorityclasses":        "Name|Value|Global-Default|Age|PreemptionPolicy",
		"roles":                  "Name|Created At",
		"clusterroles":           "Name|Created At",
		"rolebindings":           "Name|Role|Age|(Users)|(Groups)|(ServiceAccounts)",
		"clusterrolebindings":    "Name|Role|Age|(Users)|(Groups)|(ServiceAccounts)",
	}
	for _, r := range Resources() {
		if r.Prefix == "" {
			continue
		}
		table, err := Table(t.Context(), r.NewList(), nil)
		if err != nil {
			t.Errorf("%s: %v", r.GVR(), err)
			continue
		}
		if got := columns(table); got != want[r.Plural] {
			t.Errorf("%s:\n\t%s\nwant\n\t%s", r.GVR(), got, want[r.Plural])
		}
	}
}

func TestTableRows(t *testing.T) {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "myapp-pod", Namespace: "default"},
		Spec:       corev1.PodSpec{NodeName: "node-1", InitContainers: []corev1.Container{{Name: "a"}, {Name: "b"}}, Containers: []corev1.Container{{Name: "c"}}},
		Status: corev1.PodStatus{
			Phase: corev1.PodPending, PodIP: "10.244.1.2", PodIPs: []corev1.PodIP{{IP: "10.244.1.2"}},
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "a", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}, {Name: "b", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "PodInitializing"}}}},
		},
	}
	table, err := Table(t.Context(), &corev1.PodList{Items: []corev1.Pod{*p, *p}, ListMeta: metav1.ListMeta{ResourceVersion: "7"}}, &metav1.TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []any{"myapp-pod", "0/1", "Init:0/2", "0", "<unknown>", "10.244.1.2", "node-1", "<none>", "<none>"}
	if len(table.Rows) != 2 || table.ResourceVersion != "7" {
		t.Fatalf("table is %+v", table)
	}
	for _, row := range table.Rows {
		if diff := cmp.Diff(want, row.Cells); diff != "" {
			t.Error(diff)
		}
		if got, ok := row.Object.Object.(*corev1.Pod); !ok || got.Name != "myapp-pod" {
			t.Errorf("row of %T", row.Object.Object)
		}
	}
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: appsv1.DeploymentSpec{Replicas: ptr.To[int32](3)}, Status: appsv1.DeploymentStatus{ReadyReplicas: 2, UpdatedReplicas: 3, AvailableReplicas: 2}}
	table, err = Table(t.Context(), d, &metav1.TableOptions{NoHeaders: true})
	if err != nil || table.ColumnDefinitions != nil {
		t.Fatalf("%v, %v", table, err)
	}
	if diff := cmp.Diff([]any{"web", "2/3", int64(3), int64(2)}, table.Rows[0].Cells[:4]); diff != "" {
		t.Error(diff)
	}
	if table.Rows[0].Object.Object != runtime.Object(d) {
		t.Errorf("row of %T", table.Rows[0].Object.Object)
	}
	if _, err := Table(t.Context(), d, &corev1.Pod{}); err == nil || err.Error() != "unrecognized type *v1.Pod for table options, can't display tabular output" {
		t.Errorf("error is %v", err)
	}
}
