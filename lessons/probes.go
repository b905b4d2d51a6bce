package lessons

import (
	"context"
	"maps"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

const (
	probeGap     = time.Second      // between two runs of a probe
	probeTimeout = 5 * time.Second  // of one run
	probeRetries = 4                // after a change, for what follows it unseen
	probeRest    = 30 * time.Second // between two runs in the end
	maxOutput    = 64 << 10         // bytes kept of an answer or a log
)

// probes runs the probes of a lesson's checks beside the evaluation: after each
// change that was seen, and again while the check fails. That is a few times at
// once, for a change takes a moment to reach the network; then less and less
// often, for what a probe depends on may lie where no change is seen.
type probes struct {
	w  *watcher
	mu sync.Mutex
	by map[string]*running // by step/check
}

type running struct {
	result map[string]any
	now    bool        // a run is under way
	seen   uint64      // the change that the last runs were for
	tries  int         // runs since that change
	began  time.Time   // of the last run
	timer  clock.Timer // evaluates again for the next run; nil before the first
}

// gap is how long after the last run the next one may begin.
func (r *running) gap() time.Duration {
	gap := probeGap
	for range r.tries - probeRetries {
		gap = min(2*gap, probeRest)
	}
	return gap
}

func newProbes(w *watcher) *probes { return &probes{w: w, by: map[string]*running{}} }

// results returns what the probes found last.
func (p *probes) results() map[string]map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]map[string]any{}
	for key, r := range p.by {
		if r.result != nil {
			out[key] = r.result
		}
	}
	return out
}

// run starts those probes of open steps whose turn it is.
func (p *probes) run(f *facts, page *page, found []finding) {
	p.w.mu.Lock()
	events := p.w.events
	p.w.mu.Unlock()
	for _, one := range found {
		if page.status(p.w.lesson, one.step.ID) != Open {
			continue
		}
		for i, c := range one.step.Checks {
			if c.probe == nil {
				continue
			}
			key, vars := one.step.ID+"/"+c.ID, f.vars(one.step.ID, c.ID, "")
			if p.turn(key, events, one.checks[i].Passed) {
				r := c.probe.resolve(vars)
				p.w.t.wg.Go(func() { p.once(key, r) })
			}
		}
	}
}

// turn reports whether a probe is to run now, and notes that it does. A probe
// that must wait evaluates again when it may.
func (p *probes) turn(key string, events uint64, passed bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.by[key]
	if r == nil {
		r = &running{}
		p.by[key] = r
	}
	if r.now || (r.seen == events && passed) {
		return false
	}
	if r.seen != events {
		r.tries = 0
	}
	now := p.w.clock.Now()
	if wait := r.gap() - now.Sub(r.began); wait > 0 && !r.began.IsZero() {
		if r.timer != nil {
			r.timer.Stop()
		}
		r.timer = p.w.clock.AfterFunc(wait, p.w.poke)
		return false
	}
	r.seen = events
	r.now, r.began = true, now
	r.tries++
	return true
}

// once runs a probe and evaluates what it found.
func (p *probes) once(key string, r resolved) {
	ctx, cancel := p.w.t.within(p.w.ctx, probeTimeout)
	defer cancel()
	result := r.ask(ctx, p.w.t.cfg.Probe, p.w.lesson.Namespace)
	p.mu.Lock()
	p.by[key].result, p.by[key].now = result, false
	p.mu.Unlock()
	p.w.poke()
}

// A resolved probe has its templates filled in.
type resolved struct {
	url            string
	pod, container string
	command        []string
}

func (p *probe) resolve(vars map[string]any) resolved {
	if p.url != nil {
		return resolved{url: p.url.render(vars)}
	}
	r := resolved{pod: p.pod.render(vars), container: p.container.render(vars)}
	for _, arg := range p.command {
		r.command = append(r.command, arg.render(vars))
	}
	return r
}

// ask asks the cluster. The error is part of the answer.
func (r resolved) ask(ctx context.Context, prober Prober, ns string) (out map[string]any) {
	defer func() {
		if x := recover(); x != nil {
			out = map[string]any{"done": true, "error": "the probe failed"}
		}
	}()
	if prober == nil {
		return map[string]any{"done": true, "error": "there is nobody to ask"}
	}
	if r.url != "" {
		status, body, err := prober.HTTP(ctx, r.url)
		return answered(err, map[string]any{"status": int64(status), "body": cut(body)})
	}
	code, stdout, stderr, err := prober.Exec(ctx, ns, r.pod, r.container, r.command)
	return answered(err, map[string]any{"code": int64(code), "stdout": cut(stdout), "stderr": cut(stderr)})
}

func answered(err error, found map[string]any) map[string]any {
	out := map[string]any{"done": true}
	if err != nil {
		out["error"] = err.Error()
		return out
	}
	maps.Copy(out, found)
	return out
}

func cut(s string) string { return s[:min(len(s), maxOutput)] }
