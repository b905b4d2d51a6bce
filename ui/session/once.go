package session

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"sync"
)

// A Verdict is what Once says to a token.
type Verdict int

// Verdicts of Once.Take.
const (
	Wrong Verdict = iota // not this link's token
	Used                 // this link's, but it has been used
	Good                 // this link's, for the first and only time
)

// A Once is a link's token, good for one use.
type Once struct {
	token string

	mu   sync.Mutex
	used bool
}

// NewOnce returns a fresh token of 32 random bytes.
func NewOnce() *Once {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return &Once{token: base64.RawURLEncoding.EncodeToString(b[:])}
}

// Token is what the link carries.
func (o *Once) Token() string { return o.token }

// Take uses the token up. It takes as long for a wrong token as for a right one.
func (o *Once) Take(token string) Verdict {
	want, got := sha256.Sum256([]byte(o.token)), sha256.Sum256([]byte(token))
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case subtle.ConstantTimeCompare(want[:], got[:]) != 1:
		return Wrong
	case o.used:
		return Used
	}
	o.used = true
	return Good
}
