package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kubergarten/lessons"
)

const managerManifest = `# the controllers
apiVersion: v1
kind: Pod
metadata:
  name: kube-controller-manager
spec:
  containers:
  - command:
    - kube-controller-manager
    - --controllers=*
    - --node-monitor-grace-period=50s # as upstream
    - --leader-elect=false
    name: kube-controller-manager
`

const schedulerManifest = `{"kind": "Pod", "spec": {"containers": [{"name": "kube-scheduler", "command": ["kube-scheduler"], "args": ["--v", "2"]}]}}`

// A presetDir is the files that presets work on.
type presetDir struct {
	testing.TB
	*presets
	node, kept string
}

func newPresetDir(t testing.TB) *presetDir {
	t.Helper()
	d := &presetDir{TB: t, node: t.TempDir(), kept: t.TempDir()}
	if err := os.MkdirAll(filepath.Join(d.node, "etc/kubernetes/manifests"), 0o755); err != nil {
		t.Fatal(err)
	}
	d.write("kube-controller-manager", managerManifest)
	d.write("kube-scheduler", schedulerManifest)
	d.again()
	return d
}

// again starts anew, as a server does.
func (d *presetDir) again() {
	d.Helper()
	node, err := os.OpenRoot(d.node)
	if err != nil {
		d.Fatal(err)
	}
	kept, err := os.OpenRoot(d.kept)
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { _, _ = node.Close(), kept.Close() })
	d.presets = &presets{owner: "me", node: node, kept: kept}
}

func (d *presetDir) file(component string) string {
	return filepath.Join(d.node, manifestOf(component))
}

func (d *presetDir) write(component, data string) {
	d.Helper()
	if err := os.WriteFile(d.file(component), []byte(data), 0o600); err != nil {
		d.Fatal(err)
	}
}

func (d *presetDir) read(component string) string {
	d.Helper()
	data, err := os.ReadFile(d.file(component))
	if err != nil {
		d.Fatal(err)
	}
	return string(data)
}

// words are those of the component's command line now.
func (d *presetDir) words(component string) []string {
	d.Helper()
	pod, err := parseStaticPod([]byte(d.read(component)), component)
	if err != nil {
		d.Fatal(err)
	}
	return pod.words()
}

func (d *presetDir) give(flags lessons.Flags) {
	d.Helper()
	if err := d.Set(d.Context(), "me", flags); err != nil {
		d.Fatal(err)
	}
}

// asBefore checks that all is as it was, and nothing is left over.
func (d *presetDir) asBefore() {
	d.Helper()
	if d.read("kube-controller-manager") != managerManifest || d.read("kube-scheduler") != schedulerManifest {
		d.Errorf("the manifests are not as before:\n%s\n%s", d.read("kube-controller-manager"), d.read("kube-scheduler"))
	}
	for _, dir := range []string{d.kept, filepath.Dir(d.file("x"))} {
		left, _ := os.ReadDir(dir)
		for _, e := range left {
			if strings.HasPrefix(e.Name(), ".") || dir == d.kept {
				d.Errorf("%s is left over", e.Name())
			}
		}
	}
}

func grace(value string) lessons.Flags {
	return lessons.Flags{"kube-controller-manager": {"node-monitor-grace-period": value}}
}

