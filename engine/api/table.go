package api

// Upstream: pkg/printers/storage/storage.go

import (
	"context"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/apis/rbac"
	"k8s.io/kubernetes/pkg/printers"
	printersinternal "k8s.io/kubernetes/pkg/printers/internalversion"
)

// tables is upstream's printers of every kind, wide columns included.
var tables = sync.OnceValue(func() *printers.HumanReadableGenerator {
	return printers.NewTableGenerator().With(printersinternal.AddHandlers)
})

// Table is obj, or the items of a list, as the rows that kubectl get prints. A
// row's object is the v1 object, as it came.
func Table(ctx context.Context, obj runtime.Object, opts runtime.Object) (*metav1.Table, error) {
	o, ok := opts.(*metav1.TableOptions)
	if opts != nil && !ok {
		return nil, fmt.Errorf("unrecognized type %T for table options, can't display tabular output", opts)
	}
	in, err := internal(obj)
	if err != nil {
		return nil, err
	}
	switch in.(type) {
	case *rbac.Role, *rbac.RoleList, *rbac.ClusterRole, *rbac.ClusterRoleList: // they have no printer
		return rest.NewDefaultTableConvertor(rbac.Resource("roles")).ConvertToTable(ctx, obj, opts)
	}
	table, err := tables().GenerateTable(in, printers.GenerateOptions{Wide: true, NoHeaders: o != nil && o.NoHeaders})
	if err != nil {
		return nil, err
	}
	return table, restoreObjects(table, obj)
}

// restoreObjects puts the v1 objects where the printers put internal ones.
func restoreObjects(table *metav1.Table, obj runtime.Object) error {
	if !meta.IsListType(obj) {
		for i := range table.Rows {
			table.Rows[i].Object.Object = obj
		}
		return nil
	}
	i := 0
	return meta.EachListItem(obj, func(item runtime.Object) error {
		if i < len(table.Rows) {
			table.Rows[i].Object.Object = item
		}
		i++
		return nil
	})
}
