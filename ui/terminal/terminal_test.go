package terminal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

func TestAShellEchoes(t *testing.T) {
	d := newDesk(t)
	p, opened := d.enter("ann", "", 0)
	if opened.Type != kindOpened || !opened.Fresh || opened.ID == "" || opened.From != 0 || opened.Typed != 0 {
		t.Fatalf("opened: %+v", opened)
	}
	p.typ("hello\r")
	p.see("said: hello\r\n$ ")
	p.until(func() bool { last := p.told[len(p.told)-1]; return last.Type == kindTaken && last.Typed == 6 })
	s := <-d.bench.opened
	if s.Who != "ann" {
		t.Errorf("the shell is %s's", s.Who)
	}
	p.say(asking{Type: kindResize, Size: Size{132, 40}})
	p.typ("size\r")
	p.see("132 by 40")
	p.typ("\x03")
	p.see("^C")
	s.Look(func(s *FakeShell) {
		if !bytes.HasSuffix(s.Typed, []byte{3}) {
			t.Errorf("typed: %q", s.Typed)
		}
	})
	p.say(asking{Type: kindClose})
	if code := p.closed(); code != websocket.StatusNormalClosure {
		t.Errorf("closed with %d", code)
	}
	d.eventually("the shell is closed", func() bool { return d.closed(s) })
}

func (d *desk) closed(s *FakeShell) (yes bool) {
	s.Look(func(s *FakeShell) { yes = s.Closed })
	return yes
}

func TestTickets(t *testing.T) {
	d := newDesk(t)
	open := func(name, ticket string) websocket.StatusCode {
		p := d.dial(name)
		p.say(asking{Type: kindOpen, Ticket: ticket, Size: Size{80, 24}})
		if err := p.read(); err != nil {
			return websocket.CloseStatus(err)
		}
		return 0
	}
	good := d.ticket("ann/1")
	if code := open("ann/1", good); code != 0 {
		t.Fatalf("a good ticket: %d", code)
	}
	if code := open("ann/1", good); code != codeTicket {
		t.Errorf("used twice: %d", code)
	}
	if code := open("bob/1", d.ticket("ann/1")); code != codeTicket {
		t.Errorf("of somebody else: %d", code)
	}
	if code := open("ann/2", d.ticket("ann/1")); code != codeTicket {
		t.Errorf("of another session: %d", code)
	}
	stolen := d.ticket("ann/1")
	open("bob/1", stolen)
	if code := open("ann/1", stolen); code != codeTicket {
		t.Errorf("after somebody else tried it: %d", code)
	}
	old := d.ticket("ann/1")
	d.clock.Step(ticketLife)
	if code := open("ann/1", old); code != codeTicket {
		t.Errorf("too old: %d", code)
	}
	if code := open("ann/1", "guess"); code != codeTicket {
		t.Errorf("guessed: %d", code)
	}
	if n := len(d.bench.Shells()); n != 1 {
		t.Errorf("%d shells were opened", n)
	}
}

func TestTicketsAreFew(t *testing.T) {
	d := newDesk(t)
	first := d.rooms.tickets.give(bearer{"ann", "1"})
	d.clock.Step(1)
	var last string
	for range mostTickets {
		last = d.rooms.tickets.give(bearer{"bob", "1"})
	}
	if n := len(d.rooms.tickets.given); n > mostTickets {
		t.Errorf("%d tickets are kept", n)
	}
	if d.rooms.tickets.take(first, bearer{"ann", "1"}) || !d.rooms.tickets.take(last, bearer{"bob", "1"}) {
		t.Error("not the oldest made room")
	}
}

func TestBadMessages(t *testing.T) {
	d := newDesk(t)
	for name, first := range map[string]string{
		"no JSON": "x", "no ticket": `{"type":"open","cols":80,"rows":24}`, "no size": `{"type":"open","ticket":"x"}`,
		"before the ticket": `{"type":"resize","cols":80,"rows":24}`, "unknown field": `{"type":"open","ticket":"x","evil":1}`,
	} {
		p := d.dial("ann")
		if err := p.conn.Write(p.ctx, websocket.MessageText, []byte(first)); err != nil {
			t.Fatal(err)
		}
		if code := p.closed(); code != websocket.StatusPolicyViolation {
			t.Errorf("%s: closed with %d", name, code)
		}
	}
	p := d.dial("ann")
	p.typ("rm -rf /\r")
	if code := p.closed(); code != websocket.StatusPolicyViolation {
		t.Errorf("bytes before the ticket: %d", code)
	}
	for name, then := range map[string]any{
		"size 0":          asking{Type: kindResize},
		"size too large":  asking{Type: kindResize, Size: Size{mostCols + 1, 24}},
		"a second ticket": asking{Type: kindOpen, Ticket: d.ticket("ann"), Size: Size{80, 24}},
		"unknown":         asking{Type: "evil"},
	} {
		p, _ := d.enter("ann", "", 0)
		p.say(then)
		if code := p.closed(); code != websocket.StatusPolicyViolation {
			t.Errorf("%s: closed with %d", name, code)
		}
	}
	p, _ = d.enter("ann", "", 0)
	_ = p.conn.Write(p.ctx, websocket.MessageBinary, make([]byte, largest+1))
	if code := p.closed(); code != websocket.StatusMessageTooBig {
		t.Errorf("a message too large: %d", code)
	}
}

