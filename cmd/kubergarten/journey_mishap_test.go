package main

import (
	"context"
	"encoding/json"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubergarten/ui/browser"
)

// mishaps are what happens in a classroom: two tabs on one lesson, a server
// that restarts in its middle, a session that ends while one types, a wrong
// token. Nothing typed is lost; each is one sentence.
func (w *trip) mishaps() {
	const at = "/lessons/01-components"
	w.Do(browser.Open(w.base+at), browser.Click("#lesson-head form button"), browser.See("#step-path .kg-predict"))
	other := w.Tab()
	other.Do(browser.Open(w.base+at), browser.See("#step-path .kg-predict"))

	// Two tabs.
	w.predict("path", "kubelet")
	other.Do(browser.Gone("#step-path .kg-predict"))
	w.Do(browser.Click(".kg-terms-current"), shows(" # "))
	w.run("kubectl -n lesson-components run hello --image=busybox:1.28 -- sleep 3600")
	other.Do(browser.See(`#step-path[data-status="passed"]`))
	w.Do(browser.See(`#step-path[data-status="passed"]`))

	// The server restarts.
	w.predict("etcd", "apiserver")
	w.Do(browser.Type("#answer-etcd", "kube-api"))
	w.server.stop()
	w.Do(browser.See("#kg-lost"), browser.Type("#answer-etcd", "ser"))
	other.Do(browser.See("#kg-lost"))
	w.shot("mishaps-1-lost")
	w.server.start()
	w.server.waitReady()
	w.Do(browser.Gone("#kg-lost"), browser.See(`#step-path[data-status="passed"]`), w.answerIs("kube-apiser"))
	other.Do(browser.Gone("#kg-lost"))

	// The session ends, here by the other tab, and one logs in in place.
	browser.Eval[any](other, `fetch("/logout", {method: "POST", redirect: "manual"})`)
	w.Do(browser.See("#kg-again[open] #kg-token"), w.answerIs("kube-apiser"))
	w.Do(browser.Type("#kg-again #kg-token", "nonsense\r"), browser.Text("#kg-again #kg-wrong", w.says("token", "令牌")))
	w.shot("mishaps-2-wrong-token")
	w.Do(browser.Type("#kg-again #kg-token", w.token()+"\r"), browser.Gone("dialog"), browser.Text("#kg-other:not([hidden])", "serviceaccount:default:teacher"), w.answerIs("kube-apiser"))
	w.shot("mishaps-3-again")
	w.Do(browser.Click("#kg-other a"), browser.See("#lesson-head form button"), browser.Gone("#kg-other"))

	// A wrong token at the door.
	other.Do(browser.Open(w.base + "/about/licences"))
	browser.Eval[any](w.Browser, `fetch("/logout", {method: "POST", redirect: "manual"})`)
	w.Do(browser.Open(w.base+"/lessons"), browser.Type("#kg-token", "nonsense\r"), browser.See("#kg-wrong"))
	w.shot("mishaps-4-door")
	w.Do(browser.Type("#kg-token", w.token()+"\r"), browser.See(".kg-lesson-card"))
}

// answerIs waits until the answer that is being typed is this.
func (w *trip) answerIs(want string) browser.Step {
	wanted, _ := json.Marshal(want)
	return browser.Wait(`document.getElementById("answer-etcd")?.value === ` + string(wanted))
}

// token is one of a teacher: a service account that may do everything.
func (w *trip) token() string {
	w.Helper()
	ctx, kube := context.Background(), w.server.kube()
	who := metav1.ObjectMeta{Name: "teacher", Namespace: "default"}
	_, _ = kube.CoreV1().ServiceAccounts("default").Create(ctx, &corev1.ServiceAccount{ObjectMeta: who}, metav1.CreateOptions{})
	_, _ = kube.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "teacher"},
		RoleRef:    rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Name: "teacher", Namespace: "default"}},
	}, metav1.CreateOptions{})
	t, err := kube.CoreV1().ServiceAccounts("default").CreateToken(ctx, "teacher", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		w.Fatal(err)
	}
	return t.Status.Token
}
