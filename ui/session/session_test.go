package session

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// bench is a folder of sessions and its clock.
type bench struct {
	t     *testing.T
	clock *clocktesting.FakePassiveClock
	path  string
}

func newBench(t *testing.T) *bench {
	return &bench{t, clocktesting.NewFakePassiveClock(noon), t.TempDir()}
}

// start opens the store, as a start of the server does.
func (b *bench) start() *Store {
	b.t.Helper()
	root, err := os.OpenRoot(b.path)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { root.Close() })
	s, err := New(Config{Dir: root, Clock: b.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) open(s *Store, who Who) string {
	b.t.Helper()
	cookie, err := s.Open(who)
	if err != nil {
		b.t.Fatal(err)
	}
	return cookie
}

func student() Who {
	return Who{
		Name: "system:serviceaccount:default:ann", UID: "1", Groups: []string{"system:authenticated"},
		Extra: map[string][]string{"k": {"v"}}, Bearer: "ey.secret.token",
	}
}

func TestASessionOutlivesARestart(t *testing.T) {
	b := newBench(t)
	cookie := b.open(b.start(), student())
	got, ok := b.start().Find(cookie)
	if !ok {
		t.Fatal("the session is gone after a restart")
	}
	if d := cmp.Diff(student(), got); d != "" {
		t.Error(d)
	}
}

func TestTheFileGivesNothingAway(t *testing.T) {
	b := newBench(t)
	cookie := b.open(b.start(), student())
	data, err := os.ReadFile(filepath.Join(b.path, file))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{cookie, "ey.secret.token", "ann"} {
		if bytes.Contains(data, []byte(secret)) {
			t.Errorf("the file holds %q", secret)
		}
	}
	if fi, _ := os.Stat(filepath.Join(b.path, file)); fi.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v", fi.Mode())
	}
}

func TestWhenASessionEnds(t *testing.T) {
	b := newBench(t)
	s := b.start()
	kept, left := b.open(s, student()), b.open(s, Who{Owner: true})
	for range 30 { // used each two hours: it lives on
		b.clock.SetTime(b.clock.Now().Add(2 * time.Hour))
		if _, ok := s.Find(kept); !ok {
			t.Fatal("a session in use has ended")
		}
	}
	if _, ok := s.Find(left); ok {
		t.Error("a session that nobody used for a day lives on")
	}
	s.Close(kept)
	if _, ok := b.start().Find(kept); ok {
		t.Error("a closed session is back after a restart")
	}
}

func TestWhatIsNoCookie(t *testing.T) {
	b := newBench(t)
	s := b.start()
	cookie := b.open(s, student())
	for _, c := range []string{"", "x", strings.Repeat("A", 43), cookie + "A", cookie[:42], cookie[:42] + "!", strings.Repeat("A", 1<<20)} {
		if _, ok := s.Find(c); ok {
			t.Errorf("%.50q is taken for a session", c)
		}
	}
}

func TestADamagedFileLogsOutButStarts(t *testing.T) {
	b := newBench(t)
	cookie := b.open(b.start(), student())
	path := filepath.Join(b.path, file)
	whole, _ := os.ReadFile(path)
	for name, data := range map[string][]byte{
		"half": whole[:len(whole)/2], "nothing": {}, "zeros": make([]byte, 100),
		"more":    append(bytes.Clone(whole), "{}"...),
		"foreign": []byte(`{"version":2,"sessions":[]}`), "unknown": []byte(`{"version":1,"admin":true}`),
	} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s := b.start()
		if _, ok := s.Find(cookie); ok {
			t.Errorf("%s: the session is found", name)
		}
		if _, ok := s.Find(b.open(s, student())); !ok {
			t.Errorf("%s: no new session can be opened", name)
		}
	}
}

func TestAStolenSealIsOfNoUse(t *testing.T) {
	b := newBench(t)
	s := b.start()
	b.open(s, Who{Owner: true, Name: "admin"})
	mine := b.open(s, student())
	// Whoever writes the file puts another's seal behind their own cookie.
	var owners []byte
	secret, _ := parse(mine)
	for _, e := range s.all {
		if _, err := unseal(secret, e.sealed); err != nil {
			owners = e.sealed
		}
	}
	for id := range s.all {
		s.all[id] = entry{owners, noon.Add(time.Hour)}
	}
	if who, ok := s.Find(mine); ok {
		t.Errorf("the cookie opens another's seal: %+v", who)
	}
}

