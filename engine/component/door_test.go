package component_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"kubergarten/engine/component"
)

func TestADoor(t *testing.T) {
	d := component.NewDoor[string]("127.0.0.1:6443")
	if _, err := d.Enter(); !errors.Is(err, syscall.ECONNREFUSED) || !strings.Contains(err.Error(), "dial tcp 127.0.0.1:6443: connect: connection refused") {
		t.Errorf("a closed door says %v", err)
	}
	shut, err := d.Open("first")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Open("second"); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("an open door can be opened again: %v", err)
	}
	if who, err := d.Enter(); who != "first" || err != nil {
		t.Errorf("Enter() = %q, %v", who, err)
	}
	shut()
	shut() // twice is once
	if _, err := d.Open("second"); err != nil {
		t.Errorf("a shut door cannot be opened again: %v", err)
	}
	shut() // and does not shut the second
	if who, _ := d.Enter(); who != "second" {
		t.Errorf("Enter() = %q, want the second", who)
	}
}

func TestWaitingAtADoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := component.NewDoor[string]("127.0.0.1:2379")
		got := make(chan string)
		go func() {
			who, _ := d.Wait(t.Context())
			got <- who
		}()
		synctest.Wait()
		if _, err := d.Open("etcd"); err != nil {
			t.Fatal(err)
		}
		if who := <-got; who != "etcd" {
			t.Errorf("Wait() = %q", who)
		}
		closed := component.NewDoor[string]("127.0.0.1:2379")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := closed.Wait(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Wait() = %v, want canceled", err)
		}
	})
}
