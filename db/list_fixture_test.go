package db

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// stored is a conversation with everything that a listing can ask about, as a test knows it.
type stored struct {
	*conversation.Conversation
	principals []string
}

// fixturePrincipal is a row of conversation_principals.
type fixturePrincipal struct {
	bun.BaseModel `bun:"table:conversation_principals"`

	ConversationID int64
	VconUUID       uuid.UUID
	Principal      string
}

// generator makes conversations that agree and differ in everything that filters and orders look at.
type generator struct {
	*rand.Rand
}

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 7))} }

func pick[T any](g generator, from []T) T { return from[g.IntN(len(from))] }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

// The values that conversations are made of. Wildcards and escapes of LIKE stand among them.
func phoneNumbers() []string {
	return []string{"", "+420 777 123 456", "(420) 777-123-999", "+1 849 555 0100", "sip:+18495550100@host9", "112",
		"0042 0777 12"}
}

func digitalAddresses() []string {
	return []string{"", "Ann.Lee@Example.com", "ann_lee@example.com", "annxlee@example.com", "100%sure@example.org",
		"100Xsure@example.org", `back\slash@host`, "10.0.0.17", "backXslash@host"}
}

func phoneAddresses() []string {
	return []string{"", "", "whatsapp:+420 777 123 456", "Ann.Lee.18495550100@example.com", "00420-777-123-999@HOST"}
}

func metadataKeyNames() []string {
	return []string{"language", "campaign", "bria_call_ended.customerNumber"}
}

func metadataValues() []string {
	long := make([]byte, 99)
	for i := range long {
		long[i] = 'v'
	}
	return []string{"", "en", "EN", "[anonymized]", string(long), string(long) + "v", string(long) + "vv",
		string(long) + "vw"}
}

func principalNames() []string { return []string{"user:ann", "user:bob", "group:sales", "group:care"} }

// conversation makes one of a few starts and durations, so that many are equal in what they are sorted by.
func (g generator) conversation(keys map[string]int) stored {
	started := testNow.Add(-time.Duration(g.IntN(20)) * time.Hour).Add(time.Duration(g.IntN(2)) * time.Microsecond)
	duration := int64(g.IntN(5)) * 1000
	c := &conversation.Conversation{
		Vcons: []*conversation.Vcon{{UUID: g.uuid()}}, StartedAt: started,
		EndedAt: started.Add(time.Duration(duration) * time.Millisecond), DurationMs: duration,
		Direction: pick(g, []compliance.Direction{"", compliance.Inbound, compliance.Outbound}), Types: g.types(),
		Reviewable: g.chance(70), MediaStatus: pick(g, compliance.MediaStatuses()), DoneKeys: []string{}, ImportedAt: testNow,
	}
	if g.chance(40) {
		at, version := testNow, 1
		c.AnonymizedAt, c.SettingsVersion = &at, &version
	}
	g.participants(c)
	g.metadata(c, keys)
	return stored{Conversation: c, principals: g.subset(principalNames(), 25)}
}

func (g generator) uuid() uuid.UUID {
	var id uuid.UUID
	for i := range id {
		id[i] = byte(g.IntN(256))
	}
	return id
}

func (g generator) types() []compliance.ConversationType {
	all := []compliance.ConversationType{compliance.TypeCall, compliance.TypeScreenRecording, compliance.TypeEmail,
		compliance.TypeChat}
	return append([]compliance.ConversationType{pick(g, all[:1])}, subset(g, all[1:], 30)...)[g.IntN(2):]
}

func (g generator) subset(from []string, percent int) []string { return subset(g, from, percent) }

func subset[T any](g generator, from []T, percent int) []T {
	return slices.DeleteFunc(slices.Clone(from), func(T) bool { return !g.chance(percent) })
}

// participants are anonymized at random without their text being overwritten: only the flags may decide.
func (g generator) participants(c *conversation.Conversation) {
	for position := range g.IntN(4) {
		c.Participants = append(c.Participants, &conversation.Participant{
			Position: position, Role: compliance.RoleCustomer, Name: "N", PhoneNumber: pick(g, phoneNumbers()),
			PhoneNumberAnonymized: g.chance(20),
			DigitalAddress:        pick(g, digitalAddresses()), DigitalAddressAnonymized: g.chance(20),
			PhoneAddress: pick(g, phoneAddresses()), PhoneAddressAnonymized: g.chance(20),
		})
	}
}

func (g generator) metadata(c *conversation.Conversation, keys map[string]int) {
	for _, name := range g.subset(metadataKeyNames(), 70) {
		c.Metadata = append(c.Metadata,
			&conversation.Metadatum{KeyID: keys[name], Key: name, Value: pick(g, metadataValues()),
				ValueAnonymized: g.chance(20)})
	}
}

// storeKeys makes the metadata keys known, and returns their ids.
func storeKeys(t testing.TB, s *Store, names ...string) map[string]int {
	t.Helper()
	ids := map[string]int{}
	for _, name := range names {
		key := &MetadataKey{Name: name, FirstSeenAt: testNow}
		exec(t, s.db.NewInsert().Model(key))
		ids[name] = key.ID
	}
	return ids
}

// storeConversations stores conversations with their participants, metadata and principals, and fills in their ids.
func storeConversations(t testing.TB, s *Store, conversations []stored) {
	t.Helper()
	var rows []*conversation.Conversation
	for _, c := range conversations {
		rows = append(rows, c.Conversation)
	}
	exec(t, s.db.NewInsert().Model(&rows))
	var vcons []*conversation.Vcon
	var participants []*conversation.Participant
	var metadata []*conversation.Metadatum
	var principals []*fixturePrincipal
	for _, c := range conversations {
		vcon := c.Vcons[0]
		vcon.ConversationID, vcon.StartedAt, vcon.EndedAt, vcon.Direction = c.ID, c.StartedAt, c.EndedAt, c.Direction
		vcons = append(vcons, vcon)
		for _, p := range c.Participants {
			p.ConversationID, p.VconUUID = c.ID, vcon.UUID
		}
		for _, m := range c.Metadata {
			m.ConversationID, m.VconUUID = c.ID, vcon.UUID
		}
		for _, name := range c.principals {
			principals = append(principals, &fixturePrincipal{ConversationID: c.ID, VconUUID: vcon.UUID, Principal: name})
		}
		participants, metadata = append(participants, c.Participants...), append(metadata, c.Metadata...)
	}
	insertAll(t, s, vcons)
	insertAll(t, s, participants)
	insertAll(t, s, metadata)
	insertAll(t, s, principals)
	settleAll(t, s)
}

// settleAll settles the facets of all conversations, which were stored without.
func settleAll(t testing.TB, s *Store) {
	t.Helper()
	all := strings.Replace(settleFacets, "$1", "ARRAY(SELECT id FROM conversations)", 1)
	if _, err := s.db.NewRaw(all).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func insertAll[T any](t testing.TB, s *Store, rows []*T) {
	t.Helper()
	if len(rows) > 0 {
		exec(t, s.db.NewInsert().Model(&rows))
	}
}

func exec(t testing.TB, query *bun.InsertQuery) {
	t.Helper()
	if _, err := query.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// storeGenerated fills a store with conversations.
func storeGenerated(t testing.TB, s *Store, seed uint64, count int) []stored {
	t.Helper()
	g, keys := newGenerator(seed), storeKeys(t, s, metadataKeyNames()...)
	conversations := make([]stored, count)
	for i := range conversations {
		conversations[i] = g.conversation(keys)
	}
	storeConversations(t, s, conversations)
	return conversations
}
