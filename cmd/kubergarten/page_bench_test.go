package main

import (
	"bufio"
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"kubergarten/ui/browser"
)

// BenchmarkFirstPaint is the time from the start of a navigation to the first
// contentful paint, as chromium tells it, of the pages that KUBERGARTEN_PAGES
// names, or of the cluster's.
func BenchmarkFirstPaint(b *testing.B) {
	s := newServer(b)
	s.start()
	s.waitReady()
	tab := browser.New(b)
	tab.Do(browser.Open(s.link), browser.See("#start-nodes"))
	base := pageOf(s.link)
	for _, page := range strings.Fields(orDefault(os.Getenv("KUBERGARTEN_PAGES"), "/ /cluster /lessons /terminal /r/v1.pods")) {
		b.Run(page, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				tab.Do(browser.Open(base+page), browser.Wait(`performance.getEntriesByName("first-contentful-paint").length > 0`))
				ms := browser.Eval[float64](tab, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
				took = append(took, time.Duration(ms*float64(time.Millisecond)))
			}
			report(b, took)
		})
	}
}

// BenchmarkTabs is the time from the creation of a pod to the message that
// shows it in a tab: fifty tabs look at the cluster's page, or at the list of
// pods, while twenty pods are created and deleted in a second.
func BenchmarkTabs(b *testing.B) {
	for _, page := range []string{"/cluster", "/r/v1.pods"} {
		b.Run(page, func(b *testing.B) {
			s := newServer(b)
			s.start()
			s.waitReady()
			c := newChurn(b, s, page, 50)
			for b.Loop() {
				c.pod()
			}
			report(b, c.finish())
			s.stop()
		})
	}
}

func pageOf(link string) string { return link[:strings.Index(link, "/login")] }

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// A churn creates pods and deletes them, and knows when each tab showed them.
type churn struct {
	testing.TB
	kube  kubernetes.Interface
	every *time.Ticker
	tabs  int
	stop  context.CancelFunc

	mu    sync.Mutex
	born  map[string]time.Time
	seen  map[string]int // by how many tabs
	took  []time.Duration
	more  sync.Cond
	count int
}

// newChurn opens the tabs: one session, a stream each, as the page opens them.
func newChurn(tb testing.TB, s *server, page string, tabs int) *churn {
	tb.Helper()
	ctx, stop := context.WithCancel(context.Background())
	tb.Cleanup(stop)
	c := &churn{TB: tb, kube: s.kube(), every: time.NewTicker(50 * time.Millisecond), tabs: tabs, stop: stop, born: map[string]time.Time{}, seen: map[string]int{}}
	c.more.L = &c.mu
	jar, _ := cookiejar.New(nil)
	web := &http.Client{Jar: jar}
	c.get(ctx, web, s.link).Close()
	base := pageOf(s.link)
	body, _ := io.ReadAll(c.get(ctx, web, base+page))
	live := regexp.MustCompile(`data-live="([^"]+)"`).FindSubmatch(body)
	if live == nil {
		tb.Fatalf("%s has no stream", page)
	}
	where, _ := url.Parse(base)
	at, err := where.Parse(html.UnescapeString(string(live[1])))
	if err != nil {
		tb.Fatal(err)
	}
	for range tabs {
		go c.look(c.get(ctx, web, at.String()))
	}
	return c
}

func (c *churn) get(ctx context.Context, web *http.Client, where string) io.ReadCloser {
	c.Helper()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, where, nil)
	resp, err := web.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		c.Fatalf("GET %s: %v %v", where, resp, err)
	}
	return resp.Body
}

var churned = regexp.MustCompile(`churn-[0-9]+-x`)

// look reads a tab's stream.
func (c *churn) look(stream io.ReadCloser) {
	defer stream.Close()
	mine := map[string]bool{}
	for r := bufio.NewReaderSize(stream, 1<<20); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		now := time.Now()
		for _, name := range churned.FindAllString(line, -1) {
			if !mine[name] {
				mine[name] = true
				c.saw(name, now)
			}
		}
	}
}

func (c *churn) saw(name string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took = append(c.took, now.Sub(c.born[name]))
	c.seen[name]++
	c.more.Broadcast()
}

// pod creates a pod at its time, and deletes the one of two seconds before.
func (c *churn) pod() {
	<-c.every.C
	name := "churn-" + strconv.Itoa(c.count) + "-x"
	c.mu.Lock()
	c.born[name] = time.Now()
	c.mu.Unlock()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PodSpec{
		Containers: []corev1.Container{{Name: "main", Image: "busybox", Command: []string{"sleep", "1d"}}},
	}}
	if _, err := c.kube.CoreV1().Pods("default").Create(context.Background(), pod, metav1.CreateOptions{}); err != nil {
		c.Fatal(err)
	}
	if c.count >= 40 {
		now := int64(0)
		go c.kube.CoreV1().Pods("default").Delete(context.Background(), "churn-"+strconv.Itoa(c.count-40)+"-x", metav1.DeleteOptions{GracePeriodSeconds: &now}) //nolint:errcheck
	}
	c.count++
}

// finish waits until all tabs have shown all pods, and returns all times.
func (c *churn) finish() []time.Duration {
	c.Helper()
	late := time.AfterFunc(30*time.Second, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.Errorf("%d of %d showings came", len(c.took), c.count*c.tabs)
		c.count = 0
		c.more.Broadcast()
	})
	defer late.Stop()
	defer c.stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.took) < c.count*c.tabs {
		c.more.Wait()
	}
	return c.took
}
