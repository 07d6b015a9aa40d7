package db

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/uptrace/bun"

	"qm-compliance/conversation"
)

// Access says which conversations somebody sees; what it does not cover does not exist for them (design,
// section 6). The zero Access covers nothing.
type Access struct {
	// All covers every conversation.
	All bool
	// Principals cover the conversations in which one of them took part.
	Principals []string
}

// Everything is the access of the commands that an operator runs, and of those who see all.
func Everything() Access { return Access{All: true} }

// identityKey is the key of the hashes that stand for values which must not be kept, but known again.
type identityKey []byte

// MailPrincipal stands for the agent with this e-mail address, by a keyed hash.
func (s *Store) MailPrincipal(email string) string { return s.hash().Mail(email) }

// hash stands for values by their hashes with a key of this database.
func (s *Store) hash() conversation.Hash {
	return func(value string) string {
		mac := hmac.New(sha256.New, s.identity)
		mac.Write([]byte(value))
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
}

// none reports whether the access covers nothing, so that no query needs asking.
func (a Access) none() bool { return !a.All && len(a.Principals) == 0 }

// restrict narrows a query over conversations, under that alias in the singular, to what the access covers.
func (a Access) restrict(query *bun.SelectQuery) *bun.SelectQuery {
	if a.All {
		return query
	}
	const tookPart = `EXISTS (SELECT FROM conversation_principals AS cp
		WHERE cp.conversation_id = conversation.id AND cp.principal IN (?))`
	return query.Where(tookPart, bun.List(a.Principals))
}

// PlaybackKey is the key of 32 bytes that links to recordings are sealed with, the same for all servers on
// this database.
func (s *Store) PlaybackKey(ctx context.Context) ([]byte, error) {
	return loadKey(ctx, s.db, "playback")
}

// loadKey reads a secret of this database, making it where there is none yet. Of several that start at once
// the first one's stays.
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
