package guesttest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ip is a pod's address.
func (l *lab) ip(t testing.TB, pod string) string {
	t.Helper()
	s, err := l.PodSandboxStatus(context.Background(), pod)
	must(t, err)
	return s.GetNetwork().GetIp()
}

func TestNslookup(t *testing.T) {
	l := getLab(t)
	id := l.busybox(t)
	const server = "Server:    172.18.0.3\nAddress 1: 172.18.0.3 kube-dns.kube-system.svc.cluster.local\n\n"
	for _, tt := range []struct {
		host, want string
		code       int32
	}{
		{"kubernetes.default", server + "Name:      kubernetes.default\nAddress 1: 10.96.0.1 kubernetes.default.svc.cluster.local\n", 0},
		{"web", server + "Name:      web\nAddress 1: 10.244.1.77 web.default.svc.cluster.local\n", 0},
		{"web.default.svc.cluster.local.", server + "Name:      web.default.svc.cluster.local.\nAddress 1: 10.244.1.77 web.default.svc.cluster.local\n", 0},
		{"web.", server + "nslookup: can't resolve 'web.'\n", 1},
		{"myservice.default.svc.cluster.local", server + "nslookup: can't resolve 'myservice.default.svc.cluster.local'\n", 1},
		{"10.96.0.1", server + "Name:      10.96.0.1\nAddress 1: 10.96.0.1 kubernetes.default.svc.cluster.local\n", 0},
	} {
		got, code := l.sh(t, id, "nslookup "+tt.host+" 2>&1")
		if d := cmp.Diff(tt.want, got); d != "" || code != tt.code {
			t.Errorf("%s: exit %d\n%s", tt.host, code, d)
		}
	}
}

func TestNginx(t *testing.T) {
	l := getLab(t)
	pod := l.pod(t)
	web := l.run(t, pod, "nginx:1.27.4")
	ip := l.ip(t, pod)
	id := l.busybox(t)
	eventually(t, func() string { return l.logs(t, web) }, "start worker processes")
	get := func(script string) string {
		out, _ := l.sh(t, id, strings.ReplaceAll(script, "IP", ip))
		return out
	}
	for _, tt := range []struct{ script, want string }{
		{"wget -qO- http://IP", "<h1>Welcome to nginx!</h1>"},
		{"wget -qO- http://IP/nope", "wget: server returned error: HTTP/1.1 404 Not Found\n"},
		{"wget -S --spider http://IP 2>&1", "Server: nginx/1.27.4"},
		{"wget --spider http://IP 2>&1", "remote file exists"},
		{"wget -O /dev/null http://IP 2>&1", "Connecting to IP (IP:80)"},
		{"printf 'GET / HTTP/1.1\\r\\nHost: x\\r\\nRange: bytes=0-8\\r\\nConnection: close\\r\\n\\r\\n' | nc IP 80", "206 Partial Content"},
		{"printf 'POST / HTTP/1.0\\r\\n\\r\\n' | nc IP 80", "405 Not Allowed"},
		{"printf 'garbage\\r\\n\\r\\n' | nc IP 80", "<center><h1>400 Bad Request</h1></center>"},
		{"wget -qO- http://IP:81", "wget: can't connect to remote host (IP): Connection refused\n"},
		{"wget -qO- http://nope", "wget: bad address 'nope'\n"},
	} {
		if got := get(tt.script); !strings.Contains(got, strings.ReplaceAll(tt.want, "IP", ip)) {
			t.Errorf("%s:\n%s\nwant %q", tt.script, got, tt.want)
		}
	}
	log := l.logs(t, web)
	for _, want := range []string{
		`"GET / HTTP/1.1" 200 `, `"GET /nope HTTP/1.1" 404 `, `open() "/usr/share/nginx/html/nope" failed (2: No such file or directory)`, `"Wget"`,
	} {
		if !strings.Contains(log, want) {
			t.Errorf("log has no %q:\n%s", want, log)
		}
	}
	out, _ := l.sh(t, web, "nginx -v; nginx -t; ps | grep -v ps; nginx -s reload")
	if !strings.Contains(out, "nginx version: nginx/1.27.4\n") || !strings.Contains(out, "test is successful") {
		t.Error(out)
	}
	eventually(t, func() string { return l.logs(t, web) }, "reconfiguring")
	bad, code := l.sh(t, web, "echo 'server { lisen 80; }' >/etc/nginx/conf.d/x.conf; nginx -t; echo $?; rm /etc/nginx/conf.d/x.conf")
	if !strings.Contains(bad, `nginx: [emerg] unknown directive "lisen" in /etc/nginx/conf.d/x.conf:1`) || code != 0 {
		t.Error(bad)
	}
	must(t, l.StopContainer(context.Background(), web, time.Minute))
	s, err := l.ContainerStatus(context.Background(), web)
	must(t, err)
	if s.ExitCode != 0 || !strings.Contains(l.logs(t, web), "signal 3 (SIGQUIT) received, shutting down") {
		t.Errorf("exit code %d\n%s", s.ExitCode, l.logs(t, web))
	}
}

func TestServers(t *testing.T) {
	l := getLab(t)
	id := l.busybox(t)
	for _, tt := range []struct {
		image, port string
		command     []string
		want        string
	}{
		{"hashicorp/http-echo", "5678", []string{"/http-echo", "-text=hello"}, "hello\n"},
		{"traefik/whoami", "80", nil, "Hostname: pod-"},
		{"busybox", "8080", []string{"sh", "-c", "mkdir /www; echo page >/www/index.html; httpd -f -p 8080 -h /www"}, "page\n"},
		{"busybox", "8080", []string{"sh", "-c", "echo page >index.html; httpd -p 8080; sleep 3600"}, "page\n"},
		{"busybox", "9000", []string{"sh", "-c", `while true; do printf 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnc\n' | nc -l -p 9000; done`}, "nc\n"},
	} {
		pod := l.pod(t)
		c := l.run(t, pod, tt.image, tt.command...)
		url := fmt.Sprintf("http://%s:%s", l.ip(t, pod), tt.port)
		eventually(t, func() string { out, _ := l.sh(t, id, "wget -qO- "+url+" 2>&1"); return out + l.logs(t, c) }, tt.want)
		must(t, l.RemovePodSandbox(context.Background(), pod))
	}
}
