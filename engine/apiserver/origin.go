package apiserver

import (
	"errors"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// errCrossSite is the answer to a page of another site that tries to use the
// client certificate in its visitor's browser.
var errCrossSite = apierrors.NewForbidden(schemaless(), "", errors.New("cross-origin request of a browser"))

// sameOrigin refuses what pages of other sites make a browser send. There are
// no cookies here, but browsers also show certificates unasked. Clients that are
// not browsers send no Origin, and pass.
func sameOrigin(next http.Handler) http.Handler {
	p := http.NewCrossOriginProtection()
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { writeError(w, r, errCrossSite) }))
	return p.Handler(next)
}

// notCrossSite is the same for streams, which a page opens with GET.
func notCrossSite(r *http.Request) error {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return errCrossSite
	}
	return nil
}
