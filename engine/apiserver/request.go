package apiserver

import (
	"context"
	"strconv"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/util/dryrun"

	"kubergarten/engine/trace"
)

// A request is what one user asks of one endpoint.
type request struct {
	*endpoint
	user    user.Info
	ns      string
	name    string // empty: the collection
	verb    string
	manager string // whose changes managedFields says they are, if options do not
	local   bool   // from our own process: objects come without defaults
}

// context returns ctx with what storage and admission look for in it.
func (q *request) context(ctx context.Context) context.Context {
	ctx = genericrequest.WithUser(ctx, q.user)
	ctx = genericrequest.WithNamespace(ctx, q.ns)
	if _, ok := genericrequest.RequestInfoFrom(ctx); ok {
		return ctx
	}
	return genericrequest.WithRequestInfo(ctx, &genericrequest.RequestInfo{
		IsResourceRequest: true, Verb: q.verb, APIPrefix: "apis", APIGroup: q.gvr.Group, APIVersion: q.gvr.Version,
		Namespace: q.ns, Resource: q.gvr.Resource, Subresource: q.sub, Name: q.name,
	})
}

// attributes are what the authorizer judges, for verb.
func (q *request) attributes(verb string) authorizer.AttributesRecord {
	return authorizer.AttributesRecord{
		User: q.user, Verb: verb, ResourceRequest: true, Namespace: q.ns, Name: q.name,
		APIGroup: q.gvr.Group, APIVersion: q.gvr.Version, Resource: q.gvr.Resource, Subresource: q.sub,
	}
}

// change returns what admission judges.
func (q *request) change(op admission.Operation, obj, old, opts runtime.Object, dryRun []string) admission.Attributes {
	return admission.NewAttributesRecord(obj, old, q.kind, q.ns, q.name, q.gvr, q.sub, op, opts, dryrun.IsDryRun(dryRun), q.user)
}

// mutate lets the mutating admission plugins change obj.
func (q *request) mutate(ctx context.Context, a admission.Attributes) error {
	if m, ok := q.srv.admission.(admission.MutationInterface); ok && m.Handles(a.GetOperation()) {
		if err := m.Admit(ctx, a, q.endpoint); err != nil {
			return err
		}
	}
	q.step(trace.Mutated, a.GetObject(), "")
	return nil
}

// fieldManager is who the change is credited to.
func (q *request) fieldManager(option string) string {
	if option != "" {
		return option
	}
	return q.manager
}

// step records a station of the request. Heartbeats and events are left out:
// they would drown what a student looks for.
func (q *request) step(step trace.Step, obj runtime.Object, words string) {
	if q.srv.deps.Trace == nil || q.gvr.Resource == "leases" || q.gvr.Resource == "events" {
		return
	}
	ref := trace.Ref{Resource: q.gvr.Resource, Namespace: q.ns, Name: q.name}
	r := trace.Record{Who: Name, Step: step, Object: ref, Words: words}
	if m, err := meta.Accessor(obj); obj != nil && err == nil {
		r.Object.Name = m.GetName()
		if step == trace.Stored {
			r.Revision, _ = strconv.ParseInt(m.GetResourceVersion(), 10, 64)
		}
	}
	q.srv.deps.Trace.Emit(r)
}
