package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"kubergarten/engine/cluster"
	"kubergarten/engine/kubeadm"
	"kubergarten/lessons"
)

// presets change the flags of the control plane in the manifests of its static
// pods, whose kubelet sees that and starts them anew. What stood there before is
// kept in files, until it stands there again. It implements lessons.Presets.
type presets struct {
	owner string   // who alone may do that
	node  *os.Root // the files of the control plane's node
	kept  *os.Root // the page's directory

	mu sync.Mutex
}

// A keptPreset is what was done to one manifest.
type keptPreset struct {
	Flags  map[string]string `json:"flags"`
	Before string            `json:"before"`
	After  string            `json:"after"`
}

// newPresets finds the control plane of the cluster whose data is in data. The
// owner is the one of its kubeconfig.
func newPresets(data, kubeconfig string, now time.Time, kept *os.Root) (*presets, error) {
	config, err := os.ReadFile(kubeconfig)
	if err != nil {
		return nil, err
	}
	node, err := os.OpenRoot(filepath.Join(data, "nodes", cluster.ControlPlane))
	if err != nil {
		return nil, err
	}
	ca, err := node.ReadFile(kubeadm.PKI + "/ca.crt")
	if err != nil {
		return nil, errors.Join(err, node.Close())
	}
	owner, _, err := kubeadm.UserOf(config, ca, now)
	if err == nil && owner == nil {
		err = fmt.Errorf("%s has no client certificate", kubeconfig)
	}
	if err != nil {
		return nil, errors.Join(err, node.Close())
	}
	return &presets{owner: owner.GetName(), node: node, kept: kept}, nil
}

// Set implements lessons.Presets. When it fails, all components have their own
// flags, as far as that can be done.
func (p *presets) Set(_ context.Context, learner string, flags lessons.Flags) error {
	if learner != p.owner {
		return lessons.ErrNotOwner
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, component := range lessons.PresetComponents() {
		if err := p.set(component, flags[component]); err != nil {
			return errors.Join(err, p.unset(component))
		}
	}
	return nil
}

// unset gives all components their own flags again but one, which failed.
func (p *presets) unset(failed string) (err error) {
	for _, component := range lessons.PresetComponents() {
		if component != failed {
			err = errors.Join(err, p.set(component, nil))
		}
	}
	return err
}

// set gives one component flags in the place of those that it was given before.
func (p *presets) set(component string, flags map[string]string) error {
	for flag, value := range flags {
		if err := cluster.CheckFlag(component, flag, value); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", component, err), p.set(component, nil))
		}
	}
	was, err := p.recall(component)
	if err != nil || len(flags) == 0 && was == nil {
		return err
	}
	now, err := p.node.ReadFile(manifestOf(component))
	if err != nil {
		return fmt.Errorf("manifest of %s: %w", component, err)
	}
	if was != nil && maps.Equal(was.Flags, flags) && was.After == string(now) {
		return nil
	}
	if was != nil {
		if now, err = p.restore(component, was, now); err != nil {
			return err
		}
	}
	return p.change(component, now, flags)
}

// change writes flags into a manifest, after keeping what stands there.
func (p *presets) change(component string, now []byte, flags map[string]string) error {
	if len(flags) == 0 {
		return nil
	}
	pod, err := parseStaticPod(now, component)
	if err != nil {
		return p.damaged(component, err)
	}
	for _, flag := range slices.Sorted(maps.Keys(flags)) {
		pod.take(flag)
		pod.put(wordOf(flag, flags[flag]))
	}
	after, err := pod.write(component)
	if err != nil {
		return p.damaged(component, err)
	}
	if err := p.keep(component, keptPreset{flags, string(now), string(after)}); err != nil {
		return err
	}
	return replaceFile(p.node, manifestOf(component), after)
}

// restore writes what stood in a manifest before, and returns it. If somebody
// else has changed the manifest since, only the flags go back.
func (p *presets) restore(component string, was *keptPreset, now []byte) (then []byte, err error) {
	then = []byte(was.Before)
	if string(now) != was.After && string(now) != was.Before {
		if then, err = was.undo(component, now); err != nil {
			return nil, p.damaged(component, err)
		}
	}
	if string(now) != string(then) {
		if err := replaceFile(p.node, manifestOf(component), then); err != nil {
			return nil, err
		}
	}
	return then, p.kept.Remove(keptFile(component))
}

// undo takes the flags out of a manifest that somebody has changed. A flag that
// they have given another value stays as it is.
func (k *keptPreset) undo(component string, now []byte) ([]byte, error) {
	pod, err := parseStaticPod(now, component)
	if err != nil {
		return nil, err
	}
	before, err := parseStaticPod([]byte(k.Before), component)
	if err != nil {
		return nil, err
	}
	for _, flag := range slices.Sorted(maps.Keys(k.Flags)) {
		words := pod.take(flag)
		if slices.Equal(words, []string{wordOf(flag, k.Flags[flag])}) {
			words = before.take(flag)
		}
		pod.put(words...)
	}
	return pod.write(component)
}

func (p *presets) damaged(component string, err error) error {
	return fmt.Errorf("manifest of %s on node %s, /%s, cannot be changed: %w", component, cluster.ControlPlane, manifestOf(component), err)
}

// recall reads what was done to a manifest, nil if nothing.
func (p *presets) recall(component string) (*keptPreset, error) {
	data, err := p.kept.ReadFile(keptFile(component))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	k := &keptPreset{}
	if err == nil {
		err = json.Unmarshal(data, k)
	}
	if err == nil && (k.Before == "" || k.After == "") {
		err = errors.New("the file is damaged")
	}
	if err != nil {
		return nil, fmt.Errorf("what stood in the manifest of %s before a lesson: page/%s: %w", component, keptFile(component), err)
	}
	return k, nil
}

func (p *presets) keep(component string, k keptPreset) error {
	data, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return replaceFile(p.kept, keptFile(component), data)
}

func manifestOf(component string) string { return "etc/kubernetes/manifests/" + component + ".yaml" }
func keptFile(component string) string   { return "preset-" + component + ".json" }
func wordOf(flag, value string) string   { return "--" + flag + "=" + value }

// replaceFile writes a file so that readers, and who starts after a crash, see
// the old or the new one. Kubelets do not look at hidden files.
func replaceFile(root *os.Root, name string, data []byte) error {
	hidden := path.Join(path.Dir(name), "."+path.Base(name)+".tmp")
	f, err := root.OpenFile(hidden, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return root.Rename(hidden, name)
}
