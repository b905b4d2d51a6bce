package engine

import (
	"bufio"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// law says who may import whom inside this module. It is policy: do not change
// it to make a build pass. A package may import what is named after its colon,
// and what lies below itself, and nothing else of ours. "/..." on the left
// speaks for every package below that has no line of its own.
const law = `
engine/component:
engine/clock:
engine/trace:
engine/etcd:                engine/component engine/clock engine/trace
engine/api:
engine/storage:             engine/etcd engine/component engine/clock engine/trace engine/api
engine/registry/...:        engine/api engine/storage engine/registry engine/clock
engine/auth/...:            engine/api engine/client engine/clock
engine/admission/...:       engine/api engine/client engine/admission engine/clock
engine/client/...:          engine/client engine/component engine/clock
engine/apiserver/...:       engine/api engine/storage engine/registry/... engine/auth/... engine/admission/... engine/client engine/component engine/clock engine/trace engine/apiserver
engine/controller/...:      engine/client engine/component engine/clock engine/trace engine/controller
engine/controllermanager:   engine/controller/... engine/client engine/component engine/clock engine/trace
engine/scheduler/...:       engine/client engine/component engine/clock engine/trace engine/scheduler/...
engine/cri/...:             engine/cri engine/network engine/component engine/clock
engine/kubelet/...:         engine/client engine/component engine/clock engine/trace engine/cri engine/network engine/kubelet/...
engine/network:             engine/component engine/clock engine/trace
engine/proxy/...:           engine/client engine/component engine/clock engine/trace engine/network engine/proxy
engine/coredns/...:         engine/client engine/component engine/clock engine/trace engine/network engine/coredns
engine/kubeadm/...:         engine/client engine/component engine/clock
engine/cluster:             engine/...
engine/conformance/...:     engine/...
wasm/fuel:
wasm/host/...:              wasm/fuel wasm/host/... engine/cri engine/network engine/clock engine/trace
wasm/image/...:             wasm/fuel wasm/guest engine/cri engine/clock
wasm/runtime/...:           wasm/fuel wasm/host/... wasm/image engine/cri engine/network engine/clock engine/trace
wasm/guest/...:             wasm/guest/...
wasm/workbench:             wasm/host/... wasm/image wasm/runtime engine/cri engine/network engine/clock engine/trace
lessons/...:                lessons engine/client engine/component engine/clock engine/trace
ui/...:                     ui/... lessons engine/client engine/component engine/clock engine/trace
cmd/kubergarten:            engine/cluster engine/kubeadm engine/etcd engine/component engine/clock engine/cri/... wasm/runtime wasm/image wasm/guest wasm/workbench ui ui/terminal lessons
`

// outside says which of our packages may import an outside module.
const outside = `
github.com/tidwall/buntdb:      engine/etcd
github.com/tetratelabs/wazero:  wasm/...
github.com/a-h/templ:           ui/...
github.com/spf13/cobra:         cmd/...
k8s.io/kubernetes/:             engine/api
k8s.io/client-go/kubernetes/typed: cmd/...
`

// TestDeps holds every package of the module to the law of imports.
func TestDeps(t *testing.T) {
	const mod = "kubergarten/"
	rules, keepers := parse(law), parse(outside)
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, mod+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		pkg := strings.TrimPrefix(f[0], mod)
		if pkg == "engine" {
			continue
		}
		allowed, ok := rulesFor(rules, pkg)
		if !ok {
			t.Errorf("%s has no room in the law", pkg)
		}
		for _, imp := range f[1:] {
			if ours, ok := strings.CutPrefix(imp, mod); ok && !strings.HasPrefix(ours, pkg+"/") && !match(allowed, ours) {
				t.Errorf("%s may not import %s", pkg, ours)
			}
			for m, who := range keepers {
				if strings.HasPrefix(imp, m) && !match(who, pkg) {
					t.Errorf("%s may not import %s: only %v may", pkg, imp, who)
				}
			}
		}
	}
}

// rulesFor returns the law's line for pkg: its own, or the nearest "/..." above.
func rulesFor(rules map[string][]string, pkg string) (allowed []string, ok bool) {
	if allowed, ok = rules[pkg]; ok {
		return allowed, true
	}
	for dir := pkg; dir != ""; {
		if allowed, ok = rules[dir+"/..."]; ok {
			return allowed, true
		}
		dir, _, _ = cutLast(dir)
	}
	return nil, false
}

func cutLast(p string) (dir, last string, ok bool) {
	i := strings.LastIndexByte(p, '/')
	if i < 0 {
		return "", p, false
	}
	return p[:i], p[i+1:], true
}

func parse(s string) map[string][]string {
	m := map[string][]string{}
	for sc := bufio.NewScanner(strings.NewReader(s)); sc.Scan(); {
		if k, v, ok := strings.Cut(sc.Text(), ": "); ok {
			m[strings.TrimSpace(k)] = strings.Fields(v)
		} else if k, ok := strings.CutSuffix(sc.Text(), ":"); ok {
			m[k] = nil
		}
	}
	return m
}

func match(globs []string, p string) bool {
	return slices.ContainsFunc(globs, func(g string) bool {
		dir, tree := strings.CutSuffix(g, "/...") // as in "go list"
		return p == dir || tree && strings.HasPrefix(p, dir+"/")
	})
}
