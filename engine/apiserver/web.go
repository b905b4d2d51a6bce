package apiserver

// Upstream: k8s.io/apiserver pkg/server/secure_serving.go

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Upstream's patience with clients.
const (
	headerTimeout = 32 * time.Second
	idleTimeout   = 90 * time.Second
	shutTimeout   = 5 * time.Second // for requests on their way when the server stops
)

// web is the HTTP server of one Run.
type web struct {
	http   http.Server
	tls    bool
	active sync.WaitGroup
	cancel context.CancelFunc
}

func (s *Server) web() *web {
	base, cancel := context.WithCancel(s.withLibraryLog(context.Background()))
	w := &web{cancel: cancel, tls: len(s.cfg.Certificate.Certificate) > 0}
	next := s.Handler()
	w.http = http.Server{
		Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			w.active.Add(1) // of hijacked connections net/http knows nothing
			defer w.active.Done()
			next.ServeHTTP(rw, r)
		}),
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    1 << 20,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: s.cfg.MaxStreams},
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // handshakes that fail
		TLSConfig: &tls.Config{
			MinVersion:   tls.VersionTLS12,
			Certificates: []tls.Certificate{s.cfg.Certificate},
			ClientCAs:    s.cfg.ClientCA,
			ClientAuth:   tls.RequestClientCert, // the authenticator verifies it
			NextProtos:   []string{"h2", "http/1.1"},
		},
	}
	return w
}

func (w *web) serve(l net.Listener) error {
	var err error
	if w.tls {
		err = w.http.ServeTLS(l, "", "")
	} else {
		err = w.http.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// shut lets requests on their way finish for a while, then ends them all.
func (w *web) shut() {
	ctx, cancel := context.WithTimeout(context.Background(), shutTimeout)
	defer cancel()
	if err := w.http.Shutdown(ctx); err != nil {
		_ = w.http.Close()
	}
	w.cancel()
	w.active.Wait()
}

// untilStop is ctx, done at the latest when the server stops. It is for
// requests that last as long as they like.
func (s *Server) untilStop(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-s.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
