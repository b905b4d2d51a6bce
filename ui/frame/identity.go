package frame

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// identity is all that the API server looks at in a visitor: who it is, and by
// which credential, for a token may end before another of the same user.
func identity(v *Visitor) string {
	parts := append([]string{v.User.GetName(), v.User.GetUID()}, v.User.GetGroups()...)
	for _, key := range slices.Sorted(maps.Keys(v.User.GetExtra())) {
		parts = append(append(parts, key), v.User.GetExtra()[key]...)
	}
	if v.REST != nil {
		token := sha256.Sum256([]byte(v.REST.BearerToken))
		parts = append(parts, hex.EncodeToString(token[:]))
	}
	return strings.Join(parts, "\x00")
}