func TestPresetsAreSetAndTakenBack(t *testing.T) {
	d := newPresetDir(t)
	d.give(nil)
	d.asBefore()
	d.give(lessons.Flags{"kube-controller-manager": {"node-monitor-grace-period": "20s", "v": "4"}, "kube-scheduler": {"v": "4"}})
	want := []string{"kube-controller-manager", "--controllers=*", "--leader-elect=false", "--node-monitor-grace-period=20s", "--v=4"}
	if got := d.words("kube-controller-manager"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := d.words("kube-scheduler"), []string{"kube-scheduler", "--v=4"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	d.again()
	d.give(grace("30s"))
	want = []string{"kube-controller-manager", "--controllers=*", "--leader-elect=false", "--node-monitor-grace-period=30s"}
	if got := d.words("kube-controller-manager"); !slices.Equal(got, want) {
		t.Errorf("flags of another lesson: got %q, want %q", got, want)
	}
	if d.read("kube-scheduler") != schedulerManifest {
		t.Errorf("the scheduler has flags of the lesson before: %s", d.read("kube-scheduler"))
	}
	d.again()
	d.give(nil)
	d.asBefore()
}

// TestTheSamePresetsTouchNothing: the kubelet would start the component anew.
func TestTheSamePresetsTouchNothing(t *testing.T) {
	d := newPresetDir(t)
	d.give(grace("20s"))
	before, err := os.Stat(d.file("kube-controller-manager"))
	if err != nil {
		t.Fatal(err)
	}
	d.give(grace("20s"))
	after, err := os.Stat(d.file("kube-controller-manager"))
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) {
		t.Error("the manifest is written anew")
	}
}

func TestPresetsAreTheOwnersAlone(t *testing.T) {
	d := newPresetDir(t)
	if err := d.Set(t.Context(), "system:serviceaccount:default:guest", grace("20s")); !errors.Is(err, lessons.ErrNotOwner) {
		t.Errorf("got %v, want %v", err, lessons.ErrNotOwner)
	}
	d.asBefore()
}

// TestWhatSomebodyElseChangedStays while a lesson's flags are taken back.
func TestWhatSomebodyElseChangedStays(t *testing.T) {
	d := newPresetDir(t)
	d.give(lessons.Flags{"kube-controller-manager": {"node-monitor-grace-period": "20s", "v": "4"}})
	mine := strings.Replace(d.read("kube-controller-manager"), "--v=4", "--v=9", 1)
	d.write("kube-controller-manager", strings.Replace(mine, "--leader-elect=false", "--allocate-node-cidrs=true", 1))
	d.give(nil)
	want := []string{"kube-controller-manager", "--controllers=*", "--allocate-node-cidrs=true", "--node-monitor-grace-period=50s", "--v=9"}
	if got := d.words("kube-controller-manager"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if !strings.HasPrefix(d.read("kube-controller-manager"), "# the controllers\n") {
		t.Errorf("a comment is lost:\n%s", d.read("kube-controller-manager"))
	}
}

// TestADamagedManifestIsNotTouched, and what stood there before is not lost.
func TestADamagedManifestIsNotTouched(t *testing.T) {
	for name, bad := range map[string]string{
		"no YAML":       "spec: [",
		"empty":         "",
		"two documents": managerManifest + "---\n" + managerManifest,
		"no container":  strings.Replace(managerManifest, "    name: kube-", "    name: ", 1),
		"no command":    strings.Replace(managerManifest, "command", "comment", 1),
		"no words":      strings.Replace(managerManifest, "- --controllers=*", "- {a: b}", 1),
	} {
		t.Run(name, func(t *testing.T) {
			d := newPresetDir(t)
			d.write("kube-controller-manager", bad)
			d.refuses("manifest of kube-controller-manager on node control-plane, /etc/kubernetes/manifests/kube-controller-manager.yaml, cannot be changed", grace("20s"))
			if d.read("kube-controller-manager") != bad {
				t.Error("it is touched")
			}
			d.write("kube-controller-manager", managerManifest)
			d.give(grace("20s"))
			d.write("kube-controller-manager", bad)
			d.refuses("cannot be changed", nil)
			if d.read("kube-controller-manager") != bad {
				t.Error("it is touched when flags are taken back")
			}
			d.write("kube-controller-manager", managerManifest)
			d.give(nil)
			d.asBefore()
		})
	}
}

func (d *presetDir) refuses(want string, flags lessons.Flags) {
	d.Helper()
	if err := d.Set(d.Context(), "me", flags); err == nil || !strings.Contains(err.Error(), want) {
		d.Errorf("got %v, want %s", err, want)
	}
}

// TestAllPresetsOrNone: what was set goes back when the next one fails.
func TestAllPresetsOrNone(t *testing.T) {
	d := newPresetDir(t)
	flags := grace("20s")
	flags["kube-scheduler"] = map[string]string{"nonsense": "1"}
	d.refuses("kube-scheduler: unknown flag: --nonsense", flags)
	d.asBefore()
	flags["kube-scheduler"] = map[string]string{"v": "4"}
	if err := os.Remove(d.file("kube-scheduler")); err != nil {
		t.Fatal(err)
	}
	d.refuses("manifest of kube-scheduler: ", flags)
	d.write("kube-scheduler", schedulerManifest)
	d.asBefore()
}

// TestAComponentThatFailsLeavesTheOthersTheirOwn: the flags of the lesson before
// do not stay, whichever component fails.
func TestAComponentThatFailsLeavesTheOthersTheirOwn(t *testing.T) {
	before := lessons.Flags{"kube-controller-manager": {"v": "4"}, "kube-scheduler": {"v": "4"}}
	for _, failing := range lessons.PresetComponents() {
		t.Run(failing, func(t *testing.T) {
			d := newPresetDir(t)
			d.give(before)
			d.refuses(failing+": unknown flag: --nonsense", lessons.Flags{failing: {"nonsense": "1"}})
			d.asBefore()
			d.give(before)
			d.write(failing, "spec: [")
			d.refuses("cannot be changed", lessons.Flags{failing: {"v": "5"}})
			for _, other := range lessons.PresetComponents() {
				if other != failing && slices.Contains(d.words(other), "--v=4") {
					t.Errorf("%s keeps flags of the lesson before: %q", other, d.words(other))
				}
			}
		})
	}
}

// TestAServerThatDiesBetween: the record is there, the manifest not yet changed.
func TestAServerThatDiesBetween(t *testing.T) {
	d := newPresetDir(t)
	d.give(grace("20s"))
	d.write("kube-controller-manager", managerManifest)
	d.again()
	d.give(nil)
	d.asBefore()
}

func TestADamagedRecordIsTold(t *testing.T) {
	d := newPresetDir(t)
	d.give(grace("20s"))
	set := d.read("kube-controller-manager")
	for _, bad := range []string{"", "{", "null", "{}"} {
		if err := os.WriteFile(filepath.Join(d.kept, keptFile("kube-controller-manager")), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		d.refuses("page/preset-kube-controller-manager.json", nil)
		if d.read("kube-controller-manager") != set {
			t.Errorf("record %q: the manifest is changed", bad)
		}
	}
}

func FuzzStaticPod(f *testing.F) {
	f.Add([]byte(managerManifest), "4")
	f.Add([]byte("spec: &a {containers: [{name: kube-controller-manager, command: [a, --v], args: [1, --v=3]}, *a]}"), "true")
	f.Add([]byte("null"), "'x: y'")
	f.Fuzz(func(t *testing.T, data []byte, value string) {
		const name = "kube-controller-manager"
		pod, err := parseStaticPod(data, name)
		if err != nil {
			return
		}
		own := pod.take("v")
		rest := pod.words()
		pod.put("--v=" + value)
		text, err := pod.write(name)
		if err != nil {
			return
		}
		again, err := parseStaticPod(text, name)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, text)
		}
		if got := again.take("v"); !slices.Equal(got, []string{"--v=" + value}) || !slices.Equal(again.words(), rest) {
			t.Errorf("before %q and %q, after %q and %q", own, rest, got, again.words())
		}
	})
}
