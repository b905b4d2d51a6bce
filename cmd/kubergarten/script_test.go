package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long "cluster" and "eventually" wait. It bounds failures
// only: both go on as soon as they can.
const patience = 90 * time.Second

// setup gives each script a home and a kubeconfig of its own, a free port, and
// the cache of compiled programs of the user who runs the tests.
func setup(env *testscript.Env) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_CACHE_HOME", cache)
	env.Setenv("KUBECONFIG", filepath.Join(env.WorkDir, "kubeconfig"))
	env.Setenv("LISTEN", l.Addr().String())
	env.Setenv("DATA", filepath.Join(env.WorkDir, "data"))
	return nil
}

// startCluster is "cluster [FLAGS]": kubergarten up in the background, until it
// is ready. It is stopped at the end of the script, and must stop in order.
func startCluster(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! cluster")
	}
	bin := os.Getenv("KUBERGARTEN")
	if bin == "" {
		bin = "kubergarten"
	}
	args = append([]string{"up", "--data-dir", ts.Getenv("DATA"), "--listen", ts.Getenv("LISTEN"), "--ui", "127.0.0.1:0", "--kubeconfig", ts.Getenv("KUBECONFIG")}, args...)
	cmd := exec.Command(bin, args...)
	cmd.Env = environ(ts)
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	done := make(chan error, 1)
	ready := make(chan bool, 1)
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			if strings.HasPrefix(s.Text(), "Ready") {
				ready <- true
			}
		}
		done <- cmd.Wait()
	}()
	stop := sync.OnceValue(func() error {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-done:
			return err
		case <-time.After(patience):
			cmd.Process.Signal(syscall.SIGQUIT)
			<-done
			return fmt.Errorf("kubergarten up did not stop:\n%s", errOut.String())
		}
	})
	running.Store(ts.Getenv("WORK"), stop)
	ts.Defer(func() {
		if err := stop(); err != nil {
			ts.Logf("%v", err)
		}
	})
	select {
	case <-ready:
	case err := <-done:
		done <- err
		ts.Fatalf("kubergarten up ended: %v\n%s", err, errOut.String())
	case <-time.After(patience):
		ts.Fatalf("kubergarten up is not ready:\n%s", errOut.String())
	}
}

// running holds how to stop each script's cluster, by the script's directory.
var running sync.Map

// stopCluster is "stopcluster": the cluster that "cluster" started ends, in order.
func stopCluster(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: stopcluster")
	}
	stop, ok := running.Load(ts.Getenv("WORK"))
	if !ok {
		ts.Fatalf("no cluster runs")
	}
	ts.Check(stop.(func() error)())
}

func environ(ts *testscript.TestScript) []string {
	env := os.Environ()
	for _, k := range []string{"HOME", "XDG_CACHE_HOME", "KUBECONFIG", "PATH"} {
		env = append(env, k+"="+ts.Getenv(k))
	}
	return env
}

// eventually is "eventually REGEXP COMMAND...": the command is run again and
// again until its output matches.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually REGEXP COMMAND...")
	}
	want, err := regexp.Compile("(?ms)" + args[0])
	ts.Check(err)
	var last string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		last = output(ts, args[1:])
		if want.MatchString(last) {
			return
		}
	}
	ts.Fatalf("%s: nothing matches %q; at last:\n%s", strings.Join(args[1:], " "), args[0], last)
}

func output(ts *testscript.TestScript, args []string) string {
	path, err := lookPath(args[0], ts.Getenv("PATH"))
	ts.Check(err)
	cmd := exec.Command(path, args[1:]...)
	cmd.Env, cmd.Dir = environ(ts), ts.Getenv("WORK")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s(%v)", out, err)
	}
	return string(out)
}

func lookPath(name, path string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		if p := filepath.Join(dir, name); isFile(p) {
			return p, nil
		}
	}
	return "", fmt.Errorf("%s: not found", name)
}

func isFile(p string) bool {
	st, err := os.Stat(p)
	return err == nil && !st.IsDir()
}
