package guesttest

import "testing"

func TestHello(t *testing.T) {
	l := getLab(t)
	id := l.busybox(t)
	for _, s := range []string{"echo hi", "echo hi | cat", "ls / ; ps; id; hostname; uname -a; env; pwd", "cat /etc/resolv.conf; nslookup kubernetes.default; nslookup nope", "ls -l /bin | head -3; df; mount; ip a; ip route; ping -c 2 127.0.0.1; free; uptime"} {
		out, code := l.sh(t, id, s)
		t.Logf("%s -> %d\n%s", s, code, out)
	}
}
