package auth_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	upstream "k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"
)

func rule(verbs, groups, resources string, names ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: strings.Split(verbs, ","), APIGroups: strings.Split(groups, ","), Resources: strings.Split(resources, ","), ResourceNames: names}
}

func ref(kind, name string) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
}

func subject(kind, ns, name string) []rbacv1.Subject {
	return []rbacv1.Subject{{Kind: kind, Namespace: ns, Name: name}}
}

func meta(ns, name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: ns, Name: name} }

// school is the policy of the tests.
func school() []runtime.Object {
	return []runtime.Object{
		&rbacv1.ClusterRole{ObjectMeta: meta("", "reader"), Rules: []rbacv1.PolicyRule{
			rule("get,list,watch", ",apps", "pods,deployments,pods/log"),
			{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics", "/logs/*"}},
		}},
		&rbacv1.ClusterRole{ObjectMeta: meta("", "scaler"), Rules: []rbacv1.PolicyRule{rule("update", "*", "*/scale")}},
		&rbacv1.Role{ObjectMeta: meta("dev", "editor"), Rules: []rbacv1.PolicyRule{rule("*", "", "configmaps", "one", "two")}},
		&rbacv1.ClusterRoleBinding{ObjectMeta: meta("", "all-read"), RoleRef: ref("ClusterRole", "reader"), Subjects: subject("Group", "", "students")},
		&rbacv1.RoleBinding{ObjectMeta: meta("dev", "jane-edits"), RoleRef: ref("Role", "editor"), Subjects: subject("User", "", "jane")},
		&rbacv1.RoleBinding{ObjectMeta: meta("dev", "robot-reads"), RoleRef: ref("ClusterRole", "reader"), Subjects: subject("ServiceAccount", "", "robot")},
		&rbacv1.RoleBinding{ObjectMeta: meta("dev", "other-scales"), RoleRef: ref("ClusterRole", "scaler"), Subjects: subject("ServiceAccount", "ops", "bot")},
		&rbacv1.RoleBinding{ObjectMeta: meta("broken", "b"), RoleRef: ref("ClusterRole", "missing"), Subjects: subject("User", "", "jane")},
	}
}

func TestRBAC(t *testing.T) {
	w := newWorld(t, school()...)
	student, jane := who("tom", "students"), who("jane")
	robot, bot := who("system:serviceaccount:dev:robot"), who("system:serviceaccount:ops:bot")
	tests := []struct {
		name                    string
		user                    user.Info
		verb, group, what, sub  string
		namespace, object, path string
		want                    bool
		reason                  string
	}{
		{name: "a group everywhere", user: student, verb: "list", what: "pods", namespace: "x", want: true, reason: `RBAC: allowed by ClusterRoleBinding "all-read" of ClusterRole "reader" to Group "students"`},
		{name: "at the cluster scope", user: student, verb: "list", what: "pods", want: true},
		{name: "another API group", user: student, verb: "get", group: "apps", what: "deployments", namespace: "x", want: true},
		{name: "another verb", user: student, verb: "delete", what: "pods", namespace: "x"},
		{name: "a subresource that is named", user: student, verb: "get", what: "pods", sub: "log", namespace: "x", want: true},
		{name: "one that is not", user: student, verb: "get", what: "pods", sub: "exec", namespace: "x"},
		{name: "a path", user: student, verb: "get", path: "/metrics", want: true},
		{name: "below a path", user: student, verb: "get", path: "/logs/a/b", want: true},
		{name: "another path", user: student, verb: "get", path: "/debug"},
		{name: "one object", user: jane, verb: "delete", what: "configmaps", namespace: "dev", object: "one", want: true, reason: `RBAC: allowed by RoleBinding "jane-edits/dev" of Role "editor" to User "jane"`},
		{name: "another object", user: jane, verb: "delete", what: "configmaps", namespace: "dev", object: "three"},
		{name: "another namespace", user: jane, verb: "delete", what: "configmaps", namespace: "prod", object: "one"},
		{name: "an account of the binding's namespace", user: robot, verb: "get", what: "pods", namespace: "dev", want: true, reason: `RBAC: allowed by RoleBinding "robot-reads/dev" of ClusterRole "reader" to ServiceAccount "robot/dev"`},
		{name: "it elsewhere", user: robot, verb: "get", what: "pods", namespace: "ops"},
		{name: "any subresource of a name", user: bot, verb: "update", group: "apps", what: "deployments", sub: "scale", namespace: "dev", want: true},
		{name: "not the resource itself", user: bot, verb: "update", group: "apps", what: "deployments", namespace: "dev"},
		{name: "a role that is not there", user: jane, verb: "get", what: "pods", namespace: "broken", reason: `RBAC: clusterroles.rbac.authorization.k8s.io "missing" not found`},
		{name: "nobody", user: &user.DefaultInfo{Name: "system:anonymous", Groups: []string{"system:unauthenticated"}}, verb: "get", what: "pods"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, reason := w.can(t, authorizer.AttributesRecord{
				User: tt.user, Verb: tt.verb, APIGroup: tt.group, Resource: tt.what, Subresource: tt.sub,
				Namespace: tt.namespace, Name: tt.object, Path: tt.path, ResourceRequest: tt.path == "",
			})
			if got != tt.want || tt.reason != "" && reason != tt.reason {
				t.Errorf("got %v, %q", got, reason)
			}
		})
	}
}

func TestRules(t *testing.T) {
	w := newWorld(t, school()...)
	rules, err := w.Rights().RulesFor(t.Context(), who("jane", "students"), "dev")
	if err != nil || len(rules) != 3 {
		t.Errorf("got %v, %v", rules, err)
	}
	if _, err := w.Rights().RulesFor(t.Context(), who("jane"), "broken"); err == nil {
		t.Error("a missing role is not reported")
	}
	on, off, incomplete, err := w.RuleResolver().RulesFor(t.Context(), who("tom", "students"), "dev")
	if err != nil || incomplete || len(on) != 1 || len(off) != 1 {
		t.Errorf("got %v, %v, %v, %v", on, off, incomplete, err)
	}
	if _, _, incomplete, err := w.RuleResolver().RulesFor(t.Context(), who("system:node:n1", "system:nodes"), "dev"); !incomplete || err == nil {
		t.Errorf("a node: %v, %v", incomplete, err)
	}
}

// TestRulesAsUpstream asks us and upstream the same random questions.
func TestRulesAsUpstream(t *testing.T) {
	w := newWorld(t,
		&rbacv1.ClusterRole{ObjectMeta: meta("", "r")},
		&rbacv1.ClusterRoleBinding{ObjectMeta: meta("", "b"), RoleRef: ref("ClusterRole", "r"), Subjects: subject("User", "", "jane")})
	rnd := rand.New(rand.NewPCG(3, 4))
	pick := func(from ...string) string { return from[rnd.IntN(len(from))] }
	some := func(from ...string) (out []string) {
		for range rnd.IntN(3) {
			out = append(out, pick(from...))
		}
		return out
	}
	allowed := 0
	for range 20000 {
		r := rbacv1.PolicyRule{
			Verbs: some("*", "get", "list"), APIGroups: some("*", "", "apps"), ResourceNames: some("a", "b"),
			Resources:       some("*", "pods", "pods/log", "*/log", "pods/*", "log"),
			NonResourceURLs: some("*", "/a", "/a/*", "/b*"),
		}
		a := authorizer.AttributesRecord{
			User: who("jane"), Verb: pick("get", "list", "delete"), APIGroup: pick("", "apps", "batch"), Resource: pick("pods", "log", "nodes"),
			Subresource: pick("", "", "log", "og"), Name: pick("", "a", "c"), Path: pick("/a", "/a/x", "/bc", "/", ""), ResourceRequest: rnd.IntN(3) > 0,
		}
		want := upstream.RuleAllows(a, &r)
		if got := w.Allows(&r, a); got != want {
			t.Fatalf("rule %+v, request %+v: got %v", r, a, got)
		}
		if want {
			allowed++
		}
	}
	if allowed < 500 {
		t.Errorf("only %d requests were allowed: the questions are too hard", allowed)
	}
}

func BenchmarkRBAC(b *testing.B) {
	w := newWorld(b, school()...)
	ask := authorizer.AttributesRecord{User: who("tom", "students"), Verb: "list", Resource: "pods", Namespace: "x", ResourceRequest: true}
	for b.Loop() {
		if ok, _ := w.can(b, ask); !ok {
			b.Fatal("may not")
		}
	}
}