func TestTooManySessions(t *testing.T) {
	s, err := New(Config{Clock: clocktesting.NewFakePassiveClock(noon), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for range most + 5 {
		if _, err := s.Open(student()); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.all) > most {
		t.Errorf("%d sessions are kept", len(s.all))
	}
}

func TestALinkIsGoodOnce(t *testing.T) {
	o := NewOnce()
	for _, step := range []struct {
		token string
		want  Verdict
	}{{"", Wrong}, {o.Token() + "x", Wrong}, {NewOnce().Token(), Wrong}, {o.Token(), Good}, {o.Token(), Used}, {"y", Wrong}} {
		if got := o.Take(step.token); got != step.want {
			t.Errorf("Take(%.6q) = %v, want %v", step.token, got, step.want)
		}
	}
	if len(o.Token()) != 43 {
		t.Errorf("the token has %d letters, not those of 32 bytes", len(o.Token()))
	}
}

func TestTheGateCountsEachAddress(t *testing.T) {
	c := clocktesting.NewFakePassiveClock(noon)
	g := NewGate(c)
	for range attempts {
		if !g.Allow("10.0.0.1") {
			t.Fatal("refused too early")
		}
	}
	if g.Allow("10.0.0.1") || !g.Allow("10.0.0.2") {
		t.Error("the gate does not count each address by itself")
	}
	c.SetTime(noon.Add(each / attempts))
	if !g.Allow("10.0.0.1") || g.Allow("10.0.0.1") {
		t.Error("an attempt does not come back with time, one by one")
	}
}

func FuzzDecode(f *testing.F) {
	whole, _ := encode(map[[32]byte]entry{{1}: {[]byte("sealed"), noon}, {2}: {nil, noon}})
	f.Add(whole)
	f.Add([]byte(`{"version":1,"sessions":null}`))
	f.Add([]byte(`{"version":1,"sessions":[{"hash":"zz"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := decode(data)
		if err != nil {
			return
		}
		again, err := encode(all)
		if err != nil {
			return // a year that JSON has no words for
		}
		back, err := decode(again)
		if err != nil {
			t.Fatalf("what was encoded does not decode: %v", err)
		}
		if len(back) != len(all) {
			t.Fatalf("%d sessions became %d", len(all), len(back))
		}
	})
}

func FuzzCookie(f *testing.F) {
	f.Add("")
	f.Add(strings.Repeat("A", 43))
	s, _ := New(Config{Clock: clocktesting.NewFakePassiveClock(noon), Log: slog.New(slog.DiscardHandler)})
	f.Fuzz(func(t *testing.T, cookie string) {
		if _, ok := s.Find(cookie); ok {
			t.Fatal("a cookie that was never given out is a session")
		}
	})
}

func TestALoginTellsOfItsEnd(t *testing.T) {
	b := newBench(t)
	s := b.start()
	cookie, other := b.open(s, student()), b.open(s, student())
	l, ok := s.Login(cookie)
	o, _ := s.Login(other)
	if !ok || !l.Alive(false) || l.ID() == o.ID() || strings.Contains(l.ID(), cookie) {
		t.Fatalf("a login of a session that lives: %v %q", ok, l.ID())
	}
	s.Close(cookie)
	select {
	case <-l.Gone():
	default:
		t.Error("who logs out is not told of it")
	}
	if l.Alive(true) {
		t.Error("a session that was closed lives")
	}
	if _, ok := s.Login(cookie); ok {
		t.Error("a session that was closed has a login")
	}
	if _, ok := s.Login("x"); ok {
		t.Error("nonsense has a login")
	}
	if !o.Alive(false) {
		t.Error("a session ends with another")
	}
	s.Close(other)
	<-o.Gone()
}

func TestALoginLivesAsLongAsItIsUsed(t *testing.T) {
	b := newBench(t)
	s := b.start()
	used, _ := s.Login(b.open(s, student()))
	idle, _ := s.Login(b.open(s, student()))
	for range 3 {
		b.clock.SetTime(b.clock.Now().Add(Lifetime / 2))
		if !used.Alive(true) {
			t.Fatal("a session in use is over")
		}
		idle.Alive(false)
	}
	if idle.Alive(false) {
		t.Error("an idle session lives on because somebody asked")
	}
}
