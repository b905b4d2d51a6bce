package review

import (
	"context"
	"errors"
	"fmt"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
)

// judge remembers what it was asked.
type judge struct {
	asked    authorizer.Attributes
	decision authorizer.Decision
	err      error
}

func (j *judge) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	j.asked = a
	return j.decision, "because", j.err
}

func (j *judge) RulesFor(context.Context, user.Info, string) ([]authorizer.ResourceRuleInfo, []authorizer.NonResourceRuleInfo, bool, error) {
	return []authorizer.ResourceRuleInfo{&authorizer.DefaultResourceRuleInfo{Verbs: []string{"get"}, Resources: []string{"pods"}}},
		[]authorizer.NonResourceRuleInfo{&authorizer.DefaultNonResourceRuleInfo{Verbs: []string{"get"}, NonResourceURLs: []string{"/version"}}}, false, j.err
}

func carol(ctx context.Context) context.Context {
	return genericrequest.WithUser(ctx, &user.DefaultInfo{Name: "carol"})
}

func TestSelfAccess(t *testing.T) {
	for _, c := range []struct {
		name  string
		judge judge
		res   authorizationv1.ResourceAttributes
		want  authorizationv1.SubjectAccessReviewStatus
		asked string // label and field requirements
	}{
		{"allowed", judge{decision: authorizer.DecisionAllow}, authorizationv1.ResourceAttributes{Verb: "get"}, authorizationv1.SubjectAccessReviewStatus{Allowed: true, Reason: "because"}, " []"},
		{"denied", judge{decision: authorizer.DecisionDeny, err: errors.New("no")}, authorizationv1.ResourceAttributes{}, authorizationv1.SubjectAccessReviewStatus{Denied: true, Reason: "because", EvaluationError: "no"}, " []"},
		{
			"selectors",
			judge{decision: authorizer.DecisionNoOpinion},
			authorizationv1.ResourceAttributes{
				LabelSelector: &authorizationv1.LabelSelectorAttributes{RawSelector: "a=b"},
				FieldSelector: &authorizationv1.FieldSelectorAttributes{Requirements: []metav1.FieldSelectorRequirement{{Key: "spec.nodeName", Operator: metav1.FieldSelectorOpIn, Values: []string{"n"}}}},
			},
			authorizationv1.SubjectAccessReviewStatus{Reason: "because"},
			"a=b [{= spec.nodeName n}]",
		},
		{
			"bad selectors",
			judge{decision: authorizer.DecisionNoOpinion},
			authorizationv1.ResourceAttributes{
				LabelSelector: &authorizationv1.LabelSelectorAttributes{RawSelector: "a b"},
				FieldSelector: &authorizationv1.FieldSelectorAttributes{Requirements: []metav1.FieldSelectorRequirement{
					{Key: "x", Operator: metav1.FieldSelectorOpIn, Values: []string{"n"}}, {Key: "y", Operator: metav1.FieldSelectorOpExists},
				}},
			},
			authorizationv1.SubjectAccessReviewStatus{Reason: "because", EvaluationError: "spec.resourceAttributes.fieldSelector partially ignored due to parse error; spec.resourceAttributes.labelSelector ignored due to parse error"},
			" [{= x n}]",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := Storages(Deps{Authorizer: &c.judge})[authorizationv1.SchemeGroupVersion.WithResource("selfsubjectaccessreviews")].(rest.Creater)
			out, err := st.Create(carol(t.Context()), &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &c.res}}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := out.(*authorizationv1.SelfSubjectAccessReview).Status; got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			a := c.judge.asked.(authorizer.AttributesRecord)
			if got := fmt.Sprint(a.LabelSelectorRequirements, a.FieldSelectorRequirements); got != c.asked || a.User.GetName() != "carol" {
				t.Errorf("asked %s, want %s", got, c.asked)
			}
		})
	}
}

func TestRules(t *testing.T) {
	j := &judge{err: errors.New("half")}
	st := Storages(Deps{Rules: j})[authorizationv1.SchemeGroupVersion.WithResource("selfsubjectrulesreviews")].(rest.Creater)
	out, err := st.Create(carol(t.Context()), &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: "a"}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := out.(*authorizationv1.SelfSubjectRulesReview).Status
	if len(s.ResourceRules) != 1 || len(s.NonResourceRules) != 1 || s.Incomplete || s.EvaluationError != "half" {
		t.Errorf("%+v", s)
	}
	if _, err := st.Create(carol(t.Context()), &authorizationv1.SelfSubjectRulesReview{}, nil, nil); err == nil || err.Error() != "no namespace on request" {
		t.Errorf("%v", err)
	}
}
