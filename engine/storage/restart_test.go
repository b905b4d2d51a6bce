package storage_test

import (
	"testing"
	"time"

	testclock "k8s.io/utils/clock/testing"

	"kubergarten/engine/component"
	"kubergarten/engine/etcd"
	"kubergarten/engine/storage"
)

// TestEtcdRestarts: etcd is stopped and started again below a running store, which
// goes on, watches and all.
func TestEtcdRestarts(t *testing.T) {
	dir, door := t.TempDir(), component.NewDoor[etcd.KV]("127.0.0.1:2379")
	clock := testclock.NewFakeClock(time.Unix(1e9, 0))
	run := func() (stop func()) {
		server, err := etcd.New(etcd.Config{Dir: dir, Clock: clock, Log: logger(t)})
		if err != nil {
			t.Fatal(err)
		}
		end := background(t, server.Run)
		<-server.Ready()
		shut, err := door.Open(server)
		if err != nil {
			t.Fatal(err)
		}
		return func() { shut(); end() }
	}
	stop := run()
	w := &world{kv: etcd.NewClient(door), clock: clock, log: logger(t)}
	w.Store, _ = w.start(t)
	events := w.watch(t, "", &storage.ListOptions{ResourceVersion: "1"})
	w.create(t, pod("before"))
	read(t, events, 1)
	stop()
	if _, err := w.Get(t.Context(), "default", "before", ""); err == nil {
		t.Error("etcd is away, but reads go on")
	}
	run()
	after := w.create(t, pod("after"))
	if after.ResourceVersion != "3" {
		t.Errorf("version %s", after.ResourceVersion)
	}
	got := make(chan []string, 1)
	go func() { got <- read(t, events, 1) }()
	for {
		select {
		case e := <-got:
			if e[0] != "ADDED after 3" {
				t.Errorf("the watch went on with %v", e)
			}
			return
		case <-time.After(5 * time.Millisecond):
			clock.Step(100 * time.Millisecond) // for the store to try again
		}
	}
}
