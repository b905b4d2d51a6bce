package lessons

import (
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestWhatIsGraded judges places that the proof in a cluster does not come to:
// what passes a step, what is said of it, and what its prediction is graded by.
// What did not happen, or cannot be told any more, is not graded.
func TestWhatIsGraded(t *testing.T) {
	c, err := Load(Content())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, lesson, step string
		objects            string
		log, answer        string
		says               string // of the first check that fails; empty: the step passes
		outcome            string // if it passes
	}{
		{name: "one's own ReplicaSet, corrected", lesson: "05-replicas", step: "mend", objects: mended("nginx:1.27", 2), outcome: "nothing"},
		{name: "pods mended, the template not", lesson: "05-replicas", step: "mend", objects: mended("nginx:1.161", 1), says: "shop-image"},
		{name: "another ReplicaSet", lesson: "05-replicas", step: "mend", objects: mended("nginx:1.27", 1), outcome: ""},
		{name: "stray adopted", lesson: "05-replicas", step: "older", objects: old + stray + adopted, outcome: "one"},
		{name: "stray gone before old came", lesson: "05-replicas", step: "older", objects: old, outcome: ""},

		{name: "typo as it came", lesson: "04-services", step: "selector", objects: typo("wed", "[]"), outcome: "no-endpoints"},
		{name: "typo mended, too", lesson: "04-services", step: "selector", objects: typo("web", "[{conditions: {ready: true}}]"), outcome: ""},
		{name: "shop without typo", lesson: "04-services", step: "selector", objects: typo("", "[]"), outcome: ""},
		{name: "api mended, its new pod not yet ready", lesson: "04-services", step: "port", objects: api + unready, log: "Connection refused\nthe api answers", outcome: "refused"},
		{name: "api mended before it was seen", lesson: "04-services", step: "port", objects: api + unready, log: "the api answers", outcome: ""},

		{name: "nginx stopped", lesson: "02-pods", step: "hold", objects: duo(1, "{terminated: {exitCode: 0}}"), answer: "`/pause`", outcome: "same-address"},
		{name: "the server restarted", lesson: "02-pods", step: "hold", objects: duo(1, "{terminated: {exitCode: 137}}") + anew, answer: "/pause", says: "web-killed"},
		{name: "the server restarted, and nginx stopped", lesson: "02-pods", step: "hold", objects: duo(2, "{terminated: {exitCode: 0}}") + anew, answer: "pause", outcome: ""},
		{name: "nginx runs", lesson: "02-pods", step: "hold", objects: duo(0, "{}"), says: "web-not-restarted"},

		{name: "a name", lesson: "01-components", step: "etcd", objects: note, answer: "kube-apiserver", outcome: "apiserver"},
		{name: "the pod's name", lesson: "01-components", step: "etcd", objects: note, answer: " kube-apiserver-control-plane ", outcome: "apiserver"},
		{name: "as it is spoken of", lesson: "01-components", step: "etcd", objects: note, answer: "the API server", outcome: "apiserver"},
		{name: "in code", lesson: "01-components", step: "etcd", objects: note, answer: "`Kube-apiserver`", outcome: "apiserver"},
		{name: "in a word", lesson: "01-components", step: "etcd", objects: note, answer: "apiserver", outcome: "apiserver"},
		{name: "the record", lesson: "01-components", step: "etcd", objects: note, answer: "Etcd", says: "answer-etcd"},
		{name: "another of the four", lesson: "01-components", step: "etcd", objects: note, answer: "kube-scheduler", says: "other-answer"},
		{name: "something else", lesson: "01-components", step: "etcd", objects: note, answer: "the front door", says: "answer-name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, _ := c.Lesson(tt.lesson)
			s, ok := l.Step(tt.step)
			if !ok {
				t.Fatal("there is no such step")
			}
			f := &facts{ns: l.Namespace, objects: map[string][]any{}, logs: func(string, string) string { return tt.log }, probes: map[string]map[string]any{}}
			if err := yaml.Unmarshal([]byte(tt.objects), &f.objects); err != nil {
				t.Fatal(err)
			}
			for _, check := range s.Checks { // whoever is asked, answers
				f.probes[s.ID+"/"+check.ID] = map[string]any{"done": true, "status": int64(200), "body": "Hostname: web-1, the api answers"}
			}
			checks, passed := judge(s, f, tt.answer)
			says := ""
			for _, check := range checks {
				if !check.Passed {
					says = check.MessageID
					break
				}
			}
			if says != tt.says || passed != (tt.says == "") {
				t.Fatalf("says %q, passed %v; want %q", says, passed, tt.says)
			}
			if usual := s.Predict.Usual(); tt.outcome != "" && usual != tt.outcome {
				t.Errorf("what normally happens is %q, want %q", usual, tt.outcome)
			}
			if got := s.Predict.grade(f.vars(s.ID, "", tt.answer)); passed && got != tt.outcome {
				t.Errorf("what happened is %q, want %q", got, tt.outcome)
			}
		})
	}
}

func mended(image string, generation int) string {
	g := string(rune('0' + generation))
	return "replicasets: [{metadata: {name: shop, uid: s, generation: " + g + "}, spec: {replicas: 2, template: {spec: {containers: [{image: '" + image + "'}]}}}, status: {readyReplicas: 2}}]\n" +
		"pods: [{metadata: {name: shop-1, labels: {app: shop}}, spec: {containers: [{image: 'nginx:1.27'}]}}]\n" +
		"events: [{reason: SuccessfulDelete, involvedObject: {name: shop, uid: other}}]\n"
}

const (
	old     = "replicationcontrollers: [{metadata: {name: old}, spec: {replicas: 2}, status: {readyReplicas: 2}}]\n"
	stray   = "pods: [{metadata: {name: stray, labels: {app: old}"
	adopted = ", ownerReferences: [{kind: ReplicationController, name: old}]}}]\n"
)

// typo is a Service shop that is right, beside a Service typo.
func typo(app, endpoints string) string {
	ready := "{conditions: {ready: true}}"
	out := "endpointslices:\n- {metadata: {labels: {kubernetes.io/service-name: shop}}, endpoints: [" + ready + "," + ready + "," + ready + "]}\n" +
		"- {metadata: {labels: {kubernetes.io/service-name: typo}}, endpoints: " + endpoints + "}\n" +
		"services:\n- {metadata: {name: shop}, spec: {selector: {app: web}}}\n"
	if app != "" {
		out += "- {metadata: {name: typo}, spec: {selector: {app: " + app + "}}}\n"
	}
	return out
}

const (
	api     = "services: [{metadata: {name: api}, spec: {selector: {app: api}, ports: [{port: 80, targetPort: 5678}]}}]\n"
	unready = "pods: [{metadata: {name: client}}, {metadata: {name: api-1, labels: {app: api}}, status: {conditions: [{type: Ready, status: 'False'}]}}]\n"
)

func duo(restarts int, last string) string {
	return "pods: [{metadata: {name: duo, uid: d}, status: {containerStatuses: [{name: web, ready: true, restartCount: " +
		string(rune('0'+restarts)) + ", lastState: " + last + "}, {name: visitor, ready: true, restartCount: 0, lastState: {}}]}}]\n"
}

const (
	anew = "events: [{reason: SandboxChanged, involvedObject: {uid: d}}]\n"
	note = "configmaps: [{metadata: {name: note}, data: {from: me}}]\n"
)