func TestWhoSaysNothingIsHungUp(t *testing.T) {
	d := newDesk(t)
	p := d.dial("ann")
	d.eventually("a timer", d.clock.HasWaiters)
	d.clock.Step(hurry)
	p.closed()
}

func TestAPageThatComesBackMissesNothing(t *testing.T) {
	d := newDesk(t)
	p, opened := d.enter("ann/1", "", 0)
	p.typ("one\r")
	p.see("said: one\r\n$ ")
	_ = p.conn.CloseNow()

	// A broken connection: only what is missing is told.
	s := <-d.bench.opened
	_, _ = s.Write([]byte("two\r"))
	q, again := d.enter("ann/2", opened.ID, int64(len(p.got)))
	if again.Fresh || again.ID != opened.ID || again.From != int64(len(p.got)) || again.Typed != 4 {
		t.Errorf("opened again: %+v", again)
	}
	q.see("said: two\r\n$ ")
	if strings.Contains(string(q.got), "one") {
		t.Errorf("told twice: %q", q.got)
	}
	// A page loaded anew: all of it.
	r, _ := d.enter("ann/2", opened.ID, 0)
	r.see("said: two\r\n$ ")
	if d := cmp.Diff(string(p.got)+string(q.got), string(r.got)); d != "" {
		t.Error(d)
	}
	// The older page is told that it lost the terminal.
	if code := q.closed(); code != codeMoved {
		t.Errorf("the older page: %d", code)
	}
	r.typ("three\r")
	r.see("said: three")
	// Somebody else's id is nobody's.
	b, other := d.enter("bob/1", opened.ID, 0)
	if !other.Fresh || other.ID == opened.ID {
		t.Errorf("bob has %+v", other)
	}
	b.see("$ ")
	if strings.Contains(string(b.got), "said") {
		t.Errorf("bob reads %q", b.got)
	}
}

func TestAShellThatNobodyLooksAtEnds(t *testing.T) {
	d := newDesk(t)
	p, opened := d.enter("ann", "", 0)
	s := <-d.bench.opened
	p.see("$ ")
	leave := func(p *peer) {
		_ = p.conn.CloseNow()
		d.eventually("nobody looks", func() bool { _, idle := d.rooms.find("ann\x00", opened.ID).idle(); return idle })
	}
	leave(p)
	d.clock.Step(grace - 1)
	p, again := d.enter("ann", opened.ID, 0)
	if again.Fresh {
		t.Fatal("the shell has ended too soon")
	}
	d.clock.Step(grace) // somebody looks
	p.typ("x")
	p.see("x")
	leave(p)
	d.clock.Step(grace)
	d.eventually("the shell is closed", func() bool { return d.closed(s) })
	_, last := d.enter("ann", opened.ID, 100)
	if !last.Fresh || last.ID == opened.ID || last.From != 0 {
		t.Errorf("after the end: %+v", last)
	}
}

