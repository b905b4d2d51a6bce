package session

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
)

// The file of sessions, and how large it may be.
const (
	file     = "sessions.json"
	fileSize = 8 << 20
	version  = 1
)

// kept is the file: a version and the sessions, in the order of their hashes.
type kept struct {
	Version  int           `json:"version"`
	Sessions []keptSession `json:"sessions"`
}

type keptSession struct {
	Hash    string    `json:"hash"`
	Sealed  []byte    `json:"sealed"`
	Expires time.Time `json:"expires"`
}

// load reads the sessions of dir; a missing file holds none.
func load(dir *os.Root) (map[[32]byte]entry, error) {
	f, err := dir.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return map[[32]byte]entry{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, fileSize+1))
	if err != nil {
		return nil, err
	}
	return decode(data)
}

// decode reads the file's bytes, strictly: half a file is no file.
func decode(data []byte) (map[[32]byte]entry, error) {
	if len(data) > fileSize {
		return nil, fmt.Errorf("%s is larger than %d bytes", file, fileSize)
	}
	var k kept
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&k); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: something follows the sessions", file)
	}
	if k.Version != version || len(k.Sessions) > most {
		return nil, fmt.Errorf("%s: version %d with %d sessions is not ours", file, k.Version, len(k.Sessions))
	}
	all := make(map[[32]byte]entry, len(k.Sessions))
	for i, s := range k.Sessions {
		id, err := hex.DecodeString(s.Hash)
		if err != nil || len(id) != 32 {
			return nil, fmt.Errorf("%s: session %d has no hash", file, i)
		}
		all[[32]byte(id)] = entry{s.Sealed, s.Expires}
	}
	return all, nil
}

// encode is the reverse of decode.
func encode(all map[[32]byte]entry) ([]byte, error) {
	k := kept{Version: version, Sessions: make([]keptSession, 0, len(all))}
	for id, e := range all {
		k.Sessions = append(k.Sessions, keptSession{hex.EncodeToString(id[:]), e.sealed, e.expires.UTC()})
	}
	slices.SortFunc(k.Sessions, func(a, b keptSession) int { return bytes.Compare([]byte(a.Hash), []byte(b.Hash)) })
	return json.Marshal(k)
}

// store replaces the file in one step.
func store(dir *os.Root, all map[[32]byte]entry) error {
	data, err := encode(all)
	if err != nil {
		return err
	}
	const fresh = file + ".new"
	f, err := dir.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return dir.Rename(fresh, file)
}
