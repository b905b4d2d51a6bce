package main

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// server is a kubergarten process of a test or benchmark, that is started and
// ended many times on one directory.
type server struct {
	testing.TB
	dir, listen string
	ui          string // the page's address, as --ui wants it
	command     []string
	said        chan string // gets what it prints besides, if there is room

	cmd    *exec.Cmd
	errOut *bytes.Buffer
	ready  chan struct{}
	link   string // to the page, when it is ready
	done   chan error
}

func newServer(tb testing.TB) *server {
	tb.Helper()
	s := &server{TB: tb, dir: tb.TempDir(), listen: freePort(tb), ui: "127.0.0.1:0", command: []string{"up"}, said: make(chan string, 100)}
	tb.Cleanup(s.stop)
	return s
}

// freePort is an address of this computer that nobody listens at.
func freePort(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start starts the process and does not wait for anything.
func (s *server) start() {
	s.Helper()
	bin := os.Getenv("KUBERGARTEN")
	if bin == "" {
		bin = "kubergarten"
	}
	s.cmd = exec.Command(bin, append(slices.Clone(s.command), "--data-dir", s.data(), "--listen", s.listen, "--ui", s.ui, "--kubeconfig", filepath.Join(s.dir, "kubeconfig"))...)
	s.errOut, s.ready, s.done = &bytes.Buffer{}, make(chan struct{}), make(chan error, 1)
	s.cmd.Stderr = s.errOut
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	go func(ready chan struct{}, done chan error, cmd *exec.Cmd) {
		for sc := bufio.NewScanner(out); sc.Scan(); {
			if link, ok := strings.CutPrefix(sc.Text(), "Page"); ok {
				s.link = strings.TrimSpace(link) // read after ready
			}
			if strings.HasPrefix(sc.Text(), "Ready") {
				close(ready)
			}
			select {
			case s.said <- sc.Text():
			default:
			}
		}
		done <- cmd.Wait()
	}(s.ready, s.done, s.cmd)
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }

// waitReady waits until the process says that it is ready.
func (s *server) waitReady() {
	s.Helper()
	select {
	case <-s.ready:
	case err := <-s.done:
		s.done <- err
		s.Fatalf("kubergarten up ended: %v\n%s", err, s.errOut)
	case <-time.After(patience):
		s.Fatalf("kubergarten up is not ready:\n%s", s.errOut)
	}
}

// waitAPI waits until the API server of a process that was just started
// answers.
func (s *server) waitAPI(kube kubernetes.Interface) {
	s.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if _, err := kube.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(context.Background()); err == nil {
			return
		}
		select {
		case err := <-s.done:
			s.done <- err
			s.Fatalf("kubergarten up ended: %v\n%s", err, s.errOut)
		default:
		}
	}
	s.Fatalf("the API server does not answer:\n%s", s.errOut)
}

// kill is kill -9.
func (s *server) kill() {
	s.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.Fatal(err)
	}
	<-s.done
	s.cmd = nil
}

// stop ends the process in order, if one runs.
func (s *server) stop() {
	s.Helper()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-s.done:
		if err != nil {
			s.Errorf("kubergarten up: %v\n%s", err, s.errOut)
		}
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		s.Errorf("kubergarten up did not stop:\n%s", s.errOut)
	}
	s.cmd = nil
}

// kube is the cluster's API by HTTPS, with connections of its own. The process
// must have run for a moment.
func (s *server) kube() kubernetes.Interface {
	s.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", filepath.Join(s.data(), "admin.kubeconfig"))
	if err != nil {
		s.Fatal(err)
	}
	cfg.QPS = -1 // as fast as it goes
	kube, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		s.Fatal(err)
	}
	return kube
}
