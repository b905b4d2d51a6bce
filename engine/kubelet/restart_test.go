package kubelet

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kubergarten/engine/client"
	"kubergarten/engine/cri"
	"kubergarten/engine/cri/fakecri"
)

// writeLogs makes the log files that a runtime would have made.
func (b *bed) writeLogs(ns, name string, uid types.UID, container string, n string) {
	b.t.Helper()
	b.file("var/log/pods/"+ns+"_"+name+"_"+string(uid)+"/"+container+"/"+n+".log", "2026-11-20T12:00:00Z stdout F hello\n")
}

// TestRestartOfTheServer: the process ends, and with it all containers; the
// node's files and the API's objects stay.
func TestRestartOfTheServer(t *testing.T) {
	script := ends(map[string]fakecri.Life{"once": {Ends: true, Exit: cri.Completed(0)}})
	b := newBed(t, options{cri: fakecri.Config{Script: script}})
	b.create(pod("web", "app"))
	job, never := pod("job", "once"), pod("never", "app")
	job.Spec.RestartPolicy, never.Spec.RestartPolicy = corev1.RestartPolicyNever, corev1.RestartPolicyNever
	b.create(job)
	b.create(never)
	web := b.until("web", "runs", running)
	b.until("never", "runs", running)
	b.until("job", "succeeds", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodSucceeded })
	b.writeLogs("default", "web", web.UID, "app", "0")
	boot := b.untilNode("has a boot ID", func(n *corev1.Node) bool { return n.Status.NodeInfo.BootID != "" }).Status.NodeInfo.BootID
	b.stop()
	b.file("var/lib/kubelet/pods/nobody/etc-hosts", "")
	b.writeLogs("default", "nobody", "nobody", "c", "0")

	again := newBed(t, options{cri: fakecri.Config{Script: script}, api: b.api, dir: b.dir})
	got := again.until("web", "runs again", func(p *corev1.Pod) bool {
		return running(p) && p.Status.ContainerStatuses[0].RestartCount == 1
	})
	c := got.Status.ContainerStatuses[0]
	if last := c.LastTerminationState.Terminated; last == nil || last.Reason != "ContainerStatusUnknown" || last.ExitCode != 137 {
		t.Errorf("last state: %+v", c.LastTerminationState)
	}
	n := again.untilNode("has another boot ID", func(n *corev1.Node) bool { return n.Status.NodeInfo.BootID != boot })
	again.event("Warning Rebooted n1 : Node n1 has been rebooted, boot id: " + n.Status.NodeInfo.BootID)
	again.until("never", "has failed", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodFailed })
	if st := again.get("job").Status; st.Phase != corev1.PodSucceeded || st.ContainerStatuses[0].State.Terminated.Reason != "Completed" {
		t.Errorf("job: %+v", st)
	}
	for _, call := range again.cri.Calls() {
		if strings.Contains(call, "job") || strings.Contains(call, "StartContainer never") {
			t.Errorf("after the restart: %s", call)
		}
	}
	again.eventually("remains of nobody are gone", func() bool {
		_, err1 := again.root.Stat("var/lib/kubelet/pods/nobody")
		_, err2 := again.root.Stat("var/log/pods/default_nobody_nobody")
		return err1 != nil && err2 != nil
	}, nil)
	if n := got.Status.ContainerStatuses[0].RestartCount; n != 1 {
		t.Errorf("restarted %d times, want once", n)
	}
}

// TestOldLogsGo: each start of the server begins a log of its own; the last two stay.
func TestOldLogsGo(t *testing.T) {
	b := newBed(t, options{})
	b.create(pod("web", "app"))
	web := b.until("web", "runs", running)
	b.stop()
	for _, n := range []string{"0", "1", "2", "3"} {
		b.writeLogs("default", "web", web.UID, "app", n)
	}
	dir := "var/log/pods/default_web_" + string(web.UID) + "/app/"
	b.file(dir+"2.log.20261120-120000", "rotated")
	again := newBed(t, options{api: b.api, dir: b.dir})
	again.until("web", "runs again", func(p *corev1.Pod) bool {
		return running(p) && p.Status.ContainerStatuses[0].RestartCount == 4
	})
	for name, want := range map[string]bool{"0.log": false, "1.log": false, "2.log": false, "2.log.20261120-120000": false, "3.log": true} {
		if _, err := again.root.Stat(dir + name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDeletedWhileTheServerWasDown: a pod that ends while nobody looks.
func TestDeletedWhileTheServerWasDown(t *testing.T) {
	b := newBed(t, options{})
	b.create(pod("web", "app"))
	b.until("web", "runs", running)
	b.stop()
	if err := client.For[*corev1.Pod](b.api).Delete(context.Background(), "default", "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	again := newBed(t, options{api: b.api, dir: b.dir})
	again.until("web", "is gone", gone)
}

func TestForceDelete(t *testing.T) {
	b := newBed(t, options{})
	b.create(pod("web", "app"))
	b.until("web", "runs", running)
	zero := int64(0)
	if err := client.For[*corev1.Pod](b.api).Delete(context.Background(), "default", "web", metav1.DeleteOptions{GracePeriodSeconds: &zero}); err != nil {
		t.Fatal(err)
	}
	b.create(pod("web", "app"))
	b.until("web", "runs, a new one", running)
	b.eventually("the old one is gone", func() bool { return len(b.containers("web")) == 1 }, nil)
}

// TestShorterGrace: a second deletion with less grace counts at once.
func TestShorterGrace(t *testing.T) {
	b := newBed(t, options{cri: fakecri.Config{Script: ends(map[string]fakecri.Life{"app": {Deaf: true}})}})
	b.create(pod("web", "app"))
	b.until("web", "runs", running)
	pods := client.For[*corev1.Pod](b.api)
	if err := pods.Delete(context.Background(), "default", "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	b.event("Normal Killing web")
	one := int64(1)
	if err := pods.Delete(context.Background(), "default", "web", metav1.DeleteOptions{GracePeriodSeconds: &one}); err != nil {
		t.Fatal(err)
	}
	start := b.clock.Now()
	b.eventually("it is gone", func() bool {
		if b.clock.Since(start) < 10*time.Second { // the first grace period is 30 s
			b.clock.Step(100 * time.Millisecond)
		}
		return b.get("web") == nil
	}, nil)
}

func TestIdleKubeletHasFewGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	b := newBed(t, options{})
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		b.create(pod(name, "app"))
		b.until(name, "is ready", ready)
	}
	b.eventually("it is quiet", func() bool { return runtime.NumGoroutine()-before < 60 }, func() any { return runtime.NumGoroutine() - before })
	t.Logf("an idle kubelet with 5 pods holds %d goroutines, its informers' and the test API's included", runtime.NumGoroutine()-before)
}
