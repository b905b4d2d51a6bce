package framework

// Upstream: pkg/scheduler/framework/runtime/framework.go

import (
	"context"
	"fmt"
	"math"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// A Weighted is a plugin with the weight of its score.
type Weighted struct {
	Plugin Plugin
	Weight int64
}

// A Profile is the plugins that one scheduler name stands for, in order.
type Profile struct {
	Name    string
	plugins []Weighted
	sort    QueueSortPlugin
	bind    BindPlugin
}

// NewProfile returns the profile, or says what the list lacks.
func NewProfile(name string, plugins []Weighted) (*Profile, error) {
	p := &Profile{Name: name, plugins: plugins}
	seen := map[string]bool{}
	for _, w := range plugins {
		if seen[w.Plugin.Name()] {
			return nil, fmt.Errorf("profile %q: plugin %q is listed twice", name, w.Plugin.Name())
		}
		seen[w.Plugin.Name()] = true
		if s, ok := w.Plugin.(QueueSortPlugin); ok {
			p.sort = s
		}
		if b, ok := w.Plugin.(BindPlugin); ok {
			p.bind = b
		}
	}
	if p.sort == nil || p.bind == nil {
		return nil, fmt.Errorf("profile %q: needs a queue sort plugin and a bind plugin", name)
	}
	return p, nil
}

// of returns the plugins that implement T, in order.
func of[T any](p *Profile) (out []T) {
	for _, w := range p.plugins {
		if t, ok := w.Plugin.(T); ok {
			out = append(out, t)
		}
	}
	return out
}

// Less orders the queue.
func (p *Profile) Less(a, b *QueuedPodInfo) bool { return p.sort.Less(a, b) }

// PreEnqueue asks whether the pod may enter the queue.
func (p *Profile) PreEnqueue(ctx context.Context, pod *corev1.Pod) *Status {
	for _, pl := range of[PreEnqueuePlugin](p) {
		if s := pl.PreEnqueue(ctx, pod); !s.IsSuccess() {
			return by(pl, s)
		}
	}
	return nil
}

func by(pl Plugin, s *Status) *Status {
	s.Plugin = pl.Name()
	return s
}

// PreFilter asks all PreFilter plugins. only is the set of nodes worth asking,
// nil for all; skip the plugins whose Filter need not be asked.
func (p *Profile) PreFilter(ctx context.Context, state *CycleState, pod *corev1.Pod, nodes []*NodeInfo) (only, skip map[string]bool, s *Status) {
	skip = map[string]bool{}
	for _, pl := range of[PreFilterPlugin](p) {
		these, s := pl.PreFilter(ctx, state, pod, nodes)
		if s.IsSkip() {
			skip[pl.Name()] = true
			continue
		}
		if !s.IsSuccess() {
			return nil, nil, by(pl, s)
		}
		only = intersect(only, these)
	}
	return only, skip, nil
}

func intersect(a, b map[string]bool) map[string]bool {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	both := map[string]bool{}
	for k := range a {
		if b[k] {
			both[k] = true
		}
	}
	return both
}

// Filter asks whether the pod may run on the node; the first refusal counts.
func (p *Profile) Filter(ctx context.Context, state *CycleState, skip map[string]bool, pod *corev1.Pod, node *NodeInfo) *Status {
	for _, w := range p.plugins {
		pl, ok := w.Plugin.(FilterPlugin)
		if !ok || skip[pl.Name()] {
			continue
		}
		if s := pl.Filter(ctx, state, pod, node); !s.IsSuccess() {
			return by(pl, s)
		}
	}
	return nil
}

// PostFilter asks for what to say when no node was left.
func (p *Profile) PostFilter(ctx context.Context, state *CycleState, pod *corev1.Pod, refused map[string]*Status, nodes []*NodeInfo) string {
	for _, pl := range of[PostFilterPlugin](p) {
		if s := pl.PostFilter(ctx, state, pod, refused, nodes); s != nil {
			return s.Message()
		}
	}
	return ""
}

// A NodeScore is what one node got.
type NodeScore struct {
	Node   string
	Total  int64
	Scores []PluginScore
}

// A PluginScore is what one plugin gave, weighted.
type PluginScore struct {
	Plugin string
	Score  int64
}

// Score asks all Score plugins about all nodes, normalizes and weighs.
func (p *Profile) Score(ctx context.Context, state *CycleState, pod *corev1.Pod, nodes []*NodeInfo) ([]NodeScore, *Status) {
	out := make([]NodeScore, len(nodes))
	for i, n := range nodes {
		out[i].Node = n.Node.Name
	}
	for _, w := range p.plugins {
		pl, ok := w.Plugin.(ScorePlugin)
		if !ok {
			continue
		}
		scores, s := score(ctx, pl, state, pod, nodes)
		if s.IsSkip() {
			continue
		}
		if !s.IsSuccess() {
			return nil, by(pl, s)
		}
		for i, v := range scores {
			out[i].Total += v * w.Weight
			out[i].Scores = append(out[i].Scores, PluginScore{pl.Name(), v * w.Weight})
		}
	}
	return out, nil
}

// score is one plugin's normalized scores.
func score(ctx context.Context, pl ScorePlugin, state *CycleState, pod *corev1.Pod, nodes []*NodeInfo) ([]int64, *Status) {
	if pre, ok := pl.(PreScorePlugin); ok {
		if s := pre.PreScore(ctx, state, pod, nodes); !s.IsSuccess() {
			return nil, s
		}
	}
	scores := make([]int64, len(nodes))
	for i, n := range nodes {
		v, s := pl.Score(ctx, state, pod, n)
		if !s.IsSuccess() {
			return nil, s
		}
		scores[i] = v
	}
	if norm, ok := pl.(ScoreNormalizer); ok {
		norm.NormalizeScore(scores)
	}
	if i := slices.IndexFunc(scores, func(v int64) bool { return v < 0 || v > MaxNodeScore }); i >= 0 {
		return nil, AsStatus(fmt.Errorf("plugin %q returns an invalid score %v, it should in the range of [%v, %v] after normalizing", pl.Name(), scores[i], 0, MaxNodeScore))
	}
	return scores, nil
}

// Bind writes where the pod runs.
func (p *Profile) Bind(ctx context.Context, pod *corev1.Pod, node string) *Status {
	if s := p.bind.Bind(ctx, pod, node); !s.IsSuccess() {
		return by(p.bind, s)
	}
	return nil
}

// Wakes reports whether e may help a pod that the named plugins refused.
func (p *Profile) Wakes(e Event, refusedBy []string) bool {
	if len(refusedBy) == 0 {
		return true
	}
	for _, w := range p.plugins {
		if !slices.Contains(refusedBy, w.Plugin.Name()) {
			continue
		}
		if r, ok := w.Plugin.(EventsToRegister); !ok || r.Events()&e != 0 {
			return true
		}
	}
	return false
}

// NormalizeScores maps scores to 0..MaxNodeScore in proportion to the largest;
// reverse turns them round, for plugins that count what is bad.
// Upstream: plugins/helper.DefaultNormalizeScore.
func NormalizeScores(scores []int64, reverse bool) {
	largest := int64(math.MinInt64)
	for _, s := range scores {
		largest = max(largest, s)
	}
	for i := range scores {
		v := int64(0)
		if largest > 0 {
			v = MaxNodeScore * scores[i] / largest
		}
		if reverse {
			v = MaxNodeScore - v
		}
		scores[i] = v
	}
}
