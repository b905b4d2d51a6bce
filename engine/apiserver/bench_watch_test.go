package apiserver

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// BenchmarkHTTPWatch is one create, until every watch has its line.
func BenchmarkHTTPWatch(b *testing.B) {
	for _, watches := range []int{1, 100} {
		b.Run(fmt.Sprint(watches), func(b *testing.B) {
			c := newCluster(b, quiet)
			hc := c.client()
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			var seen sync.WaitGroup
			for range watches {
				watchPods(ctx, b, hc, c.url, seen.Done)
			}
			n := 0
			for b.Loop() {
				seen.Add(watches)
				do(b, hc, "POST", c.url+podsPath, strings.Replace(podJSON, `"name":"web"`, fmt.Sprintf(`"name":"w-%d"`, n), 1), 201)
				seen.Wait()
				n++
			}
		})
	}
}

// watchPods calls got for each line of a watch of pods.
func watchPods(ctx context.Context, b *testing.B, hc *http.Client, url string, got func()) {
	b.Helper()
	r, _ := http.NewRequestWithContext(ctx, "GET", url+podsPath+"?watch=1", nil)
	r.Header.Set("Authorization", "Bearer alice")
	resp, err := hc.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		defer resp.Body.Close()
		sc := bufio.NewScanner(resp.Body)
		sc.Buffer(nil, 1<<20)
		for sc.Scan() {
			got()
		}
	}()
}
