package db

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"qm-compliance/conversation"
)

// OrderField is what a listing of conversations can be sorted by.
type OrderField int

// The fields. The Sort of a Key holds the first in microseconds since 1970, the second in milliseconds.
const (
	OrderStartedAt OrderField = iota
	OrderDuration
)

// Order is the order of a listing; conversations that are equal in the field are in the order of their ids.
type Order struct {
	Field      OrderField
	Descending bool
}

func (o Order) sorting() sorting {
	by := sorting{column: "conversation.started_at", id: "conversation.id", descending: o.Descending, value: microseconds}
	if o.Field == OrderDuration {
		by.column, by.value = "conversation.duration_ms", milliseconds
	}
	return by
}

// Key is the place of a conversation in a listing of this order.
func (o Order) Key(c *conversation.Conversation) Key {
	if o.Field == OrderDuration {
		return Key{Sort: c.DurationMs, ID: c.ID}
	}
	return Key{Sort: c.StartedAt.UnixMicro(), ID: c.ID}
}

// ConversationPage is a window of a listing.
type ConversationPage struct {
	Reading
	HasNext, HasPrevious bool
}

// Conversations lists what the access covers and the filter lets through, with what is wanted of it, in two round
// trips however much that is. A filter or an access that narrows takes up to two more, one that asks for metadata
// another one, which finds the keys. A
// filter that is wrong, or names an unknown key, is a compliance.Errors with the code INVALID. An access that covers
// nothing gets an empty page without asking.
func (s *Store) Conversations(
	ctx context.Context, access Access, f Filter, o Order, p Page, want Want,
) (ConversationPage, error) {
	if err := p.check(); err != nil {
		return ConversationPage{}, err
	}
	if access.none() {
		return ConversationPage{}, f.Validate().OrNil()
	}
	prepared, err := f.prepare(ctx, s.db)
	if err != nil {
		return ConversationPage{}, err
	}
	lists, err := s.statements(ctx, access, prepared, o, p)
	if err != nil {
		return ConversationPage{}, err
	}
	return s.reader.page(ctx, lists, p, want)
}

// listing selects a page of conversations.
func listing(access Access, f condition, o Order, p Page) *statement {
	list := matching(access, f)
	p.write(list, o.sorting())
	return list
}

// matching selects the conversations that the access covers and the filter lets through.
func matching(access Access, f condition) *statement {
	all := &statement{}
	all.write("FROM conversations AS conversation")
	access.write(all)
	f.write(all)
	return all
}

// CountConversations counts what the access covers and the filter lets through, and stops at upTo. It reads
// every match that it counts, so nothing but a client that asks for the total should wait for it. Its errors
// are those of Conversations.
func (s *Store) CountConversations(ctx context.Context, access Access, f Filter, upTo int) (int, error) {
	if access.none() {
		return 0, f.Validate().OrNil()
	}
	prepared, err := f.prepare(ctx, s.db)
	if err != nil {
		return 0, err
	}
	lists, err := s.counts(ctx, access, prepared, upTo)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, list := range lists {
		if count >= upTo {
			break
		}
		counting := list.within("SELECT count(*) FROM (SELECT ", ") AS matching")
		err := s.reader.one(ctx, counting.question("", func(answer *rows) error {
			for row := answer.next(); row != nil; row = answer.next() {
				count = int(row.int64())
			}
			return answer.close()
		}))
		if err != nil {
			return 0, err
		}
	}
	return count, nil
}

// ConversationsByID returns the conversations with these ids, in the order of the ids, with what is wanted of them;
// those that do not exist or are out of scope are left out. The id of one that joined another conversation finds that
// one. It takes one round trip, however many ids there are, and another two where some are not found at first.
func (s *Store) ConversationsByID(ctx context.Context, access Access, ids []int64, want Want) (Reading, error) {
	found, byID, err := s.ConversationsOf(ctx, access, ids, want)
	found.Rows = inOrder(ids, byID)
	return found, err
}

// ConversationsOf is ConversationsByID with the result by the given ids, each of Rows once.
func (s *Store) ConversationsOf(
	ctx context.Context, access Access, ids []int64, want Want,
) (found Reading, byID map[int64]*conversation.Conversation, err error) {
	if len(ids) == 0 || access.none() {
		return Reading{}, nil, nil
	}
	found, err = s.reader.byID(ctx, access, ids, want)
	if err != nil {
		return Reading{}, nil, err
	}
	byID = rowsByID(found.Rows)
	if len(found.Rows) == len(ids) {
		return found, byID, nil
	}
	into, err := mergedInto(ctx, s.db, ids)
	if err != nil || len(into) == 0 {
		return found, byID, err
	}
	// What is found already is read again, so that everything is of one reading.
	found, err = s.reader.byID(ctx, access, slices.Concat(ids, slices.Collect(maps.Values(into))), want)
	byID = rowsByID(found.Rows)
	for id, now := range into {
		if c := found.of(now); c != nil && byID[id] == nil {
			byID[id] = c
		}
	}
	return found, byID, err
}

func rowsByID(rows []*conversation.Conversation) map[int64]*conversation.Conversation {
	byID := make(map[int64]*conversation.Conversation, len(rows))
	for _, c := range rows {
		byID[c.ID] = c
	}
	return byID
}

func inOrder(ids []int64, byID map[int64]*conversation.Conversation) []*conversation.Conversation {
	ordered := make([]*conversation.Conversation, 0, len(byID))
	for _, id := range ids {
		if c, found := byID[id]; found {
			ordered = append(ordered, c)
		}
	}
	return ordered
}

// ConversationOfSegment returns the conversation that a segment belongs to, with what is wanted of it; no row where
// there is no such segment or it is out of scope.
func (s *Store) ConversationOfSegment(
	ctx context.Context, access Access, segment int64, want Want,
) (Reading, error) {
	if access.none() {
		return Reading{}, nil
	}
	return s.reader.ofSegment(ctx, access, segment, want)
}

// CurrentID returns the id under which a conversation is found now: its own, or that of the one that it
// joined.
func (s *Store) CurrentID(ctx context.Context, id int64) (int64, error) {
	into, err := mergedInto(ctx, s.db, []int64{id})
	if target := into[id]; target != 0 {
		return target, err
	}
	return id, err
}

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

// write narrows a statement as restrict does a query of bun.
func (a Access) write(to *statement) {
	if a.All {
		return
	}
	to.varies = true
	to.and(`(SELECT true FROM conversation_principals AS cp
		WHERE cp.conversation_id = conversation.id AND cp.principal = ANY(?) LIMIT 1)`, a.Principals)
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
