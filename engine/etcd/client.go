package etcd

// Upstream: client/v3/client.go

import (
	"context"
	"time"

	"kubergarten/engine/component"
)

// Client is the store behind a door: each call enters anew, so a stopped etcd is
// "connection refused", and one that was started again is found again.
type Client struct{ door *component.Door[KV] }

var _ KV = (*Client)(nil)

// NewClient returns a client of whoever opens door.
func NewClient(door *component.Door[KV]) *Client { return &Client{door} }

// Wait returns when etcd is there.
func (c *Client) Wait(ctx context.Context) error {
	_, err := c.door.Wait(ctx)
	return err
}

// Rev implements KV.
func (c *Client) Rev(ctx context.Context) (int64, error) {
	kv, err := c.door.Enter()
	if err != nil {
		return 0, err
	}
	return kv.Rev(ctx)
}

// Get implements KV.
func (c *Client) Get(ctx context.Context, key string, rev int64) (*KeyValue, int64, error) {
	kv, err := c.door.Enter()
	if err != nil {
		return nil, 0, err
	}
	return kv.Get(ctx, key, rev)
}

// Range implements KV.
func (c *Client) Range(ctx context.Context, r RangeRequest) (*RangeResponse, error) {
	kv, err := c.door.Enter()
	if err != nil {
		return nil, err
	}
	return kv.Range(ctx, r)
}

// Txn implements KV.
func (c *Client) Txn(ctx context.Context, t TxnRequest) (*TxnResponse, error) {
	kv, err := c.door.Enter()
	if err != nil {
		return nil, err
	}
	return kv.Txn(ctx, t)
}

// Watch implements KV. The watcher does not outlive the etcd it began with.
func (c *Client) Watch(ctx context.Context, prefix string, from int64) (Watcher, error) {
	kv, err := c.door.Enter()
	if err != nil {
		return nil, err
	}
	return kv.Watch(ctx, prefix, from)
}

// Compact implements KV.
func (c *Client) Compact(ctx context.Context, rev int64) error {
	kv, err := c.door.Enter()
	if err != nil {
		return err
	}
	return kv.Compact(ctx, rev)
}

// Grant implements KV.
func (c *Client) Grant(ctx context.Context, ttl time.Duration) (LeaseID, error) {
	kv, err := c.door.Enter()
	if err != nil {
		return 0, err
	}
	return kv.Grant(ctx, ttl)
}

// KeepAlive implements KV.
func (c *Client) KeepAlive(ctx context.Context, id LeaseID) error {
	kv, err := c.door.Enter()
	if err != nil {
		return err
	}
	return kv.KeepAlive(ctx, id)
}

// Revoke implements KV.
func (c *Client) Revoke(ctx context.Context, id LeaseID) error {
	kv, err := c.door.Enter()
	if err != nil {
		return err
	}
	return kv.Revoke(ctx, id)
}
