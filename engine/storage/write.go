package storage

// Upstream: k8s.io/apiserver/pkg/storage/etcd3/store.go

import (
	"bytes"
	"context"
	"errors"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/storage"

	"kubergarten/engine/etcd"
	"kubergarten/engine/trace"
)

// ErrDelete, returned with an object by the function of GuaranteedUpdate, means
// that the change leaves nothing to keep: the object is deleted. The object that
// comes with it is what the caller gets.
var ErrDelete = errors.New("delete the object")

// Create stores obj under a name that is free, and returns it as stored. obj must
// not carry a resourceVersion. It is not kept or changed.
func (s *Store) Create(ctx context.Context, ns, name string, obj runtime.Object) (runtime.Object, error) {
	out, err := s.create(ctx, ns, name, obj)
	return out, interpretCreate(err, s.cfg.Resource, name)
}

func (s *Store) create(ctx context.Context, ns, name string, obj runtime.Object) (runtime.Object, error) {
	if err := s.check(ns, name); err != nil {
		return nil, err
	}
	if rv, err := s.versioner.ObjectResourceVersion(obj); err == nil && rv != 0 {
		return nil, storage.ErrResourceVersionSetOnCreate
	}
	data, err := s.encode(obj)
	if err != nil {
		return nil, err
	}
	s.handed(ns, name, "create")
	resp, err := s.put(ctx, s.key(ns, name), 0, data, obj)
	if err != nil {
		return nil, err
	}
	if !resp.Succeeded {
		return nil, storage.NewKeyExistsError(s.key(ns, name), 0)
	}
	return s.stored(resp.KV)
}

// GuaranteedUpdate gives update the object there is, and stores what it returns,
// again and again until nobody else has written in between. An update that
// changes nothing makes no revision.
func (s *Store) GuaranteedUpdate(ctx context.Context, ns, name string, pre *Preconditions, update func(current runtime.Object) (runtime.Object, error)) (runtime.Object, error) {
	out, err := s.update(ctx, ns, name, pre, update)
	return out, interpretUpdate(err, s.cfg.Resource, name)
}

func (s *Store) update(ctx context.Context, ns, name string, pre *Preconditions, update func(runtime.Object) (runtime.Object, error)) (runtime.Object, error) {
	if err := s.check(ns, name); err != nil {
		return nil, err
	}
	key := s.key(ns, name)
	kv, rev, err := s.cfg.KV.Get(ctx, key, 0)
	if err != nil {
		return nil, unreachable(err, key)
	}
	for {
		if kv == nil {
			return nil, storage.NewKeyNotFoundError(key, rev)
		}
		out, resp, err := s.tryUpdate(ctx, ns, name, kv, pre, update)
		if err != nil || resp == nil || resp.Succeeded {
			return out, err
		}
		kv, rev = resp.KV, resp.Revision
	}
}

// tryUpdate is one turn of the loop. It failed for another's write if resp says so;
// without resp nothing had to be written.
func (s *Store) tryUpdate(ctx context.Context, ns, name string, kv *etcd.KeyValue, pre *Preconditions, update func(runtime.Object) (runtime.Object, error)) (runtime.Object, *etcd.TxnResponse, error) {
	now, err := s.item(kv)
	if err != nil {
		return nil, nil, err
	}
	if err := pre.Check(kv.Key, now.obj); err != nil {
		return nil, nil, err
	}
	obj, err := update(now.obj)
	if errors.Is(err, ErrDelete) {
		return s.deleteVersion(ctx, ns, name, kv, obj)
	}
	if err != nil {
		return nil, nil, err
	}
	data, err := s.encode(obj)
	if err != nil {
		return nil, nil, err
	}
	if bytes.Equal(data, kv.Value) {
		return now.obj, nil, nil
	}
	s.handed(ns, name, "update")
	resp, err := s.put(ctx, kv.Key, kv.ModRevision, data, obj)
	if err != nil || !resp.Succeeded {
		return nil, resp, err
	}
	out, err := s.stored(resp.KV)
	return out, resp, err
}

// Delete removes the object, if validate (which may be nil) has nothing against
// it, and returns it as it was, with the revision of its deletion.
func (s *Store) Delete(ctx context.Context, ns, name string, pre *Preconditions, validate func(current runtime.Object) error) (runtime.Object, error) {
	out, err := s.update(ctx, ns, name, pre, func(now runtime.Object) (runtime.Object, error) {
		if validate != nil {
			if err := validate(now); err != nil {
				return nil, err
			}
		}
		return now, ErrDelete
	})
	return out, interpretDelete(err, s.cfg.Resource, name)
}

func (s *Store) deleteVersion(ctx context.Context, ns, name string, kv *etcd.KeyValue, last runtime.Object) (runtime.Object, *etcd.TxnResponse, error) {
	s.handed(ns, name, "delete")
	resp, err := s.cfg.KV.Txn(ctx, etcd.TxnRequest{Key: kv.Key, ModRevision: kv.ModRevision, Delete: true})
	if err != nil {
		return nil, nil, unreachable(err, kv.Key)
	}
	if !resp.Succeeded {
		return nil, resp, nil
	}
	out, err := s.withVersion(last, resp.Revision)
	return out, resp, err
}

// put writes data under key if its revision is rev.
func (s *Store) put(ctx context.Context, key string, rev int64, data []byte, obj runtime.Object) (*etcd.TxnResponse, error) {
	t := etcd.TxnRequest{Key: key, ModRevision: rev, Value: data}
	if s.cfg.TTL != nil {
		lease, err := s.leases.get(ctx, s.cfg.TTL(obj))
		if err != nil {
			return nil, unreachable(err, key)
		}
		t.Lease = lease
	}
	resp, err := s.cfg.KV.Txn(ctx, t)
	if err != nil {
		return nil, unreachable(err, key)
	}
	return resp, nil
}

// encode returns obj as it is stored: without its revision, for that is the key's.
func (s *Store) encode(obj runtime.Object) ([]byte, error) {
	obj = Shallow(obj)
	if err := s.versioner.PrepareObjectForStorage(obj); err != nil {
		return nil, storage.NewInternalError(err)
	}
	return runtime.Encode(s.cfg.Codec, obj)
}

// decode is the inverse of encode. As upstream's, an object in the server has no
// TypeMeta: encoding adds it, but not to the items of a list.
func (s *Store) decode(kv *etcd.KeyValue) (runtime.Object, error) {
	obj, _, err := s.cfg.Codec.Decode(kv.Value, nil, s.cfg.NewFunc())
	if err == nil {
		obj.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
		err = s.versioner.UpdateObject(obj, uint64(kv.ModRevision))
	}
	if err != nil {
		return nil, storage.NewCorruptObjError(kv.Key, err)
	}
	return obj, nil
}

// stored returns what was written as all others will see it.
func (s *Store) stored(kv *etcd.KeyValue) (runtime.Object, error) {
	it, err := s.item(kv)
	if err != nil {
		return nil, err
	}
	return it.obj, nil
}

// withVersion returns a shallow copy of obj with another resourceVersion.
func (s *Store) withVersion(obj runtime.Object, rev int64) (runtime.Object, error) {
	obj = Shallow(obj)
	return obj, s.versioner.UpdateObject(obj, uint64(rev))
}

// handed tells the trace that etcd now has the write in its hands. What revision
// it gets, etcd says itself.
func (s *Store) handed(ns, name, verb string) {
	s.cfg.Trace.Emit(trace.Record{Who: Name, Step: trace.Stored, Object: trace.Ref{Resource: s.cfg.Resource.Resource, Namespace: ns, Name: name}, Words: verb})
}
