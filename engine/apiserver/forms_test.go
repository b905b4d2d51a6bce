package apiserver

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"kubergarten/engine/api"
	"kubergarten/engine/client"
)

const asTable = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"

func TestForms(t *testing.T) {
	h := newHarness(t)
	h.call("POST", podsPath, podJSON).want(t, 201, "")
	t.Run("table", func(t *testing.T) {
		a := h.call("GET", podsPath, "", "Accept", asTable).want(t, 200, "")
		var table metav1.Table
		if err := json.Unmarshal([]byte(a.body), &table); err != nil {
			t.Fatal(err)
		}
		if table.Kind != "Table" || table.APIVersion != "meta.k8s.io/v1" || len(table.Rows) != 1 || table.Rows[0].Cells[0] != "web" {
			t.Errorf("%s", a.body)
		}
		var row metav1.PartialObjectMetadata
		if err := json.Unmarshal(table.Rows[0].Object.Raw, &row); err != nil || row.Kind != "PartialObjectMetadata" || row.Name != "web" {
			t.Errorf("row %s: %v", table.Rows[0].Object.Raw, err)
		}
	})
	t.Run("table with objects", func(t *testing.T) {
		a := h.call("GET", podsPath+"?includeObject=Object", "", "Accept", asTable).want(t, 200, "")
		if row := a.field(t, "rows").([]any)[0].(map[string]any)["object"].(map[string]any); row["kind"] != "Pod" || row["spec"] == nil {
			t.Errorf("%v", row)
		}
	})
	t.Run("table, bad option", func(t *testing.T) {
		h.call("GET", podsPath+"?includeObject=Frog", "", "Accept", asTable).want(t, 400, "")
	})
	t.Run("metadata", func(t *testing.T) {
		a := h.call("GET", podsPath+"/web", "", "Accept", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io").want(t, 200, "")
		if a.field(t, "kind") != "PartialObjectMetadata" || a.field(t, "spec") != nil {
			t.Errorf("%s", a.body)
		}
		a = h.call("GET", podsPath, "", "Accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io").want(t, 200, "")
		if a.field(t, "kind") != "PartialObjectMetadataList" || len(a.field(t, "items").([]any)) != 1 {
			t.Errorf("%s", a.body)
		}
		h.call("GET", podsPath+"/web", "", "Accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io").
			want(t, 406, "you requested PartialObjectMetadataList, but the requested object is not a list (*v1.Pod)")
	})
	t.Run("yaml", func(t *testing.T) {
		a := h.call("GET", podsPath+"/web", "", "Accept", "application/yaml").want(t, 200, "")
		if a.header.Get("Content-Type") != "application/yaml" || !strings.HasPrefix(a.body, "apiVersion: v1\nkind: Pod\n") {
			t.Errorf("%s: %.50q", a.header.Get("Content-Type"), a.body)
		}
	})
	t.Run("pretty", func(t *testing.T) {
		if a := h.call("GET", podsPath+"/web?pretty=true", ""); !strings.HasPrefix(a.body, "{\n  \"kind\": \"Pod\",") {
			t.Errorf("%.50q", a.body)
		}
		if a := h.call("GET", podsPath+"/web", "", "User-Agent", "curl/8"); !strings.HasPrefix(a.body, "{\n") {
			t.Errorf("%.50q", a.body)
		}
	})
	t.Run("protobuf", func(t *testing.T) {
		a := h.call("GET", podsPath+"/web", "", "Accept", "application/vnd.kubernetes.protobuf").want(t, 200, "")
		obj, err := runtime.Decode(api.Codecs().UniversalDeserializer(), []byte(a.body))
		if err != nil || obj.(*corev1.Pod).Name != "web" {
			t.Fatalf("%v: %v", obj, err)
		}
		pod := makePod("default", "proto")
		pod.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
		info, _ := runtime.SerializerInfoForMediaType(api.Codecs().SupportedMediaTypes(), runtime.ContentTypeProtobuf)
		var b bytes.Buffer
		if err := info.Serializer.Encode(pod, &b); err != nil {
			t.Fatal(err)
		}
		h.call("POST", podsPath, b.String(), "Content-Type", runtime.ContentTypeProtobuf).want(t, 201, "")
	})
}

func TestGzip(t *testing.T) {
	h := newHarness(t)
	big := strings.Replace(podJSON, `"labels":{"app":"web"}`, `"annotations":{"x":"`+strings.Repeat("x", gzipFrom)+`"}`, 1)
	h.call("POST", podsPath, big).want(t, 201, "")
	if a := h.call("GET", podsPath, "", "Accept-Encoding", "gzip"); a.header.Get("Content-Encoding") != "gzip" || len(a.body) > gzipFrom/10 {
		t.Errorf("%v, %d bytes", a.header, len(a.body))
	}
	if a := h.call("GET", podsPath, "", "Accept-Encoding", "identity"); a.header.Get("Content-Encoding") != "" || len(a.body) < gzipFrom {
		t.Errorf("%v, %d bytes", a.header, len(a.body))
	}
}

// watchLines reads lines of a watch until it has n.
func (h *harness) watchLines(path, accept string, n int) []string {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, "GET", h.http.URL+path, nil)
	r.Header.Set("Authorization", "Bearer alice")
	r.Header.Set("Accept", accept)
	resp, err := h.client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		h.t.Fatalf("watch: %s", resp.Status)
	}
	var lines []string
	for sc := bufio.NewScanner(resp.Body); len(lines) < n && sc.Scan(); {
		lines = append(lines, sc.Text())
	}
	return lines
}

