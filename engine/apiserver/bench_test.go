package apiserver

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/engine/client"
)

// BenchmarkStart is a cluster with a store in memory, from nothing to ready.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		newCluster(b, quiet)
	}
}

func (c *cluster) client() *http.Client {
	h := &harness{}
	h.dial(c)
	return h.client
}

func do(b *testing.B, c *http.Client, method, url, body string, code int) {
	r, _ := http.NewRequestWithContext(b.Context(), method, url, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer alice")
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if resp.StatusCode != code {
		b.Fatalf("%s %s: %s", method, url, resp.Status)
	}
}

func BenchmarkHTTP(b *testing.B) {
	c := newCluster(b, quiet)
	hc := c.client()
	url := c.url + "/api/v1/namespaces/default/pods"
	create := func(i int) {
		do(b, hc, "POST", url, strings.Replace(podJSON, `"name":"web"`, fmt.Sprintf(`"name":"web-%d"`, i), 1), 201)
	}
	n := 0
	b.Run("create", func(b *testing.B) {
		for b.Loop() {
			create(n)
			n++
		}
	})
	for ; n < 500; n++ {
		create(n)
	}
	b.Run("get", func(b *testing.B) {
		for b.Loop() {
			do(b, hc, "GET", url+"/web-0", "", 200)
		}
	})
	b.Run("list 500", func(b *testing.B) {
		for b.Loop() {
			do(b, hc, "GET", url+"?limit=500", "", 200)
		}
	})
}

func BenchmarkLocal(b *testing.B) {
	c := newCluster(b, quiet)
	api := client.New(c.door, userNamed("alice"))
	pods := client.For[*corev1.Pod](api)
	n := 0
	b.Run("create", func(b *testing.B) {
		for b.Loop() {
			if _, err := pods.Create(b.Context(), makePod("default", fmt.Sprintf("p-%d", n))); err != nil {
				b.Fatal(err)
			}
			n++
		}
	})
	b.Run("get", func(b *testing.B) {
		for b.Loop() {
			if _, err := pods.Get(b.Context(), "default", "p-0"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("update status", func(b *testing.B) {
		pod, _ := pods.Get(b.Context(), "default", "p-0")
		for i := 0; b.Loop(); i++ {
			pod = pod.DeepCopy()
			pod.Status.Message = fmt.Sprint(i)
			var err error
			if pod, err = pods.UpdateStatus(b.Context(), pod); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if _, err := pods.List(b.Context(), "default", metav1.ListOptions{Limit: 100}); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, watchers := range []int{1, 100} {
		b.Run(fmt.Sprintf("create with %d watches", watchers), func(b *testing.B) {
			for range watchers {
				w, err := pods.Watch(b.Context(), "default", metav1.ListOptions{})
				if err != nil {
					b.Fatal(err)
				}
				go func() {
					for range w.ResultChan() {
					}
				}()
				defer w.Stop()
			}
			for b.Loop() {
				if _, err := pods.Create(b.Context(), makePod("default", fmt.Sprintf("p-%d", n))); err != nil {
					b.Fatal(err)
				}
				n++
			}
		})
	}
}
