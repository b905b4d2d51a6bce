package coredns

// Upstream: plugin/kubernetes/setup.go

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// The ways to answer for pods' addresses.
const (
	podsDisabled = "disabled"
	podsInsecure = "insecure"
	podsVerified = "verified"
)

func setupKubernetes(c *controller) error {
	k := &kubernetes{inst: c.inst, log: c.log(), pods: podsDisabled, ttl: 5, startTimeout: 5 * time.Second}
	for uses := 1; c.Next(); uses++ {
		if err := c.once(uses); err != nil {
			return err
		}
		if err := k.parse(c); err != nil {
			return err
		}
	}
	if c.inst.API == nil {
		return errors.New("unable to load in-cluster configuration")
	}
	var err error
	if k.objects, err = newObjects(c.inst.API, c.inst.Clock, !k.noEndpoints, k.pods == podsVerified); err != nil {
		return err
	}
	in := c.inst
	in.tasks = append(in.tasks, k.objects.informers.Run)
	in.prepare = append(in.prepare, k.waitSynced)
	in.ready = append(in.ready, readier{"kubernetes", k.objects.synced})
	c.add(func(next Handler) Handler { k.next = next; return k })
	return nil
}

// parse reads "kubernetes [ZONES...] { ... }".
func (k *kubernetes) parse(c *controller) error {
	k.zones = origins(c.RemainingArgs(), c.block.zones)
	i := slices.IndexFunc(k.zones, func(z string) bool { return !isReverse(z) })
	if i < 0 {
		return errors.New("non-reverse zone name must be used")
	}
	k.primary = k.zones[i]
	for c.NextBlock() {
		if err := k.property(c); err != nil {
			return err
		}
	}
	return nil
}

func (k *kubernetes) property(c *controller) (err error) {
	name, args := c.Val(), c.RemainingArgs()
	if want, ok := kubernetesArgs()[name]; ok && (len(args) < want.min || len(args) > want.max) {
		return c.ArgErr()
	}
	switch name {
	case "endpoint_pod_names":
		k.podNames = true
	case "noendpoints":
		k.noEndpoints = true
	case "namespaces":
		k.namespaces = append(k.namespaces, args...)
	case "fallthrough":
		if k.fallthru = (zones{"."}); len(args) > 0 {
			k.fallthru = origins(args, nil)
		}
	case "pods":
		if k.pods = args[0]; !slices.Contains([]string{podsDisabled, podsInsecure, podsVerified}, k.pods) {
			return fmt.Errorf("wrong value for pods: %s,  must be one of: disabled, verified, insecure", k.pods)
		}
	case "ttl":
		return k.setTTL(c, args[0])
	case "ignore":
		if k.ignoreEmpty = args[0] == "empty_service"; !k.ignoreEmpty {
			return fmt.Errorf("unable to parse ignore value: '%v'", args[0])
		}
	case "startup_timeout":
		if k.startTimeout, err = time.ParseDuration(args[0]); err != nil {
			return fmt.Errorf("failed to parse startup_timeout: %v, %s", args[0], err)
		}
	default:
		return c.Errf("unknown property '%s'", name)
	}
	return nil
}

type argCount struct{ min, max int }

func kubernetesArgs() map[string]argCount {
	const many = 1 << 20
	return map[string]argCount{
		"endpoint_pod_names": {0, 0}, "noendpoints": {0, 0}, "pods": {1, 1}, "namespaces": {1, many},
		"ttl": {1, many}, "ignore": {1, many}, "startup_timeout": {1, many}, "fallthrough": {0, many},
	}
}

func (k *kubernetes) setTTL(c *controller, s string) error {
	n, err := strconv.Atoi(s)
	if err != nil {
		return err
	}
	if n < 0 || n > 3600 {
		return c.Errf("ttl must be in range [0, 3600]: %d", n)
	}
	k.ttl = uint32(n)
	return nil
}

// waitSynced holds the servers back until the API has been read, but not for
// longer than startup_timeout.
func (k *kubernetes) waitSynced(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	synced, done := make(chan error, 1), make(chan struct{})
	go func() { synced <- k.objects.informers.Synced(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	timeout, word := k.inst.Clock.NewTimer(k.startTimeout), k.inst.Clock.NewTimer(500*time.Millisecond)
	defer timeout.Stop()
	defer word.Stop()
	for {
		select {
		case <-synced:
			return nil // or asked to stop
		case <-word.C():
			k.log.infof("waiting for Kubernetes API before starting server")
		case <-timeout.C():
			k.log.warningf("starting server with unsynced Kubernetes API")
			return nil
		}
	}
}
