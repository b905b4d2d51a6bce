package terminal

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"k8s.io/apiserver/pkg/authentication/user"
	clocktesting "k8s.io/utils/clock/testing"

	"kubergarten/ui/frame"
)

// patience bounds failures only.
const patience = time.Minute

// A desk is a server of terminals for whoever the header X-User names.
type desk struct {
	*testing.T
	bench *FakeBench
	clock *clocktesting.FakeClock
	rooms *Terminals
	srv   *httptest.Server
	end   func() // of Run

	mu     sync.Mutex
	logins map[string]*fakeLogin
}

// A fakeLogin is a session under the test's hand.
type fakeLogin struct {
	id   string
	gone chan struct{}

	mu    sync.Mutex
	dead  bool
	asked []bool // whether it was used, each time
}

func (l *fakeLogin) ID() string            { return l.id }
func (l *fakeLogin) Gone() <-chan struct{} { return l.gone }
func (l *fakeLogin) Alive(used bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, used)
	return !l.dead
}

func (l *fakeLogin) questions() []bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.asked)
}

func newDesk(t *testing.T) *desk {
	d := &desk{
		T: t, bench: &FakeBench{opened: make(chan *FakeShell, 100)},
		clock: clocktesting.NewFakeClock(time.Unix(1e9, 0)), logins: map[string]*fakeLogin{},
	}
	d.rooms = New(Config{Workbench: d.bench, Clock: d.clock, Log: slog.New(slog.DiscardHandler)})
	mux := http.NewServeMux()
	Routes(mux, frame.New(frame.Config{Clock: d.clock, Log: slog.New(slog.DiscardHandler)}), Deps{d.rooms})
	d.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Header.Get("X-User")
		v := &frame.Visitor{User: &user.DefaultInfo{Name: strings.Split(name, "/")[0]}, Lang: "en", Theme: "dark", Login: d.login(name)}
		mux.ServeHTTP(w, r.WithContext(frame.With(r.Context(), v)))
	}))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.rooms.Run(ctx) }()
	d.end = sync.OnceFunc(func() { stop(); <-done })
	t.Cleanup(d.srv.Close)
	t.Cleanup(d.end)
	return d
}

// login is the session "user/session".
func (d *desk) login(name string) *fakeLogin {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.logins[name] == nil {
		d.logins[name] = &fakeLogin{id: name, gone: make(chan struct{})}
	}
	return d.logins[name]
}

// ticket fetches one.
func (d *desk) ticket(name string) string {
	d.Helper()
	req, err := http.NewRequestWithContext(d.Context(), "POST", d.srv.URL+"/terminal/ticket", nil)
	if err != nil {
		d.Fatal(err)
	}
	req.Header.Set("X-User", name)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		d.Fatal(err)
	}
	defer res.Body.Close()
	var got struct{ Ticket string }
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil || got.Ticket == "" {
		d.Fatalf("%s: %v", res.Status, err)
	}
	return got.Ticket
}

// A peer is the page's end of a socket.
type peer struct {
	*desk
	conn *websocket.Conn
	ctx  context.Context
	got  []byte // bytes of the shell
	told []telling
}

// dial opens a socket and says nothing.
func (d *desk) dial(name string) *peer {
	d.Helper()
	ctx, stop := context.WithTimeout(d.Context(), patience)
	d.Cleanup(stop)
	conn, _, err := websocket.Dial(ctx, d.srv.URL+"/terminal/ws", &websocket.DialOptions{
		HTTPHeader: http.Header{"X-User": {name}, "Origin": {d.srv.URL}},
	})
	if err != nil {
		d.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	d.Cleanup(func() { _ = conn.CloseNow() })
	return &peer{desk: d, conn: conn, ctx: ctx}
}

// enter dials and opens the shell id, or a new one.
func (d *desk) enter(name, id string, from int64) (*peer, telling) {
	d.Helper()
	p := d.dial(name)
	p.say(asking{Type: kindOpen, Ticket: d.ticket(name), ID: id, From: from, Size: Size{80, 24}})
	return p, p.until(func() bool { return len(p.told) > 0 })
}

func (p *peer) say(m any) {
	p.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		p.Fatal(err)
	}
	if err := p.conn.Write(p.ctx, websocket.MessageText, data); err != nil {
		p.Fatal(err)
	}
}

func (p *peer) typ(text string) {
	p.Helper()
	if err := p.conn.Write(p.ctx, websocket.MessageBinary, []byte(text)); err != nil {
		p.Fatal(err)
	}
}

// read takes one message.
func (p *peer) read() error {
	kind, data, err := p.conn.Read(p.ctx)
	if err != nil {
		return err
	}
	if kind == websocket.MessageBinary {
		p.got = append(p.got, data...)
		return nil
	}
	var t telling
	if err := json.Unmarshal(data, &t); err != nil {
		return err
	}
	p.told = append(p.told, t)
	return nil
}

// until reads until ok; the answer is what was told last.
func (p *peer) until(ok func() bool) telling {
	p.Helper()
	for !ok() {
		if err := p.read(); err != nil {
			p.Fatalf("%v; got %q, told %+v", err, p.got, p.told)
		}
	}
	if len(p.told) == 0 {
		return telling{}
	}
	return p.told[len(p.told)-1]
}

// see reads until the shell has said text.
func (p *peer) see(text string) {
	p.Helper()
	p.until(func() bool { return strings.Contains(string(p.got), text) })
}

// closed reads to the end and returns the code.
func (p *peer) closed() websocket.StatusCode {
	p.Helper()
	for {
		if err := p.read(); err != nil {
			if p.ctx.Err() != nil {
				p.Fatalf("the socket stays open; told %+v", p.told)
			}
			return websocket.CloseStatus(err)
		}
	}
}

// eventually waits until ok, which something else makes true.
func (d *desk) eventually(what string, ok func() bool) {
	d.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			d.Fatalf("never: %s", what)
		}
	}
}
