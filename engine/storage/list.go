package storage

// Upstream: k8s.io/apiserver/pkg/storage/etcd3/store.go (GetList)

import (
	"context"
	"fmt"
	"reflect"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/storage"

	"kubergarten/engine/etcd"
)

// ListOptions says what to list or watch. Selectors may be nil.
type ListOptions struct {
	ResourceVersion string
	Match           metav1.ResourceVersionMatch
	Limit           int64
	Continue        string
	Label           labels.Selector
	Field           fields.Selector

	// Of watches:
	SendInitialEvents *bool
	AllowBookmarks    bool
}

func (o *ListOptions) selection() selection {
	if o == nil {
		return selection{}
	}
	return selection{o.Label, o.Field}
}

// upstream is o in the words of the library.
func (o *ListOptions) upstream() storage.ListOptions {
	if o == nil {
		o = &ListOptions{}
	}
	p := storage.SelectionPredicate{Label: o.Label, Field: o.Field, Limit: o.Limit, Continue: o.Continue}
	if p.Label == nil {
		p.Label = labels.Everything()
	}
	if p.Field == nil {
		p.Field = fields.Everything()
	}
	return storage.ListOptions{ResourceVersion: o.ResourceVersion, ResourceVersionMatch: o.Match, Predicate: p, Recursive: true}
}

// List returns a new list object; its items share what the objects point to. ns
// is empty for all namespaces.
func (s *Store) List(ctx context.Context, ns string, opts *ListOptions) (runtime.Object, error) {
	o, dir := opts.upstream(), s.dir(ns)
	rev, from, err := storage.ValidateListOptions(dir, s.versioner, o)
	if err != nil {
		return nil, badList(err)
	}
	resp, err := s.page(ctx, ns, etcd.RangeRequest{Prefix: dir, From: from, Revision: rev}, o.Predicate)
	if err != nil {
		now, _ := s.cfg.KV.Rev(ctx) // only to say it
		return nil, s.interpretList(err, o.Predicate.Continue != "", from, dir, rev, now)
	}
	if err := s.atLeast(o.ResourceVersion, resp.Revision); err != nil {
		return nil, err
	}
	if rev == 0 {
		rev = resp.Revision
	}
	list := s.cfg.NewListFunc()
	last, more, err := s.fill(list, resp, selection{o.Predicate.Label, o.Predicate.Field}, o.Predicate.Limit)
	if err != nil {
		return nil, err
	}
	next, remaining, err := storage.PrepareContinueToken(last, dir, rev, resp.Count, more, o)
	if err != nil {
		return nil, apierrors.NewInternalError(err)
	}
	return list, s.versioner.UpdateList(list, uint64(rev), next, remaining)
}

func badList(err error) error {
	if apierrors.ReasonForError(err) != metav1.StatusReasonUnknown {
		return err
	}
	return apierrors.NewBadRequest(err.Error())
}

// page reads from etcd. A selector that names one object reads only that one.
func (s *Store) page(ctx context.Context, ns string, r etcd.RangeRequest, p storage.SelectionPredicate) (*etcd.RangeResponse, error) {
	if p.Empty() {
		r.Limit = int(p.Limit)
	}
	name, ok := p.MatchesSingle()
	if !ok || s.cfg.Namespaced && ns == "" {
		return s.cfg.KV.Range(ctx, r)
	}
	kv, rev, err := s.cfg.KV.Get(ctx, s.key(ns, name), r.Revision)
	if err != nil || kv == nil {
		return &etcd.RangeResponse{Revision: rev}, err
	}
	return &etcd.RangeResponse{KVs: []*etcd.KeyValue{kv}, Count: 1, Revision: rev}, nil
}

// fill puts what sel selects into list, at most limit objects, and returns the
// key of the last one it looked at. An object that can not be decoded is left
// out: one bad object must not hide all others.
func (s *Store) fill(list runtime.Object, resp *etcd.RangeResponse, sel selection, limit int64) (last string, more bool, err error) {
	ptr, err := meta.GetItemsPtr(list)
	if err != nil {
		return "", false, fmt.Errorf("list of %s: %w", s.cfg.Resource, err)
	}
	slice := reflect.ValueOf(ptr).Elem()
	items := reflect.MakeSlice(slice.Type(), 0, len(resp.KVs))
	for _, kv := range resp.KVs {
		if limit > 0 && int64(items.Len()) >= limit {
			slice.Set(items)
			return last, true, nil
		}
		last = kv.Key
		it, err := s.item(kv)
		if err != nil {
			s.cfg.Log.Error("object left out of list", "key", kv.Key, "err", err)
			continue
		}
		if s.matches(it, sel) {
			items = appendItem(items, it.obj)
		}
	}
	slice.Set(items)
	return last, resp.More(), nil
}

// appendItem appends obj, or what it points to, to items.
func appendItem(items reflect.Value, obj runtime.Object) reflect.Value {
	if items.Type().Elem().Kind() == reflect.Struct {
		return reflect.Append(items, reflect.ValueOf(obj).Elem())
	}
	return reflect.Append(items, reflect.ValueOf(obj))
}
