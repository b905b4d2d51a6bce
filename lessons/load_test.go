package lessons_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"kubergarten/lessons"
)

func TestTheLessonsLoad(t *testing.T) {
	c, err := lessons.Load(lessons.Content())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range c.Lessons() {
		for _, lang := range lessons.Languages() {
			text := l.In(lang)
			if text.Lang != lang || text.Title == "" || text.Goal == "" || len(text.Steps) != len(l.Steps) {
				t.Errorf("%s in %s: %+v", l.ID, lang, text)
			}
			for _, s := range text.Steps {
				if s.HTML == "" || s.Hints[2] == "" || s.Solution == "" {
					t.Errorf("%s/%s in %s lacks something", l.ID, s.ID, lang)
				}
			}
		}
	}
	if got := len(c.Lessons()); got != 5 {
		t.Errorf("%d lessons, want 5", got)
	}
}

func TestWhatIsLoaded(t *testing.T) {
	l, ok := load(t).Lesson("01-web")
	if !ok {
		t.Fatal("the lesson is not there")
	}
	en := l.In("en")
	if l.In("fr") != en || en.Intro != "<p>Before all.</p>" || en.Title != "A page" {
		t.Errorf("text %+v", en)
	}
	s := en.Step("make")
	const html = `<p><strong>Do</strong> it:</p>
<pre class="chroma"><code class="language-yaml"><span class="nt">kind</span><span class="p">:</span> Pod <span class="c1"># a pod</span>
<span class="nt">name</span><span class="p">:</span> <span class="ge">____</span></code></pre>`
	if string(s.HTML) != html {
		t.Errorf("HTML is\n%s", s.HTML)
	}
	if s.Predict.Question != "<p>Who?</p>" || s.Predict.Choices[1] != (lessons.Choice{ID: "kubelet", HTML: "the <code>kubelet</code>"}) {
		t.Errorf("prediction %+v", s.Predict)
	}
	if s.Hints[1] != "Run." || s.Solution != "kubectl run web --image=nginx" || en.Step("name").Solution != "# etcd" {
		t.Errorf("hints %q, solution %q", s.Hints, s.Solution)
	}
	if step, _ := l.Step("name"); len(step.Checks) != 1 || step.Checks[0].ID != lessons.AskID || !step.Ask {
		t.Errorf("a question is no check: %+v", step)
	}
}

func TestRawHTMLIsLeftOut(t *testing.T) {
	c := load(t, [3]string{"lesson.en.md", "**Do** it:", "<script>alert(1)</script> <img src=x onerror=y> [a](javascript:alert) [b](data:text/html,x)\n\n<iframe src=x></iframe>\n"})
	l, _ := c.Lesson("01-web")
	html := string(l.In("en").Steps[0].HTML)
	for _, bad := range []string{"<script", "<img", "javascript:", "data:", "<iframe", "style=", "onerror="} {
		if strings.Contains(html, bad) {
			t.Errorf("%s is in %s", bad, html)
		}
	}
}

