package lessons

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/ext"
	"k8s.io/apiserver/pkg/cel/library"
)

// Limits of one expression: of its text, of its nesting, and of what one
// evaluation may cost, which is upstream's limit for one call.
const (
	maxExprSize  = 4 << 10
	maxExprDepth = 64
	maxExprCost  = 1_000_000
)

// A program is a compiled expression. Its methods do not panic.
type program struct {
	prog cel.Program
	refs map[string]bool // the variables that it looks at
}

// A compiler turns expressions into programs.
type compiler struct {
	env  *cel.Env
	done map[string]compiled // by expression: the languages share most
}

type compiled struct {
	prog *program
	of   *cel.Type
	err  error
}

// newCompiler makes the environment of all expressions of lessons: the function
// libraries of Kubernetes, a list for each resource, and what the engine adds.
func newCompiler() (*compiler, error) {
	opts := []cel.EnvOption{
		cel.HomogeneousAggregateLiterals(), cel.DefaultUTCTimeZone(true), cel.CrossTypeNumericComparisons(true),
		cel.ParserExpressionSizeLimit(maxExprSize), cel.ParserRecursionLimit(maxExprDepth),
		ext.Strings(ext.StringsVersion(2)), library.Lists(), library.Regex(), library.Quantity(),
		cel.Variable("ns", cel.StringType), cel.Variable("answer", cel.StringType),
		cel.Variable("trace", cel.ListType(cel.DynType)), cel.Variable("probe", cel.MapType(cel.StringType, cel.DynType)),
		logsFunction(), logsMacro(),
	}
	for _, k := range kinds() {
		opts = append(opts, cel.Variable(k.resource, cel.ListType(cel.DynType)))
	}
	env, err := cel.NewEnv(append(opts, cel.Variable(logsVariable, logsType()))...)
	return &compiler{env, map[string]compiled{}}, err
}

// compile returns the program of an expression of type want; nil wants any type.
func (c *compiler) compile(expr string, want *cel.Type) (*program, error) {
	got, ok := c.done[expr]
	if !ok {
		got = c.fresh(expr)
		c.done[expr] = got
	}
	if got.err != nil {
		return nil, got.err
	}
	if want != nil && !got.of.IsExactType(want) && !got.of.IsExactType(cel.DynType) {
		return nil, fmt.Errorf("the expression is of type %s, want %s", got.of, want)
	}
	return got.prog, nil
}

func (c *compiler) fresh(expr string) compiled {
	ast, issues := c.env.Compile(expr)
	if issues.Err() != nil {
		return compiled{err: celError(issues)}
	}
	prog, err := c.env.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxExprCost))
	if err != nil {
		return compiled{err: err}
	}
	refs := map[string]bool{}
	for _, r := range ast.NativeRep().ReferenceMap() {
		if r.Name != "" {
			refs[r.Name] = true
		}
	}
	return compiled{prog: &program{prog, refs}, of: ast.OutputType()}
}

// celError is the first of the compiler's complaints, in one line.
func celError(issues *cel.Issues) error {
	for _, e := range issues.Errors() {
		msg, _, _ := strings.Cut(e.Message, "\n")
		return fmt.Errorf("column %d of the expression: %s", e.Location.Column()+1, msg)
	}
	return issues.Err()
}

// eval evaluates the program over vars.
func (p *program) eval(vars map[string]any) (out ref.Val, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("evaluate: %v", r)
		}
	}()
	out, _, err = p.prog.Eval(vars)
	return out, err
}

// holds reports whether the program is true over vars. What cannot be evaluated,
// as a field that is not there, does not hold.
func (p *program) holds(vars map[string]any) (bool, error) {
	out, err := p.eval(vars)
	if err != nil {
		return false, err
	}
	b, ok := out.(types.Bool)
	if !ok {
		return false, errors.New("the expression is not a bool")
	}
	return bool(b), nil
}
