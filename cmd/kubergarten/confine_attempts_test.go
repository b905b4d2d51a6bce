//go:build linux

package main

import "strings"

// An attempt is one way that kubectl may be led out of its workspace.
type attempt struct {
	name  string
	args  string
	want  string            // in what kubectl says
	files map[string]string // made before, by name
	links map[string]string // symlinks made before
	stdin string
}

func (a attempt) prepare(c *cell) {
	for name, text := range a.files {
		c.write(name, text)
	}
	for name, target := range a.links {
		c.link(name, target)
	}
}

const (
	outside  = "is outside of your workspace"
	alone    = "talks to the API server alone"
	programs = "starts no other programs"
	offline  = " --dry-run=client -o yaml"
	k        = "k/kustomization.yaml"
)

// config is a kubeconfig in the workspace's usual place.
func config(server, cluster, user string) map[string]string {
	return map[string]string{".kube/config": kubeconfigFor(server, cluster, user)}
}

// kustomization is one in the directory k.
func kustomization(text string) map[string]string {
	return map[string]string{k: text, "k/pod.yaml": pod}
}

var attempts = []attempt{
	// Files by path.
	{name: "absolute", args: "create -f {OUT}/pod.yaml", want: outside},
	{name: "relative", args: "create -f ../out/pod.yaml", want: outside},
	{name: "relative in the middle", args: "create -f a/../../out/pod.yaml", want: outside},
	{name: "through a directory that is not there", args: "create -f none/none/../../../out/pod.yaml", want: outside},
	{name: "doubled slashes", args: "create -f ..//./out///pod.yaml", want: outside},
	{name: "below the mount", args: "create -f /home/learner/../../{OUT}/pod.yaml", want: outside},
	{name: "mount and back", args: "create -f /home/learner/../out/pod.yaml", want: outside},
	{name: "like the workspace by name", args: "create -f {WS}-other/pod.yaml", want: outside},
	{name: "like the mount by name", args: "create -f /home/learners/pod.yaml", want: outside},
	{name: "the process's root", args: "create -f /proc/self/root{OUT}/pod.yaml", want: outside},
	{name: "the process's directory", args: "create -f /proc/self/cwd/../out/pod.yaml", want: outside},
	{name: "an open file", args: "create -f /proc/self/fd/0", want: outside, stdin: pod},
	{name: "a device", args: "create -f /dev/stdin", want: outside, stdin: pod},
	{name: "second of two", args: "create -f pod.yaml,../out/pod.yaml", want: outside, files: map[string]string{"pod.yaml": pod}},
	{name: "second flag", args: "create -f pod.yaml -f ../out/pod.yaml", want: outside, files: map[string]string{"pod.yaml": pod}},
	{name: "flag and value in one", args: "create -f../out/pod.yaml", want: outside},
	{name: "flag before the command", args: "--kubeconfig=../out/secret get pods", want: outside},
	{name: "underscores", args: "create configmap x --from_file=../out/secret" + offline, want: outside},
	{name: "behind an empty value", args: "create configmap x --from-file= --from-file=../out/secret" + offline, want: outside},
	// Symlinks.
	{name: "symlink", args: "create -f l", want: outside, links: map[string]string{"l": "{OUT}/pod.yaml"}},
	{name: "relative symlink", args: "create -f d/l", want: outside, links: map[string]string{"d/l": "../../out/pod.yaml"}},
	{name: "chain of symlinks", args: "create -f a", want: outside, links: map[string]string{"a": "b", "b": "d/c", "d/c": "../e", "e": "{OUT}/pod.yaml"}},
	{name: "symlink to a directory", args: "create -f l/pod.yaml", want: outside, links: map[string]string{"l": "{OUT}"}},
	{name: "symlink to a parent", args: "create -f l/out/pod.yaml", want: outside, links: map[string]string{"l": ".."}},
	{name: "parent of a symlink's target", args: "create -f l/../out/pod.yaml", want: outside, links: map[string]string{"l": "{WS}"}},
	{name: "symlink in a directory", args: "create -f d", want: outside, links: map[string]string{"d/l.yaml": "{OUT}/pod.yaml"}},
	{name: "symlink deep in a directory", args: "create -R -f d", want: outside, links: map[string]string{"d/e/f/l.yaml": "{OUT}/pod.yaml"}},
	{name: "symlink by a pattern", args: "create -f l*", want: outside, links: map[string]string{"l1": "{OUT}/pod.yaml"}},
	{name: "symlinked directory in a pattern", args: "create -f */pod.yaml", want: outside, links: map[string]string{"l": "{OUT}"}},
	{name: "parent in a pattern", args: "create -f */../../out/p*.yaml", want: outside},
	{name: "loop of symlinks", args: "create -f a", want: "too many levels", links: map[string]string{"a": "b", "b": "a"}},
	{name: "symlink to the process's root", args: "create -f l{OUT}/pod.yaml", want: outside, links: map[string]string{"l": "/proc/self/root"}},
	// Other flags that name files.
	{name: "from-file", args: "create configmap x --from-file=../out/secret" + offline, want: outside},
	{name: "from-file with a key", args: "create configmap x --from-file=x={OUT}/secret" + offline, want: outside},
	{name: "from-file of a directory", args: "create secret generic x --from-file=../out" + offline, want: outside},
	{name: "from-env-file", args: "create configmap x --from-env-file=../out/secret" + offline, want: outside},
	{name: "docker registry's file", args: "create secret docker-registry x --from-file=.dockerconfigjson=../out/secret" + offline, want: outside},
	{name: "certificate of a secret", args: "create secret tls x --cert=../out/secret --key=../out/secret" + offline, want: outside},
	{name: "patch file", args: "patch pod p --patch-file=../out/secret", want: outside},
	{name: "local patch file", args: "patch --local -f pod.yaml --patch-file=../out/secret -o yaml", want: outside, files: map[string]string{"pod.yaml": pod}},
	{name: "template file", args: "get pods -o go-template-file=../out/secret", want: outside},
	{name: "jsonpath file", args: "get pods --output=jsonpath-file={OUT}/secret", want: outside},
	{name: "columns file", args: "get pods -o custom-columns-file=../out/secret", want: outside},
	{name: "template flag", args: "get pods -o go-template-file --template=../out/secret", want: outside},
	{name: "template file of config", args: "config view -o templatefile=../out/secret", want: outside},
	{name: "raw with a file", args: "create --raw /api/v1/namespaces/default/pods -f ../out/pod.yaml", want: outside},
	{name: "replace with a file", args: "replace --force -f ../out/pod.yaml", want: outside},
	{name: "delete by a file", args: "delete -f ../out/pod.yaml", want: outside},
	{name: "reconcile by a file", args: "auth reconcile -f ../out/pod.yaml", want: outside},
	{name: "last applied", args: "apply set-last-applied -f ../out/pod.yaml", want: outside},
	{name: "profile of debug", args: "debug p --image=busybox --custom=../out/secret", want: outside},
	{name: "profile output", args: "version --client --profile=heap --profile-output=../out/new", want: outside},
	{name: "profile output by a symlink", args: "version --client --profile=cpu --profile-output=l", want: outside, links: map[string]string{"l": "{OUT}/new"}},
	{name: "profile by a symlink of the usual name", args: "--profile=heap version --client", want: outside, links: map[string]string{"profile.pprof": "{OUT}/new"}},
	{name: "dump", args: "cluster-info dump --output-directory=../out/dump", want: outside},
	{name: "cache", args: "get pods --cache-dir=../out/cache", want: outside},
	{name: "usual cache by a symlink", args: "get pods", want: outside, links: map[string]string{".kube/cache": "{OUT}"}},
	{name: "usual temporary directory by a symlink", args: "diff -f pod.yaml", want: outside, links: map[string]string{".kube/tmp": "{OUT}"}},
	{name: "cp out of the host", args: "cp ../out/secret p:/tmp", want: outside},
	{name: "cp absolute", args: "cp {OUT}/secret default/p:/tmp", want: outside},
	{name: "cp into the host", args: "cp p:/x ../out/new", want: outside},
	{name: "cp through a symlink", args: "cp p:/x l/new", want: outside, links: map[string]string{"l": "{OUT}"}},
	{name: "cp onto a symlink", args: "cp p:/x d", want: outside, links: map[string]string{"d/x": "{OUT}/new"}},
	{name: "cp behind two dashes", args: "cp -- ../out/secret p:/tmp", want: outside},
	{name: "completion reads a kubeconfig", args: "__complete --kubeconfig ../out/secret get p", want: outside},
	{name: "completion's flags before it", args: "--kubeconfig ../out/secret __complete get p", want: outside},
	// Kustomizations.
	{name: "kustomization outside", args: "apply -k ../out", want: outside},
	{name: "kustomize outside", args: "kustomize ../out", want: outside},
	{name: "kustomization by a symlink", args: "kustomize l", want: outside, links: map[string]string{"l": "{OUT}"}},
	{name: "kustomize into the host", args: "kustomize k -o ../out/new", want: outside, files: kustomization("resources: [pod.yaml]\n")},
	{name: "kustomize into the host by a symlink", args: "kustomize k -o l", want: outside, files: kustomization("resources: [pod.yaml]\n"), links: map[string]string{"l": "{OUT}/new"}},
	{name: "kustomize into a directory of the host", args: "kustomize k --output={OUT}", want: outside, files: kustomization("resources: [pod.yaml]\n")},
	{name: "kustomize into the host by an object's name", args: "kustomize k -o d", want: outside, files: map[string]string{
		k: "resources: [pod.yaml]\n", "k/pod.yaml": strings.Replace(pod, "name: p", `name: "/../../../out/new"`, 1), "d/f": "",
	}},
	{name: "kustomize onto a symlink in a directory", args: "kustomize k -o d", want: outside, files: kustomization("resources: [pod.yaml]\n"), links: map[string]string{"d/v1_pod_p.yaml": "{OUT}/new"}},
	{name: "base outside", args: "kustomize k", want: outside, files: kustomization("resources: [../../out]\n")},
	{name: "base outside of an inner base", args: "apply -k k", want: outside, files: map[string]string{
		k: "resources: [../b]\n", "b/kustomization.yaml": "resources: [../../out]\n",
	}},
	{name: "component outside", args: "kustomize k", want: "cannot be absolute", files: kustomization("components: [{OUT}]\n")},
	{name: "resource outside", args: "kustomize k", want: outside, files: kustomization("resources: [../../out/pod.yaml]\n")},
	{name: "resource by a symlink", args: "kustomize k", want: outside, files: kustomization("resources: [l.yaml]\n"), links: map[string]string{"k/l.yaml": "{OUT}/pod.yaml"}},
	{name: "generator's file outside", args: "kustomize k", want: outside, files: kustomization("configMapGenerator: [{name: m, files: [../../out/secret]}]\n")},
	{name: "generator's environment outside", args: "kustomize k", want: outside, files: kustomization("secretGenerator: [{name: m, envs: [\"{OUT}/secret\"]}]\n")},
	{name: "patch outside", args: "kustomize k", want: outside, files: kustomization("resources: [pod.yaml]\npatches: [{path: ../../out/pod.yaml}]\n")},
	{name: "replacement outside", args: "kustomize k", want: outside, files: kustomization("resources: [pod.yaml]\nreplacements: [{path: ../../out/secret}]\n")},
	{name: "schema outside", args: "kustomize k", want: outside, files: kustomization("resources: [pod.yaml]\nopenapi: {path: ../../out/secret}\n")},
	{name: "transformer outside", args: "kustomize k", want: outside, files: kustomization("resources: [pod.yaml]\ntransformers: [../../out/pod.yaml]\n")},
	{name: "remote kustomization", args: "apply -k https://{ADDR}/x/y", want: "is not a directory of your workspace"},
	{name: "remote base", args: "kustomize k", want: alone, files: kustomization("resources: [\"http://{ADDR}/pod.yaml\"]\n")},
	{name: "remote base by git", args: "kustomize k", want: "no 'git' program", files: kustomization("resources: [\"git::http://{ADDR}/x/y.git\"]\n")},
	{name: "base of a local repository", args: "kustomize k", want: "no 'git' program", files: kustomization("resources: [\"file://{OUT}\"]\n")},
	{name: "helm", args: "kustomize --enable-helm k", want: programs, files: kustomization("helmCharts: [{name: c, repo: \"http://{ADDR}\"}]\n")},
	{name: "helm without its flag", args: "kustomize k", want: "must specify --enable-helm", files: kustomization("helmCharts: [{name: c, repo: \"http://{ADDR}\"}]\n")},
	{name: "helm's program", args: "kustomize --helm-command=/bin/sh k", want: programs, files: kustomization("resources: [pod.yaml]\n")},
	{name: "plugins of kustomize", args: "kustomize --enable-alpha-plugins k", want: programs, files: kustomization("resources: [pod.yaml]\n")},
	{name: "network of kustomize", args: "kustomize --network k", want: programs, files: kustomization("resources: [pod.yaml]\n")},
	{name: "mounts of kustomize", args: "kustomize --mount type=bind,src=/,dst=/x k", want: programs, files: kustomization("resources: [pod.yaml]\n")},
	{name: "no load restrictor", args: "kustomize --load-restrictor=LoadRestrictionsNone k", want: "only loads files below", files: kustomization("resources: [pod.yaml]\n")},
	// Addresses.
	{name: "manifest by http", args: "create -f http://{ADDR}/pod.yaml", want: alone},
	{name: "manifest by https", args: "apply -f https://{ADDR}/pod.yaml", want: alone},
	{name: "another server", args: "get pods --server=https://{ADDR}", want: alone},
	{name: "another server, short", args: "get pods -s http://{ADDR}", want: alone},
	{name: "another server's user info", args: "get pods -s https://127.0.0.1:1@{ADDR}", want: alone},
	{name: "another port", args: "get pods -s https://127.0.0.1:2", want: alone},
	{name: "the address of no kubeconfig", args: "get pods", want: alone, files: map[string]string{".kube/config": ""}},
	{name: "no kubeconfig", args: "get pods --kubeconfig none", want: "no such file"},
	{name: "kubeconfig with another server", args: "get pods", want: alone, files: config("https://{ADDR}", "", "")},
	{name: "kubeconfig with a proxy", args: "get pods", want: "no proxy", files: config("{API}", `, proxy-url: "http://{ADDR}"`, "")},
	{name: "proxy by a command", args: "config set-cluster kubergarten --proxy-url=http://{ADDR}", want: "no proxy"},
	{name: "another server by a command", args: "config set-cluster kubergarten --server=https://{ADDR}", want: alone},
	// Kubeconfigs.
	{name: "kubeconfig outside", args: "get pods --kubeconfig ../out/secret", want: outside},
	{name: "kubeconfig by a symlink", args: "config view", want: outside, files: map[string]string{"x": ""}, links: map[string]string{"c": "{OUT}/secret", ".kube/c": "../c"}},
	{name: "write a kubeconfig outside", args: "config set-context x --kubeconfig ../out/new", want: outside},
	{name: "kubeconfig with a certificate outside", args: "get pods", want: outside, files: config("{API}", "", "client-certificate: ../../out/secret, client-key: ../../out/secret")},
	{name: "kubeconfig with an authority outside", args: "get pods", want: outside, files: config("{API}", `, certificate-authority: "{OUT}/secret"`, "")},
	{name: "kubeconfig with a token's file outside", args: "get pods", want: outside, files: config("{API}", "", `tokenFile: "{OUT}/secret"`)},
	{name: "flatten a kubeconfig", args: "config view --flatten --raw", want: outside, files: config("{API}", "", "client-key: ../../out/secret")},
	{name: "kubeconfig with a program", args: "get pods", want: programs, files: config("{API}", "", `exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: /bin/sh, args: [-c, "cat {OUT}/secret"]}`)},
	{name: "kubeconfig with a provider", args: "get pods", want: programs, files: config("{API}", "", `auth-provider: {name: oidc, config: {idp-issuer-url: "https://{ADDR}"}}`)},
	{name: "a program by a command", args: "config set-credentials u --exec-command=/bin/sh", want: programs},
	{name: "a certificate by a command", args: "config set-credentials u --embed-certs --client-key=../out/secret", want: outside},
	{name: "an authority by a command", args: "config set-cluster kubergarten --embed-certs --certificate-authority=../out/secret", want: outside},
	{name: "a certificate by a flag", args: "get pods --client-certificate=../out/secret --client-key=../out/secret", want: outside},
	{name: "an authority by a flag", args: "get pods --certificate-authority={OUT}/secret", want: outside},
	// Programs and sockets.
	{name: "list plugins", args: "plugin list", want: "has no plugins"},
	{name: "a plugin", args: "canary", want: "unknown command", files: map[string]string{"kubectl-canary": "#!/bin/sh\necho canary\n"}},
	{name: "editor", args: "edit pod p", want: "no editor"},
	{name: "editor of create", args: "create -f pod.yaml --edit", want: "no editor", files: map[string]string{"pod.yaml": pod}},
	{name: "editor of apply", args: "apply edit-last-applied pod/p", want: "no editor"},
	{name: "preferences", args: "kuberc set --section defaults --command get --option output=wide", want: "unknown command"},
	{name: "proxy", args: "proxy --www=../out --port=0", want: "does not listen"},
	{name: "proxy on all addresses", args: "proxy --address 0.0.0.0 --port=0", want: "does not listen"},
	{name: "proxy on a socket", args: "proxy --unix-socket=../out/sock", want: "does not listen"},
	{name: "forward a port", args: "port-forward --address 0.0.0.0 pod/p 0:80", want: "does not listen"},
}