func TestFaultsNameFileAndLine(t *testing.T) {
	const yaml, en, zh = "task.yaml", "lesson.en.md", "lesson.zh-CN.md"
	for _, tt := range []struct {
		name, file, old, new, want string
	}{
		{"no task", yaml, task, "", "01-web/task.yaml: "},
		{"no text", zh, "", "", ""}, // edited below
		{"not YAML", yaml, "id: web", "id: [", "01-web/task.yaml:"},
		{"a field that is not known", yaml, "minutes: 5", "minute: 5", "01-web/task.yaml:3: field minute not found"},
		{"a field of the wrong type", yaml, "minutes: 5", "minutes: many", "01-web/task.yaml:3: cannot unmarshal"},
		{"two documents", yaml, "id: web", "id: web\n---\nid: web", "more than one YAML document"},
		{"the folder's name", yaml, "id: web", "id: page", `01-web/task.yaml:1: id is "page", but the folder is "01-web"`},
		{"somebody else's namespace", yaml, "lesson-web", "kube-system", "01-web/task.yaml:2: namespace"},
		{"presets of no component", yaml, "minutes: 5", "minutes: 5\npresets: {node-monitor-grace-period: 5s}", `01-web/task.yaml:4: presets: "node-monitor-grace-period" is not one of`},
		{"presets of another component", yaml, "minutes: 5", "minutes: 5\npresets:\n  etcd: {v: 4}", `01-web/task.yaml:5: presets: "etcd" is not one of kube-controller-manager, kube-scheduler`},
		{"presets that say nothing", yaml, "minutes: 5", "minutes: 5\npresets:", "01-web/task.yaml:4: presets: want names with values"},
		{"a preset component without flags", yaml, "minutes: 5", "minutes: 5\npresets:\n  kube-scheduler: [v]", "01-web/task.yaml:5: presets of kube-scheduler: want names with values"},
		{"a preset component twice", yaml, "minutes: 5", "minutes: 5\npresets:\n  kube-scheduler: {v: 4}\n  kube-scheduler: {v: 5}", `01-web/task.yaml:6: presets: "kube-scheduler" is there twice`},
		{"a preset with dashes", yaml, "minutes: 5", "minutes: 5\npresets:\n  kube-scheduler:\n    --v: 4", `01-web/task.yaml:6: presets of kube-scheduler: flag "--v": want its name`},
		{"a preset without a value", yaml, "minutes: 5", "minutes: 5\npresets:\n  kube-scheduler:\n    v:", `01-web/task.yaml:6: presets of kube-scheduler: flag "v": want one value`},
		{"a preset of two lines", yaml, "minutes: 5", "minutes: 5\npresets:\n  kube-scheduler:\n    v: \"4\\n5\"", `01-web/task.yaml:6: presets of kube-scheduler: flag "v": its value has more than one line`},
		{"no steps", yaml, task[strings.Index(task, "steps:"):], "steps: []\n", "there are no steps"},
		{"a step twice", yaml, "- id: name", "- id: make", `01-web/task.yaml:22: there are two steps "make"`},
		{"a step's name", yaml, "- id: name", "- id: Name!", "01-web/task.yaml:22: step id"},
		{"an unknown kind", yaml, "kind: gaps", "kind: easy", `01-web/task.yaml:23: kind is "easy", want one of example, gaps, alone`},
		{"an unknown goal", yaml, "goal: repair", "goal: win", "01-web/task.yaml:28: goal"},
		{"undone by an earlier step", yaml, "  goal: repair\n", "  goal: repair\n  undone: make\n", `01-web/task.yaml:29: undone: "make" is no later step`},
		{"a manifest that is not there", yaml, "[manifests/start.yaml]", "[manifests/none.yaml]", `01-web/task.yaml:4: there is no file "manifests/none.yaml"`},
		{"a manifest outside", yaml, "[manifests/start.yaml]", "[../x.yaml]", "01-web/task.yaml:4: there is no file"},
		{"a file that is not there", yaml, "[manifests/web.yaml]", "[manifests]", `01-web/task.yaml:14: there is no file "manifests"`},
		{"a manifest that is no YAML", "manifests/start.yaml", "kind: ConfigMap", "kind: [", "01-web/manifests/start.yaml: "},
		{"a manifest of an unknown kind", "manifests/start.yaml", "kind: ConfigMap", "kind: Gadget", "01-web/manifests/start.yaml: lessons know no kind v1 Gadget"},
		{"a manifest outside the namespace", "manifests/start.yaml", "{name: seed}", "{name: seed, namespace: default}", `is for namespace "default"`},
		{"a manifest of no namespace", "manifests/start.yaml", "kind: ConfigMap", "kind: Namespace", "does not live in a namespace"},
		{"a manifest without a name", "manifests/start.yaml", "{name: seed}", "{}", "has no name"},
		{"a resource that is not known", yaml, "watch: [pods]", "watch: [pod]", `01-web/task.yaml:17: watch: "pod" is no resource`},
		{"a resource that is not watched", yaml, "watch: [pods]", "watch: []", "01-web/task.yaml:18: the expression uses pods"},
		{"no CEL", yaml, "expr: configmaps.all(c, ", "expr: configmaps.all(", "01-web/task.yaml:33: column"},
		{"CEL of the wrong type", yaml, "expr: configmaps.all(", "expr: size(configmaps) # ", "01-web/task.yaml:33: the expression is of type int"},
		{"CEL that is too long", yaml, "expr: configmaps", "expr: " + strings.Repeat("true && ", 1000) + "configmaps", "01-web/task.yaml:33: "},
		{"CEL that is too deep", yaml, "expr: configmaps", "expr: " + strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200) + " && configmaps", "01-web/task.yaml:33: "},
		{"no CEL at all", yaml, "accept: \"answer == 'etcd'\", ", "", "an expression is missing"},
		{"a kind of question", yaml, "kind: text, accept", "kind: song, accept", "01-web/task.yaml:25: ask.kind"},
		{"a check twice", yaml, "  - id: web-there\n", "  - {id: web-there, expr: 'true', otherwise: [{say: no-web}]}\n  - id: web-there\n", `01-web/task.yaml:17: there are two checks`},
		{"a check that says nothing", yaml, "    otherwise: [{say: still-broken}]\n", "", `01-web/task.yaml:31: check "mended" says nothing`},
		{"the last word has a condition", yaml, "    - {say: web-image}\n", "", "all but the last have a when"},
		{"neither check nor question", yaml, "  ask: {kind: text, accept: \"answer == 'etcd'\", otherwise: [{say: not-that}]}\n", "", "neither checks nor a question"},
		{"a probe of both kinds", yaml, "    watch: [configmaps]", "    watch: [configmaps]\n    probe: {http: {url: x}, exec: {pod: x, command: [x]}}", "either http or exec"},
		{"a probe without a command", yaml, "    watch: [configmaps]", "    watch: [configmaps]\n    probe: {exec: {pod: x}}", "exec has no command"},
		{"a probe without an address", yaml, "    watch: [configmaps]", "    watch: [configmaps]\n    probe: {http: {}}", "url or pod is missing"},
		{"a message that is not there", yaml, "{say: web-image}", "{say: web-picture}", `01-web/task.yaml:21: message "web-picture" is missing in 01-web/lesson.en.md`},
		{"a message in one language", zh, "  still-broken:", "  broken-still:", `01-web/task.yaml:34: message "still-broken" is missing in 01-web/lesson.zh-CN.md`},
		{"a message that is never said", zh, "messages:", "messages:\n  idle: x", `01-web/lesson.zh-CN.md:5: message "idle" is never said`},
		{"an empty message", en, `"There is no pod."`, `" "`, `01-web/lesson.en.md:5: message "no-web" is empty`},
		{"a template that is no CEL", en, "pods[0].spec", "pods[0.spec", "01-web/lesson.en.md:6: column"},
		{"a template that is not closed", en, "image}}`", "image`", "01-web/lesson.en.md:6: "},
		{"a template of what is not watched", en, "{{pods[0]", "{{nodes[0]", "01-web/lesson.en.md:6: the template uses nodes"},
		{"a prediction with one choice", yaml, "[kubectl, kubelet]", "[kubectl]", "01-web/task.yaml:10: prediction"},
		{"a prediction with too many choices", yaml, "[kubectl, kubelet]", "[kubectl, kubelet, nobody]", "01-web/lesson.en.md:22: the list has 2 choices, the task 3"},
		{"right and graded", yaml, "    graded:", "    right: kubelet\n    graded:", "either right or graded"},
		{"a right that is no choice", yaml, "    graded: \"pods", "    right: nobody # \"pods", `01-web/task.yaml:12: right is "nobody"`},
		{"a misconception of no choice", yaml, "{kubectl: not-kubectl}", "{nobody: not-kubectl}", "01-web/task.yaml:13: misconception"},
		{"no misconception", yaml, "    misconception: {kubectl: not-kubectl}\n", "", "explains no wrong choice"},
		{"no front matter", en, "---\n", "", "01-web/lesson.en.md:1: want front matter"},
		{"no title", en, "title: A page\n", "", "01-web/lesson.en.md:1: the front matter needs"},
		{"a field of the front matter", en, "title: A page", "titel: A page", "01-web/lesson.en.md:2: field titel not found"},
		{"a step without text", zh, "## Name it {#name}", "## Name it {#nome}", "there is no section {#name}"},
		{"a text without a step", zh, "## Name it {#name}", "## Name it {#nome}", "01-web/lesson.zh-CN.md:35: section {#nome} is of no step"},
		{"a heading without an id", en, "## Mend it {#mend}", "## Mend it", `01-web/lesson.en.md:45: heading "Mend it" has no {#id}`},
		{"a heading of the wrong level", en, "## Mend it {#mend}", "#### Mend it {#mend}", "want ## for a step"},
		{"a part of another step", en, "{#name-hints}", "{#mend-hints}", "01-web/lesson.en.md:39: section {#mend-hints} of step \"name\""},
		{"two hints", en, "2. Run.\n", "", "01-web/lesson.en.md:29: section {#make-hints}: want a list of exactly 3 hints"},
		{"no hints", en, "### Hints {#name-hints}\n\n1. a\n2. b\n3. c\n", "", `01-web/lesson.en.md:35: step "name" has no section {#name-hints}`},
		{"no prediction in the text", en, "### Guess {#make-predict}\n\nWho?\n\n- kubectl, of course\n- the `kubelet`\n", "", "has no section {#make-predict}"},
		{"no choices in the text", en, "- kubectl, of course\n- the `kubelet`\n", "", "want a question and a list of choices"},
		{"a prediction after the whole text", zh, "```yaml\nkind: Pod # a pod\nname: ____\n```", "", `01-web/lesson.zh-CN.md:13: step "make" asks for a prediction, and has no block of code to stop before`},
		{"a prediction that is not asked", en, "### Hints {#name-hints}", "### P {#name-predict}\n\nq\n\n- a\n- b\n\n### Hints {#name-hints}", `01-web/lesson.en.md:39: step "name" asks for no prediction`},
		{"no solution", "solution.txtar", solution, "", "01-web/solution.txtar: "},
		{"a step without a solution", "solution.txtar", "-- 03-mend.sh --", "-- 03-mind.sh --", "there is no NN-mend.sh"},
		{"a solution without a step", "solution.txtar", "-- 03-mend.sh --", "-- mend.sh --", "mend.sh is of no step"},
		{"a wrong answer that expects nothing", "wrong-1.txtar", "expect:", "hope:", "01-web/wrong-1.txtar: want a line expect:"},
		{"a wrong answer that expects what is never said", "wrong-1.txtar", " web-image", " no-such", `does not say "no-such"`},
		{"a wrong answer to no step", "wrong-1.txtar", "make/web", "none/web", `there is no step "none"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.old == "" {
				tt.old, tt.want = text, "01-web/lesson.zh-CN.md: "
			}
			fsys := tree([3]string{tt.file, tt.old, tt.new})
			if tt.name == "no text" {
				delete(fsys, "01-web/lesson.zh-CN.md")
			}
			_, err := lessons.Load(fsys)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestFaultsOfTheTree(t *testing.T) {
	second := tree()
	for name, file := range tree() {
		second[strings.Replace(name, "01-", "02-", 1)] = file
	}
	few := tree()
	delete(few, "01-web/wrong-2.txtar")
	for name, tt := range map[string]struct {
		fsys fs.FS
		want string
	}{
		"nothing":             {fstest.MapFS{}, "there are no lessons"},
		"no folder":           {fstest.MapFS{"README.md": {}, ".git/x": {}}, "there are no lessons: want folders NN-name, as 02-pods"},
		"a folder's name":     {fstest.MapFS{"web/task.yaml": {}}, "web: want a folder NN-name"},
		"a shared namespace":  {second, "02-web/task.yaml: lesson-web belongs to lesson 01-web already"},
		"a shared file":       {second, "02-web/task.yaml: web.yaml belongs to lesson 01-web already"},
		"one wrong answer":    {few, "01-web: want at least two wrong answers"},
		"several at one time": {fstest.MapFS{"a/x": {}, "b/x": {}}, "a: want a folder NN-name, as 02-pods\nb: want"},
	} {
		if _, err := lessons.Load(tt.fsys); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}

func FuzzTask(f *testing.F) {
	f.Add([]byte(task))
	f.Add([]byte("id: &a [*a]"))
	f.Add([]byte("steps: [{predict: {}, ask: {}, checks: [{probe: {}}]}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fsys := tree()
		fsys["01-web/task.yaml"] = &fstest.MapFile{Data: data}
		loadsOrNot(t, fsys)
	})
}

func FuzzText(f *testing.F) {
	f.Add([]byte(text))
	f.Add([]byte("---\nmessages: {a: '{{'}\n---\n## {#make}\n### {#make-predict}\n- \n"))
	f.Add([]byte("---\n---\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fsys := tree()
		fsys["01-web/lesson.en.md"] = &fstest.MapFile{Data: data}
		loadsOrNot(t, fsys)
	})
}

// loadsOrNot loads a tree, which must not panic, and must be whole if it loads.
func loadsOrNot(t *testing.T, fsys fs.FS) {
	c, err := lessons.Load(fsys)
	if err != nil {
		return
	}
	l := c.Lessons()[0]
	for _, s := range l.Steps {
		if text := l.In("en").Step(s.ID); text == nil || text.Hints[2] == "" || s.Predict != nil && text.Predict == nil {
			t.Errorf("step %q loads without its text", s.ID)
		}
	}
}
