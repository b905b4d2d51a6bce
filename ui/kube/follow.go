package kube

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/utils/clock"
)

// Waits before a broken watch is taken up again.
const (
	firstWait   = 250 * time.Millisecond
	longestWait = 8 * time.Second
)

// Follow lists t and calls change with the table, and again after each event
// that changes it, until ctx ends; of a list there is no event. A table that was
// given is not changed any more. A refusal of the API server ends it; a lost
// connection does not.
func (c *Client) Follow(ctx context.Context, clk clock.Clock, t Target, o Options, change func(*Table, *Event)) error {
	wait := firstWait
	for {
		err := c.round(ctx, t, o, func(now *Table, e *Event) { wait = firstWait; change(now, e) })
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && refused(err) {
			return err
		}
		timer := clk.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C():
		}
		wait = min(2*wait, longestWait)
	}
}

// refused tells whether asking again would be in vain.
func refused(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return false
	}
	code := status.Status().Code
	return code >= 400 && code < 500 && !apierrors.IsTooManyRequests(err) && !apierrors.IsResourceExpired(err) && !apierrors.IsGone(err)
}

// round is one list and the watch that follows it.
func (c *Client) round(ctx context.Context, t Target, o Options, change func(*Table, *Event)) error {
	now, err := c.Table(ctx, t, o)
	if err != nil {
		return err
	}
	slices.SortFunc(now.Rows, ByName)
	change(now, nil)
	o.ResourceVersion = now.ResourceVersion
	for e, err := range c.Watch(ctx, t, o) {
		if err != nil {
			return err
		}
		now = now.after(e, o.Limit)
		if e.Type != watch.Bookmark {
			change(now, &e)
		}
		if now.More && len(now.Rows) <= o.Limit/2 {
			return nil // much has gone, and what lay behind the cut comes forward
		}
	}
	return nil
}

// after is the table with a change made, rows by namespace and name. A table
// that was cut at limit stays so: what comes behind its last row is not of it.
func (t *Table) after(e Event, limit int) *Table {
	n := &Table{Columns: t.Columns, Rows: slices.Clone(t.Rows), ResourceVersion: e.ResourceVersion, More: t.More}
	if len(e.Columns) > 0 {
		n.Columns = e.Columns
	}
	if e.Type != watch.Added && e.Type != watch.Modified && e.Type != watch.Deleted {
		return n
	}
	for _, r := range e.Rows {
		i, found := slices.BinarySearchFunc(n.Rows, r, ByName)
		switch {
		case e.Type == watch.Deleted && found:
			n.Rows = slices.Delete(n.Rows, i, i+1)
		case e.Type == watch.Deleted:
		case found:
			n.Rows[i] = r
		case t.More && i == len(n.Rows):
		default:
			n.Rows = slices.Insert(n.Rows, i, r)
		}
	}
	if limit > 0 && len(n.Rows) > limit {
		n.Rows, n.More = n.Rows[:limit], true
	}
	return n
}

// ByName orders rows by namespace and name.
func ByName(a, b *Row) int {
	return cmp.Or(cmp.Compare(a.Meta.Namespace, b.Meta.Namespace), cmp.Compare(a.Meta.Name, b.Meta.Name))
}