func TestWatch(t *testing.T) {
	h := newHarness(t)
	h.call("POST", podsPath, podJSON).want(t, 201, "")
	h.call("POST", podsPath, strings.Replace(podJSON, `"name":"web"`, `"name":"two"`, 1)).want(t, 201, "")
	t.Run("json", func(t *testing.T) {
		lines := h.watchLines(podsPath+"?watch=true", "application/json", 2)
		if !strings.HasPrefix(lines[0], `{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1",`) {
			t.Errorf("%.80s", lines[0])
		}
	})
	t.Run("table: columns only in the first event", func(t *testing.T) {
		lines := h.watchLines(podsPath+"?watch=1", asTable, 2)
		if !strings.Contains(lines[0], `"columnDefinitions":[{`) || strings.Contains(lines[1], `"columnDefinitions":[{`) {
			t.Errorf("%s\n%s", lines[0], lines[1])
		}
	})
	t.Run("one object", func(t *testing.T) {
		lines := h.watchLines(podsPath+"?watch=1&fieldSelector=metadata.name%3Dweb", "application/json", 1)
		if !strings.Contains(lines[0], `"name":"web"`) {
			t.Errorf("%s", lines[0])
		}
	})
	t.Run("old path", func(t *testing.T) {
		lines := h.watchLines("/api/v1/watch/namespaces/default/pods/web", "application/json", 1)
		if !strings.Contains(lines[0], `"name":"web"`) {
			t.Errorf("%s", lines[0])
		}
	})
	t.Run("ends after timeoutSeconds", func(t *testing.T) {
		if lines := h.watchLines(podsPath+"?watch=1&timeoutSeconds=1", "application/json", 3); len(lines) != 2 {
			t.Errorf("%d lines", len(lines))
		}
	})
}

func TestLocal(t *testing.T) {
	h := newHarness(t)
	alice := h.As(userNamed("alice"))
	pod := makePod("default", "local")
	out, err := client.For[*corev1.Pod](alice).Create(t.Context(), pod)
	if err != nil {
		t.Fatal(err)
	}
	if out == pod || pod.UID != "" || out.UID == "" || out.Spec.RestartPolicy != corev1.RestartPolicyAlways {
		t.Errorf("in %+v out %+v", pod.ObjectMeta, out.ObjectMeta)
	}
	got, err := client.For[*corev1.Pod](alice).Get(t.Context(), "default", "local")
	if err != nil || got != out {
		t.Errorf("what comes out is not shared: %p %p %v", got, out, err)
	}
	if _, err := client.For[*corev1.Pod](h.As(userNamed("bob"))).Get(t.Context(), "default", "local"); err == nil || err.Error() != `pods "local" is forbidden: User "bob" cannot get resource "pods" in API group "" in the namespace "default"` {
		t.Errorf("bob: %v", err)
	}
	next := got.DeepCopy()
	next.Labels = map[string]string{"a": "b"}
	if _, err := client.For[*corev1.Pod](alice).Update(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if _, err := client.For[*corev1.Pod](alice).Update(t.Context(), next); err == nil {
		t.Error("an update of an old version was not refused")
	}
	list, err := client.For[*corev1.Pod](alice).List(t.Context(), "", metav1.ListOptions{LabelSelector: "a=b"})
	if err != nil || len(list) != 1 {
		t.Errorf("list %v: %v", list, err)
	}
	if err := client.For[*corev1.Pod](alice).Delete(t.Context(), "default", "local", metav1.DeleteOptions{}); err != nil {
		t.Error(err)
	}
}