func TestAFloodWaitsForThePage(t *testing.T) {
	d := newDesk(t)
	p, opened := d.enter("ann", "", 0)
	s := <-d.bench.opened
	p.typ("yes\r")
	// A page that shows nothing gets a window, and no more is read.
	p.until(func() bool { return len(p.got) >= keep })
	if got := s.Flooded(); got > keep {
		t.Fatalf("%d bytes were read for a page that shows nothing", got)
	}
	for range 40 {
		p.say(asking{Type: kindSeen, Seen: int64(len(p.got))})
		want := len(p.got) + keep
		p.until(func() bool { return len(p.got) >= want })
		if ahead := s.Flooded() - int64(len(p.got)); ahead > keep {
			t.Fatalf("the shell is %d bytes ahead", ahead)
		}
	}
	sh := d.rooms.find("ann\x00", opened.ID)
	if n := cap(sh.said.data); n > 4*keep {
		t.Errorf("%d bytes are kept", n)
	}
	// A page that claims to have shown what was never said gains nothing.
	before := s.Flooded()
	for range 5000 {
		p.say(asking{Type: kindSeen, Seen: 1 << 62})
	}
	p.until(func() bool { return int64(len(p.got)) > before })
	// Ctrl-C gets through while the page is behind.
	p.typ("\x03")
	d.eventually("the flood ends", func() (ok bool) { s.Look(func(s *FakeShell) { ok = !s.flood }); return ok })
	// The page comes back with nothing: it gets the end, from a whole line on.
	_ = p.conn.CloseNow()
	q, again := d.enter("ann", opened.ID, 0)
	if again.From == 0 || again.Fresh {
		t.Errorf("%+v", again)
	}
	q.until(func() bool { return len(q.got) > 100 })
	if !strings.HasPrefix(string(q.got), "y\r\n") || len(q.got) > keep {
		t.Errorf("%d bytes, which begin with %.10q", len(q.got), q.got)
	}
}

// TestAPageShowsWhatItWasSent: nothing else that it claims lets the shell on.
func TestAPageShowsWhatItWasSent(t *testing.T) {
	s := &shell{bell: make(chan struct{}), session: &FakeShell{flood: true}}
	by, stranger := &socket{}, &socket{}
	s.attach(by, 0)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go s.listen(ctx)
	end := func() (n int64) { s.change(func() { n = s.said.end() }); return n }
	(&desk{T: t}).eventually("a window is full", func() bool { return end() == keep })
	for range 10 {
		s.seen(by, 1<<62)
		s.seen(stranger, 1<<62)
		if s.shown != 0 {
			t.Fatalf("%d bytes count as shown of none sent", s.shown)
		}
	}
	n, ok := s.next(ctx, by, 0)
	if !ok || len(n.said) == 0 {
		t.Fatalf("sent %d bytes, %v", len(n.said), ok)
	}
	s.seen(stranger, 1<<62)
	s.seen(by, 1<<62)
	if s.shown != int64(len(n.said)) {
		t.Errorf("%d bytes count as shown of %d sent", s.shown, len(n.said))
	}
}

// TestWhatComesLate: when another socket has the shell, the older one neither
// types nor shows nor is sent anything.
func TestWhatComesLate(t *testing.T) {
	s := &shell{bell: make(chan struct{})}
	s.said.put(make([]byte, keep))
	older, newer := &socket{fail: func(error) {}}, &socket{}
	s.attach(older, 0)
	if err := s.enter(older, []byte("ls")); err != nil {
		t.Fatal(err)
	}
	if told := s.attach(newer, keep); told.Typed != 2 {
		t.Errorf("told %+v", told)
	}
	s.said.put(make([]byte, 3*keep))
	if err := s.enter(older, []byte("\r")); err != nil || string(s.pending) != "ls" || s.typed != 2 {
		t.Errorf("%d bytes were typed: %q, %v", s.typed, s.pending, err)
	}
	if n, ok := s.next(t.Context(), older, 0); ok {
		t.Errorf("sent %d bytes", len(n.said))
	}
}

