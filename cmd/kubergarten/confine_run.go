package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// A kubectlCommand is one kubectl of a terminal.
type kubectlCommand struct {
	Args           []string          // without the program's name
	Env            map[string]string // of these only TERM, COLUMNS, LINES and LANG are passed on
	Dir            string            // relative to the workspace
	Stdin          io.Reader         // may be read once more after the end: give a reader of this command alone
	Stdout, Stderr io.Writer         // written only as fast as they take it
	TTY            bool              // give it a terminal: Stdout gets all output
	Rows, Cols     int               // of that terminal
	Resize         <-chan [2]int     // rows and columns, as they change
}

// A confinedKubectl runs kubectl in child processes that reach one workspace
// and one API server and nothing else. See confinement.
type confinedKubectl struct {
	workspace string        // absolute, without symlinks
	mount     string        // what the shell calls it
	server    string        // https://HOST:PORT
	patience  time.Duration // the longest that one command may run
	grace     time.Duration // between SIGINT and SIGKILL
	children  slots         // shared by all of a learner's

	bin  string // "" this program
	bare bool   // without Landlock, for tests
}

// maxKubectl is how many kubectl a learner may have running.
const maxKubectl = 16

// slots bound how much happens at once.
type slots chan struct{}

// take takes a slot if there is one left.
func (s slots) take() bool {
	select {
	case s <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s slots) leave() { <-s }

// newConfinedKubectl confines kubectl to the directory dir, which the shell
// calls mount, and to the API server at server (https://HOST:PORT). It says in
// the log if the kernel cannot help.
func newConfinedKubectl(dir, mount, server string, log *slog.Logger) (*confinedKubectl, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return nil, err
	}
	if abi := landlockABI(); abi < 4 {
		log.Warn("the kernel does not confine the terminal's kubectl in full: its checks stand alone", "landlock", abi)
	}
	return &confinedKubectl{
		workspace: abs, mount: mount, server: server, patience: 8 * time.Hour, grace: 2 * time.Second,
		children: make(slots, maxKubectl),
	}, nil
}

// Run runs kubectl to its end and returns its exit code. When ctx ends it is
// interrupted as by Ctrl-C, and killed if it does not heed that. It dies with
// the server in any case.
func (k *confinedKubectl) Run(ctx context.Context, c kubectlCommand) int {
	if !k.children.take() {
		fmt.Fprintf(c.Stderr, "error: too many kubectl at once: %d of yours are running already, and that is all you may have\n", cap(k.children))
		return 1
	}
	defer k.children.leave()
	ctx, cancel := context.WithTimeout(ctx, k.patience)
	defer cancel()
	code := make(chan int, 1)
	go func() {
		// The kernel counts the thread that started a child as its parent: it must
		// not end before the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		n, err := k.run(ctx, c)
		if err != nil {
			fmt.Fprintf(c.Stderr, "kubectl: %v\n", err)
		}
		code <- n
	}()
	return <-code
}

// run starts the child and waits for it.
func (k *confinedKubectl) run(ctx context.Context, c kubectlCommand) (int, error) {
	cmd, err := k.command(c)
	if err != nil {
		return 126, err
	}
	wait, err := start(cmd, c)
	if err != nil {
		return 126, err
	}
	ended := make(chan struct{})
	go k.end(ctx, cmd, ended)
	err = wait()
	close(ended)
	return exitCode(err)
}

// command is the child, not yet started.
func (k *confinedKubectl) command(c kubectlCommand) (*exec.Cmd, error) {
	bin, err := self()
	if k.bin != "" {
		bin, err = k.bin, nil
	}
	if err != nil {
		return nil, err
	}
	walls, err := json.Marshal(confinement{
		Workspace: k.workspace, Dir: c.Dir, Mount: k.mount, Server: k.server, Bare: k.bare,
		Memory: 512 << 20, FileSize: 64 << 20, CPUSeconds: 300,
	})
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(bin)
	cmd.Args = append([]string{"kubergarten", confinedName, string(walls)}, c.Args...)
	cmd.Dir = k.workspace
	cmd.Env = append(childEnv(c.Env), "HOME="+k.workspace, "KUBECONFIG="+filepath.Join(k.workspace, workspaceKubeconfig),
		"GOMAXPROCS=2") // the stacks of threads count as memory: as many as on a small machine
	leash(cmd)
	return cmd, nil
}

// childEnv is what the child sees of the shell's environment.
func childEnv(env map[string]string) []string {
	var out []string
	for _, name := range []string{"TERM", "COLUMNS", "LINES", "LANG"} {
		if v, ok := env[name]; ok {
			out = append(out, name+"="+v)
		}
	}
	return out
}

// start starts the child on pipes or on a terminal. The returned function waits
// until it has ended and all its output is written.
func start(cmd *exec.Cmd, c kubectlCommand) (wait func() error, err error) {
	if c.TTY {
		return startOnTerminal(cmd, c)
	}
	cmd.Stdout, cmd.Stderr = c.Stdout, c.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer in.Close()
		if c.Stdin != nil {
			_, _ = io.Copy(in, c.Stdin)
		}
	}()
	return cmd.Wait, nil
}

// startOnTerminal is start for a child that is to have a terminal.
func startOnTerminal(cmd *exec.Cmd, c kubectlCommand) (wait func() error, err error) {
	master, slave, err := openTerminal(c.Rows, c.Cols)
	if err != nil {
		return nil, fmt.Errorf("open a terminal: %w", err)
	}
	defer slave.Close()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	ownTerminal(cmd)
	if err := cmd.Start(); err != nil {
		master.Close()
		return nil, err
	}
	ended, written := make(chan struct{}), make(chan struct{})
	go func() {
		if c.Stdin != nil {
			_, _ = io.Copy(master, c.Stdin)
		}
	}()
	go func() {
		defer close(written)
		_, _ = io.Copy(c.Stdout, master) // ends with EIO when the child has ended
	}()
	go followSize(master, c.Resize, ended)
	return func() error {
		err := cmd.Wait()
		close(ended)
		<-written
		master.Close()
		return err
	}, nil
}

// followSize passes on the size of the terminal until the child ended.
func followSize(master *os.File, sizes <-chan [2]int, ended <-chan struct{}) {
	for {
		select {
		case s, ok := <-sizes:
			if !ok {
				return
			}
			_ = resizeTerminal(master, s[0], s[1])
		case <-ended:
			return
		}
	}
}

// end ends the child when ctx is done: first kindly.
func (k *confinedKubectl) end(ctx context.Context, cmd *exec.Cmd, ended <-chan struct{}) {
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	signalGroup(cmd, syscall.SIGINT)
	t := time.NewTimer(k.grace)
	defer t.Stop()
	select {
	case <-ended:
	case <-t.C:
		signalGroup(cmd, syscall.SIGKILL)
	}
}

// exitCode is a child's exit code as a shell has it.
func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		if err != nil {
			return 126, err
		}
		return 0, nil
	}
	if s, ok := exit.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		return 128 + int(s.Signal()), nil
	}
	return exit.ExitCode(), nil
}
