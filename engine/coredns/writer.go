package coredns

// Upstream: request/writer.go, plugin/pkg/dnstest

import (
	"net"

	"github.com/miekg/dns"
)

// A scrubber makes answers fit what the client can take.
type scrubber struct {
	dns.ResponseWriter
	req *dns.Msg
}

func (s *scrubber) WriteMsg(m *dns.Msg) error {
	size := maxSize(s.ResponseWriter, s.req)
	if o := s.req.IsEdns0(); o != nil && m.IsEdns0() == nil {
		m = m.Copy()
		m.SetEdns0(o.UDPSize(), o.Do())
	}
	m.Truncate(size)
	return s.ResponseWriter.WriteMsg(m)
}

// maxSize is how long an answer may be.
func maxSize(w dns.ResponseWriter, r *dns.Msg) int {
	if proto(w) == "tcp" {
		return dns.MaxMsgSize
	}
	if o := r.IsEdns0(); o != nil {
		return max(int(o.UDPSize()), dns.MinMsgSize)
	}
	return dns.MinMsgSize
}

func proto(w dns.ResponseWriter) string {
	if _, ok := w.RemoteAddr().(*net.TCPAddr); ok {
		return "tcp"
	}
	return "udp"
}

// A recorder keeps the answer that goes by.
type recorder struct {
	dns.ResponseWriter
	msg *dns.Msg
}

func (r *recorder) WriteMsg(m *dns.Msg) error {
	r.msg = m
	return r.ResponseWriter.WriteMsg(m)
}

// A sink keeps the answer and writes nothing.
type sink struct {
	dns.ResponseWriter
	msg *dns.Msg
}

func (s *sink) WriteMsg(m *dns.Msg) error { s.msg = m; return nil }

// reply makes an answer to r.
func reply(r *dns.Msg, code int) *dns.Msg {
	m := new(dns.Msg)
	return m.SetRcode(r, code)
}

// responseType classifies answers, as upstream's plugin/pkg/response does.
type responseType int

const (
	noError responseType = iota
	nameError
	noData
	serverError
	otherError
)

func typify(m *dns.Msg) responseType {
	soa := false
	for _, rr := range m.Ns {
		soa = soa || rr.Header().Rrtype == dns.TypeSOA
	}
	switch {
	case m.Rcode == dns.RcodeSuccess && (len(m.Answer) > 0 || !soa):
		return noError
	case m.Rcode == dns.RcodeSuccess:
		return noData
	case m.Rcode == dns.RcodeNameError && len(m.Answer) == 0:
		return nameError
	case m.Rcode == dns.RcodeServerFailure || m.Rcode == dns.RcodeNotImplemented:
		return serverError
	}
	return otherError
}
