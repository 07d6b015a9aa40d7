package db

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// Access says which conversations somebody sees; what it does not cover does not exist for them (design, section 6). The zero
// Access covers nothing.
type Access struct {
	// All covers every conversation.
	All bool
	// Principals cover the conversations in which one of them took part.
	Principals []string
}

// Everything is the access of the commands that an operator runs, and of those who see all.
func Everything() Access { return Access{All: true} }

// identityKey hashes agents' e-mail addresses, so that an agent is recognised though the address itself is gone.
type identityKey []byte

// mailPrefix marks principals that are hashes of e-mail addresses.
const mailPrefix = "mail:"

// UserPrincipal stands for the user with this id.
func UserPrincipal(userID string) string { return "user:" + userID }

// GroupPrincipal stands for the members of the group with this name.
func GroupPrincipal(name string) string { return "group:" + name }

// MailPrincipal stands for the agent with this e-mail address, by a keyed hash.
func (s *Store) MailPrincipal(email string) string {
	return mailPrefix + s.keyed(strings.ToLower(strings.TrimSpace(email)))
}

// keyed stands for a value that must not be kept, but known again: its hash with a key of this database.
func (s *Store) keyed(value string) string {
	mac := hmac.New(sha256.New, s.identity)
	mac.Write([]byte(value))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// originOf stands for a url, empty for none.
func (s *Store) originOf(url string) string {
	if url == "" {
		return ""
	}
	return s.keyed("url:" + url)
}

// Restrict narrows a query over conversations (alias c) to what the access covers.
func (a Access) restrict(query *bun.SelectQuery) *bun.SelectQuery {
	if a.All {
		return query
	}
	return query.Where("EXISTS (SELECT FROM conversation_principals AS cp WHERE cp.conversation_id = c.id AND cp.principal IN (?))", bun.List(a.Principals))
}

// PlaybackKey is the key of 32 bytes that links to recordings are sealed with, the same for all servers on this database.
func (s *Store) PlaybackKey(ctx context.Context) ([]byte, error) {
	return loadKey(ctx, s.db, "playback")
}

// loadKey reads a secret of this database, making it where there is none yet. Of several that start at once the first one's stays.
func loadKey(ctx context.Context, db bun.IDB, name string) ([]byte, error) {
	fresh := make([]byte, sha256.Size)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	const insert = "INSERT INTO installation (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
	if _, err := db.NewRaw(insert, name, fresh).Exec(ctx); err != nil {
		return nil, fmt.Errorf("store the %s key: %w", name, err)
	}
	var key []byte
	err := db.NewRaw("SELECT value FROM installation WHERE name = ?", name).Scan(ctx, &key)
	return key, err
}
