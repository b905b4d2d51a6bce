package runtime

import (
	"errors"
	"slices"
	"strings"

	ocispec "github.com/google/go-containerregistry/pkg/v1"
	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// Upstream: containerd internal/cri/opts/spec_opts.go (WithProcessArgs).

// command is what a container runs: command replaces the image's entrypoint and
// its arguments, args only the latter.
func command(image ocispec.Config, cfg *v1.ContainerConfig) ([]string, error) {
	entry, args := cfg.GetCommand(), cfg.GetArgs()
	if len(entry) == 0 {
		if len(args) == 0 {
			args = image.Cmd
		}
		entry = image.Entrypoint
	}
	all := append(append([]string(nil), entry...), args...)
	if len(all) == 0 {
		return nil, errors.New("no command specified")
	}
	return all, nil
}

// environment is what the processes find in it: the image's variables, then the
// container's, which replace those of the same name.
func environment(c *container, home string) []string {
	var env []string
	at := map[string]int{}
	set := func(kv string) {
		k, _, _ := strings.Cut(kv, "=")
		if i, ok := at[k]; ok {
			env[i] = kv
			return
		}
		at[k] = len(env)
		env = append(env, kv)
	}
	set("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	if c.cfg.GetTty() {
		set("TERM=xterm")
	}
	set("HOSTNAME=" + c.sandbox.hostname)
	for _, kv := range c.image.Config.Env {
		set(kv)
	}
	for _, e := range c.cfg.GetEnvs() {
		set(e.GetKey() + "=" + string(e.GetValue()))
	}
	set("PWD=" + workingDir(c.image.Config, c.cfg)) // a guest's libc finds relative paths by it
	if _, ok := at["HOME"]; !ok {                   // runc does this
		if home == "" {
			home = "/"
		}
		set("HOME=" + home)
	}
	return env
}

func workingDir(image ocispec.Config, cfg *v1.ContainerConfig) string {
	switch {
	case cfg.GetWorkingDir() != "":
		return cfg.GetWorkingDir()
	case image.WorkingDir != "":
		return image.WorkingDir
	}
	return "/"
}

// stopSignal is what tells a container to end: its own, the image's, or SIGTERM.
func stopSignal(c *container) int {
	if s := c.cfg.GetStopSignal(); s != v1.Signal_RUNTIME_DEFAULT {
		return signal(s.String())
	}
	return signal(c.image.Config.StopSignal)
}

// signals lists the names of signals by their numbers.
func signals() []string {
	return []string{
		1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 10: "USR1", 11: "SEGV", 12: "USR2",
		13: "PIPE", 14: "ALRM", 15: "TERM", 17: "CHLD", 18: "CONT", 19: "STOP", 20: "TSTP", 21: "TTIN", 22: "TTOU", 28: "WINCH",
	}
}

// signal is the number of a signal by its name; SIGTERM if there is no such.
func signal(name string) int {
	name = strings.TrimPrefix(strings.ToUpper(name), "SIG")
	if n := slices.Index(signals(), name); n > 0 && name != "" {
		return n
	}
	return 15
}

// signalName is the name of a signal by its number.
func signalName(n int) string { return "SIG" + signals()[n] }
