package fswatch

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestHub(t *testing.T) {
	dir := t.TempDir()
	h := New()
	one, two := make(chan string, 100), make(chan string, 100)
	tell := func(c chan string) func(string) {
		return func(name string) {
			select {
			case c <- name:
			default:
			}
		}
	}
	stop1, err := h.Watch(dir, tell(one))
	if err != nil {
		t.Fatal(err)
	}
	stop2, err := h.Watch(dir+"/", tell(two))
	if err != nil {
		t.Fatal(err)
	}
	write := func() {
		if err := os.WriteFile(filepath.Join(dir, "f"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(c chan string) {
		t.Helper()
		select {
		case <-c:
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was told")
		}
	}
	write()
	hear(one)
	hear(two)
	stop1()
	for len(two) > 0 {
		<-two
	}
	write()
	hear(two)
	stop2()
	stop2() // twice does no harm
	if h.watcher != nil {
		t.Error("the watcher outlives the last watch")
	}
	if _, err := h.Watch(filepath.Join(dir, "nope"), tell(one)); err == nil {
		t.Error("a directory that is not there is watched")
	}
	if h.watcher != nil {
		t.Error("a failed watch leaves a watcher")
	}
}
