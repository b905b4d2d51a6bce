package lessons_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"kubergarten/wasm/host"
	"kubergarten/wasm/workbench"
)

// A proofShell is a learner's shell in the workbench, and their files.
type proofShell struct {
	*workbench.Session
	shown *bufio.Reader
	home  string // on the host
}

// newProofShell opens a shell as it is in the page, until the test ends.
func newProofShell(t *testing.T, l *proofLab, id string) *proofShell {
	t.Helper()
	_, home, err := l.bench.Home(id)
	check(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	s, err := l.bench.Open(ctx, id, kubectlIn(home, l.cluster.Kubeconfig()), 200, 50)
	check(t, err)
	t.Cleanup(func() { s.Close() })
	return &proofShell{s, bufio.NewReader(s), home}
}

// kubectlIn is the kubectl of a shell whose /root is home.
func kubectlIn(home, kubeconfig string) workbench.Kubectl {
	return func(ctx context.Context, c host.Command) int {
		self, err := os.Executable()
		if err != nil {
			fmt.Fprintln(c.Stderr, err)
			return 126
		}
		dir, _ := workbench.InHome(c.Dir)
		cmd := exec.CommandContext(ctx, self, append([]string{"-test.run=^TestKubectl$", "--"}, c.Args[1:]...)...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = filepath.Join(home, dir), c.Stdout, c.Stderr
		cmd.Env = []string{asKubectl + "=1", "HOME=" + home, "KUBECONFIG=" + kubeconfig}
		var exit *exec.ExitError
		if err := cmd.Run(); errors.As(err, &exit) {
			return exit.ExitCode()
		} else if err != nil {
			fmt.Fprintln(c.Stderr, err)
			return 126
		}
		return 0
	}
}

// run runs a script and returns what the terminal showed meanwhile; a line that
// fails ends it.
func (s *proofShell) run(ctx context.Context, script string) (string, error) {
	file := filepath.Join(s.home, ".script")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return "", err
	}
	defer context.AfterFunc(ctx, func() { s.Close() })()
	if _, err := fmt.Fprint(s, "sh -e .script; echo en''d $?.\r"); err != nil {
		return "", err
	}
	var shown strings.Builder
	for {
		line, err := s.shown.ReadString('\n')
		if code, over := strings.CutPrefix(strings.TrimSpace(line), "end "); over && code == "0." {
			return shown.String(), nil
		} else if over {
			return shown.String(), fmt.Errorf("exit code %s\n%s", code, &shown)
		}
		shown.WriteString(line)
		if err != nil {
			return "", fmt.Errorf("the shell has ended: %w\n%s", err, &shown)
		}
	}
}
