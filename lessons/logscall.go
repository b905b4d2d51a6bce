package lessons

import (
	"fmt"
	"reflect"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// logs(pod, container) in an expression becomes read_logs(__logs, pod, container),
// so that each evaluation brings its own logs as a variable.
const (
	logsVariable = "__logs"
	logsCall     = "read_logs"
)

func logsType() *cel.Type { return cel.OpaqueType("lessons.Logs") }

func logsMacro() cel.EnvOption {
	expand := func(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
		return eh.NewCall(logsCall, eh.NewIdent(logsVariable), args[0], args[1]), nil
	}
	return cel.Macros(cel.GlobalMacro("logs", 2, expand))
}

func logsFunction() cel.EnvOption {
	read := func(args ...ref.Val) ref.Val {
		logs, ok := args[0].(logsOf)
		if !ok {
			return types.NewErr("no logs")
		}
		return types.String(logs(fmt.Sprint(args[1].Value()), fmt.Sprint(args[2].Value())))
	}
	return cel.Function(logsCall, cel.Overload("read_logs_pod_container",
		[]*cel.Type{logsType(), cel.StringType, cel.StringType}, cel.StringType, cel.FunctionBinding(read)))
}

// logsOf gives what is known of a container's log. It does not block.
type logsOf func(pod, container string) string

// ConvertToNative implements ref.Val.
func (l logsOf) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("logs are no %v", t)
}

// ConvertToType implements ref.Val.
func (l logsOf) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("logs are no %s", t.TypeName())
}

// Equal implements ref.Val.
func (l logsOf) Equal(ref.Val) ref.Val { return types.False }

// Type implements ref.Val.
func (l logsOf) Type() ref.Type { return logsType() }

// Value implements ref.Val.
func (l logsOf) Value() any { return l }
