package proxy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// serve serves h at address on the node. That it cannot is an error only if
// the configuration says so.
func (p *Proxy) serve(ctx context.Context, failed, reason, address string, h http.Handler) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s: %w", failed, err)
	}
	l, err := p.Listen(at)
	if err != nil && p.cfg.BindAddressHardFail {
		return fmt.Errorf("%s: %w", failed, err)
	}
	if err != nil {
		p.Log.Error(failed, "err", err)
		p.events.Event(p.ref(), corev1.EventTypeWarning, reason, err.Error())
		return nil
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 30 * time.Second, ErrorLog: slog.NewLogLogger(p.Log.Handler(), slog.LevelWarn)}
	defer context.AfterFunc(ctx, func() { srv.Close() })()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("%s: %w", failed, err)
	}
	return nil
}

func (p *Proxy) ref() *corev1.ObjectReference {
	return &corev1.ObjectReference{APIVersion: "v1", Kind: "Node", Name: p.node, UID: types.UID(p.node)}
}