func TestWhoTypesMoreThanTheShellTakes(t *testing.T) {
	s, by := &shell{bell: make(chan struct{})}, &socket{}
	s.attach(by, 0)
	for range mostPending / chunk {
		if err := s.enter(by, make([]byte, chunk)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.enter(by, []byte{1}); !errors.Is(err, errPending) || s.typed != mostPending {
		t.Errorf("%v, %d bytes", err, s.typed)
	}
}

func TestMostTerminals(t *testing.T) {
	d := newDesk(t)
	var peers []*peer
	var ids []string
	for range Most {
		p, opened := d.enter("ann", "", 0)
		peers, ids = append(peers, p), append(ids, opened.ID)
	}
	p, failed := d.enter("ann", "", 0)
	if failed.Type != kindFailed || !strings.Contains(failed.Say, fmt.Sprint(Most)) {
		t.Errorf("one more: %+v", failed)
	}
	if code := p.closed(); code != codeFailed {
		t.Errorf("closed with %d", code)
	}
	if _, opened := d.enter("bob", "", 0); !opened.Fresh {
		t.Errorf("somebody else: %+v", opened)
	}
	// One that nobody looks at makes room.
	_ = peers[3].conn.CloseNow()
	d.eventually("nobody looks", func() bool { _, idle := d.rooms.find("ann\x00", ids[3]).idle(); return idle })
	if _, opened := d.enter("ann", "", 0); !opened.Fresh {
		t.Errorf("in place of an idle one: %+v", opened)
	}
	d.eventually("the idle one is closed", func() bool { return d.closed(d.bench.Shells()[3]) })
	peers[0].typ("still\r")
	peers[0].see("said: still")
}

func TestTheSessionEnds(t *testing.T) {
	d := newDesk(t)
	p, opened := d.enter("ann/1", "", 0)
	close(d.login("ann/1").gone)
	if code := p.closed(); code != codeLogin {
		t.Errorf("after a logout: %d", code)
	}
	// Whoever logs in again has the shell.
	q, again := d.enter("ann/2", opened.ID, 0)
	if again.Fresh {
		t.Error("the shell is gone")
	}
	// Over with time: asked at each beat, and told whether somebody typed.
	l := d.login("ann/2")
	q.typ("x")
	q.see("x")
	d.clock.Step(beat)
	d.eventually("the session is asked for", func() bool { return len(l.questions()) == 1 })
	r, _ := d.enter("ann/3", opened.ID, 0)
	l = d.login("ann/3")
	l.mu.Lock()
	l.dead = true
	l.mu.Unlock()
	d.clock.Step(beat)
	if code := r.closed(); code != codeLogin {
		t.Errorf("after its time: %d", code)
	}
	if got := append(d.login("ann/2").questions()[:1], l.questions()...); !cmp.Equal(got, []bool{true, false}) {
		t.Errorf("used: %v", got)
	}
}

// TestAShellGoesOnByTheNewLogin, even if that could not be written down.
func TestAShellGoesOnByTheNewLogin(t *testing.T) {
	d := newDesk(t)
	_, opened := d.enter("ann/1", "", 0)
	d.bench.Refuse = errors.New("the disk is full")
	p, again := d.enter("ann/2", opened.ID, 0)
	if again.Fresh {
		t.Error("another shell")
	}
	if got := d.bench.logins; !cmp.Equal(got, []string{"ann/2"}) {
		t.Errorf("renewed by %v", got)
	}
	p.typ("still\r")
	p.see("said: still")
}

func TestTheShellEnds(t *testing.T) {
	d := newDesk(t)
	p, opened := d.enter("ann", "", 0)
	p.typ("exit\r")
	if code := p.closed(); code != websocket.StatusNormalClosure {
		t.Errorf("closed with %d", code)
	}
	if last := p.told[len(p.told)-1]; last.Type != kindEnded {
		t.Errorf("told %+v", p.told)
	}
	d.eventually("it is forgotten", func() bool { return d.rooms.find("ann\x00", opened.ID) == nil })
}

func TestNoShell(t *testing.T) {
	d := newDesk(t)
	d.bench.Refuse = errors.New("the workbench is broken")
	p, failed := d.enter("ann", "", 0)
	if failed.Type != kindFailed || !strings.Contains(failed.Say, "The workbench is broken.") {
		t.Errorf("%+v", failed)
	}
	if code := p.closed(); code != codeFailed {
		t.Errorf("closed with %d", code)
	}
	if len(d.rooms.all) != 0 {
		t.Error("it has a place")
	}
}

func TestAPageThatLeavesBeforeTheShellIsThere(t *testing.T) {
	d := newDesk(t)
	d.bench.Wait = make(chan struct{})
	p := d.dial("ann")
	p.say(asking{Type: kindOpen, Ticket: d.ticket("ann"), Size: Size{80, 24}})
	places := func() int { d.rooms.mu.Lock(); defer d.rooms.mu.Unlock(); return len(d.rooms.all) }
	d.eventually("a place is reserved", func() bool { return places() == 1 })
	_ = p.conn.CloseNow()
	d.eventually("the place is free", func() bool { return places() == 0 })
}

func TestTheServerEnds(t *testing.T) {
	d := newDesk(t)
	p, _ := d.enter("ann", "", 0)
	s := <-d.bench.opened
	d.end()
	if !d.closed(s) {
		t.Error("Run ends before its shells")
	}
	if code := p.closed(); code != websocket.StatusServiceRestart {
		t.Errorf("closed with %d", code)
	}
	if _, last := d.enter("ann", "", 0); last.Type == kindOpened {
		t.Error("a shell opened after the end")
	}
}
