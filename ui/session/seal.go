package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
)

// purpose keeps the sealing key apart from any other use of a cookie's bytes.
const purpose = "kubergarten session v1"

var errSeal = errors.New("session cannot be unsealed")

// box is AES-256-GCM with a key that only the cookie's bytes give.
func box(secret [32]byte) (cipher.AEAD, error) {
	k, err := hkdf.Key(sha256.New, secret[:], nil, purpose, 32)
	if err != nil {
		return nil, err
	}
	b, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}

// seal returns a nonce and the sealed who.
func seal(secret [32]byte, who Who) ([]byte, error) {
	plain, err := json.Marshal(who)
	if err != nil {
		return nil, err
	}
	aead, err := box(secret)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return aead.Seal(nonce, nonce, plain, []byte(purpose)), nil
}

// unseal is the reverse of seal.
func unseal(secret [32]byte, sealed []byte) (who Who, err error) {
	aead, err := box(secret)
	if err != nil {
		return who, err
	}
	if len(sealed) < aead.NonceSize() {
		return who, errSeal
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(purpose))
	if err != nil {
		return who, errSeal
	}
	if err := json.Unmarshal(plain, &who); err != nil {
		return Who{}, fmt.Errorf("unseal session: %w", err)
	}
	return who, nil
}
