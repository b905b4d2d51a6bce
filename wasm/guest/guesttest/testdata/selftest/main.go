// Command selftest is an ordinary Go program: it knows nothing of where it
// runs. Each check prints its name and what it saw.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 {
		child(os.Args[1])
	}
	for _, c := range []struct {
		name string
		run  func() (string, error)
	}{
		{"http", checkHTTP},
		{"refused", refused},
		{"timeout", dialTimeout},
		{"resolve", resolve},
		{"udp", udp},
		{"pipe", pipe},
		{"exec", execute},
		{"exec fails", execFails},
		{"kill", kill},
		{"wait blocks no one", waiting},
		{"signal", signals},
		{"half close", halfClose},
		{"files", files},
		{"identity", identity},
		{"interfaces", interfaces},
		{"in use", inUse},
		{"deadline", deadline},
	} {
		out, err := c.run()
		if err != nil {
			out = "error: " + err.Error()
		}
		fmt.Printf("%s: %s\n", c.name, out)
	}
}

func child(what string) {
	switch what {
	case "env":
		dir, _ := os.Getwd()
		fmt.Print(os.Getenv("A"), " ", dir)
	case "cat":
		io.Copy(os.Stdout, os.Stdin)
	case "fail":
		fmt.Fprint(os.Stderr, "bad")
		os.Exit(3)
	case "sleep":
		time.Sleep(time.Hour)
	}
	os.Exit(0)
}

func checkHTTP() (string, error) {
	l, err := net.Listen("tcp", ":8080")
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s", r.Method, host, body)
	})
	s := &http.Server{Handler: mux}
	go s.Serve(l)
	defer s.Shutdown(context.Background())
	resp, err := http.Post("http://localhost:8080/", "text/plain", strings.NewReader("hi"))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.Status + " " + string(body), err
}

func refused() (string, error) {
	_, err := net.Dial("tcp", "127.0.0.1:1")
	return fmt.Sprint(err, " ", errors.Is(err, syscall.ECONNREFUSED)), nil
}

func dialTimeout() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	time.Sleep(2 * time.Millisecond)
	var d net.Dialer
	_, err = d.DialContext(ctx, "tcp", l.Addr().String())
	var ne net.Error
	return fmt.Sprint(errors.As(err, &ne) && ne.Timeout()), nil
}

func resolve() (string, error) {
	a, err := net.LookupHost("kubernetes.default")
	if err != nil {
		return "", err
	}
	_, err = net.LookupHost("nope.example.")
	var d *net.DNSError
	return fmt.Sprint(a, errors.As(err, &d) && d.IsNotFound), nil
}

func udp() (string, error) {
	s, err := net.ListenPacket("udp", "127.0.0.1:9999")
	if err != nil {
		return "", err
	}
	defer s.Close()
	go func() {
		b := make([]byte, 100)
		n, from, _ := s.ReadFrom(b)
		s.WriteTo([]byte(strings.ToUpper(string(b[:n]))), from)
	}()
	c, err := net.Dial("udp", "127.0.0.1:9999")
	if err != nil {
		return "", err
	}
	defer c.Close()
	fmt.Fprint(c, "ping")
	b := make([]byte, 100)
	n, err := c.Read(b)
	return string(b[:n]), err
}

func pipe() (string, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	go func() {
		io.WriteString(w, strings.Repeat("x", 300000))
		w.Close()
	}()
	b, err := io.ReadAll(r)
	return fmt.Sprint(len(b)), err
}

func self(arg string) *exec.Cmd { return exec.Command(os.Args[0], arg) }

func execute() (string, error) {
	os.Mkdir("/tmp/d", 0o755)
	cmd := self("env")
	cmd.Dir, cmd.Env = "/tmp/d", []string{"A=b", "PATH=" + os.Getenv("PATH")}
	a, err := cmd.Output()
	if err != nil {
		return "", err
	}
	cmd = self("cat")
	cmd.Stdin = strings.NewReader("through")
	b, err := cmd.Output()
	return string(a) + " " + string(b), err
}

func execFails() (string, error) {
	_, err := self("fail").Output()
	var e *exec.ExitError
	if !errors.As(err, &e) {
		return "", err
	}
	_, missing := exec.LookPath("nosuch")
	return fmt.Sprint(e, " ", string(e.Stderr), " ", missing), nil
}

func kill() (string, error) {
	cmd := self("sleep")
	if err := cmd.Start(); err != nil {
		return "", err
	}
	cmd.Process.Kill()
	return fmt.Sprint(cmd.Wait()), nil
}

func waiting() (string, error) {
	cmd := self("sleep")
	if err := cmd.Start(); err != nil {
		return "", err
	}
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { defer wg.Done(); cmd.Wait() }()
	time.Sleep(10 * time.Millisecond)
	cmd.Process.Signal(syscall.SIGTERM)
	wg.Wait()
	return cmd.ProcessState.String(), nil
}

func signals() (string, error) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	p, err := os.FindProcess(os.Getpid())
	if err != nil {
		return "", err
	}
	if err := p.Signal(syscall.SIGUSR1); err != nil {
		return "", err
	}
	s := <-c
	signal.Stop(c)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	p.Signal(syscall.SIGTERM)
	<-ctx.Done()
	return s.String(), nil
}

func halfClose() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err == nil {
			b, _ := io.ReadAll(c)
			fmt.Fprintf(c, "got %d", len(b))
			c.Close()
		}
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return "", err
	}
	defer c.Close()
	io.WriteString(c, strings.Repeat("y", 1<<20))
	c.(*net.TCPConn).CloseWrite()
	b, err := io.ReadAll(c)
	return string(b), err
}

func files() (string, error) {
	dir, err := os.MkdirTemp("", "x")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "f")
	if err := os.WriteFile(name, []byte("text"), 0o600); err != nil {
		return "", err
	}
	if err := os.Chmod(name, 0o754); err != nil {
		return "", err
	}
	fi, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	os.Symlink("f", filepath.Join(dir, "l"))
	b, err := os.ReadFile(filepath.Join(dir, "l"))
	if err != nil {
		return "", err
	}
	return fmt.Sprint(fi.Mode(), " ", string(b), " ", os.RemoveAll(dir)), nil
}

func identity() (string, error) {
	host, err := os.Hostname()
	return fmt.Sprint(strings.HasPrefix(host, "pod-"), " ", os.Getpid() > 0, " ", os.Getuid()), err
}

func interfaces() (string, error) {
	list, err := net.Interfaces()
	names := ""
	for _, i := range list {
		names += i.Name + " "
	}
	return names, err
}

func inUse() (string, error) {
	l, err := net.Listen("tcp", ":8081")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, err = net.Listen("tcp", ":8081")
	return fmt.Sprint(errors.Is(err, syscall.EADDRINUSE)), nil
}

func deadline() (string, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer w.Close()
	r.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
	_, err = r.Read(make([]byte, 1))
	return fmt.Sprint(errors.Is(err, os.ErrDeadlineExceeded)), nil
}
