package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/postgres/postgrestest"
)

// storeUnprepared is a store on connections that prepare nothing.
func storeUnprepared(t *testing.T, url string) *Store {
	t.Helper()
	_, bun := connectWith(t, url, PoolOptions{Unprepared: true})
	s, err := New(t.Context(), bun, func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// byBun reads conversations by bun, with all their relations.
func byBun(t *testing.T, s *Store, ids []int64) []*conversation.Conversation {
	t.Helper()
	var all []*conversation.Conversation
	if err := s.db.NewSelect().Model(&all).Order("id").Where("id = ANY(ARRAY[?]::bigint[])", bun.List(ids)).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := loadRelations(t.Context(), s.db, all, everyRelation(), nil); err != nil {
		t.Fatal(err)
	}
	return all
}

// shownAs leaves of a conversation what is wanted of it: what the reader is to read.
func shownAs(c *conversation.Conversation, columns Columns) *conversation.Conversation {
	one := *c
	has := columns.Has
	clear := func(wanted bool, forget func()) {
		if !wanted {
			forget()
		}
	}
	one.ImportedAt, one.Versions = time.Time{}, nil
	clear(has(WithEnd), func() { one.EndedAt = time.Time{} })
	clear(has(WithDirection), func() { one.Direction = "" })
	clear(has(WithTypes), func() { one.Types = nil })
	clear(has(WithReviewable), func() { one.Reviewable = false })
	clear(has(WithMediaStatus), func() { one.MediaStatus = "" })
	clear(has(WithDone), func() {
		one.AnonymizedAt, one.SettingsVersion, one.DoneKeys = nil, nil, nil
		one.DonePhoneNumber, one.DoneDigitalAddress, one.DoneContent, one.DoneMedia = false, false, false, false
	})
	several := len(ofSeveralVcons([]*conversation.Conversation{c})) > 0
	one.Vcons = copied(c.Vcons, has(WithVcons), func(v *conversation.Vcon) {
		*v = conversation.Vcon{UUID: v.UUID, ConversationID: v.ConversationID}
	})
	one.Participants = copied(c.Participants, has(WithParticipants), func(p *conversation.Participant) {
		clear(has(WithAuthors), func() { p.Position = 0 })
		clear(has(WithRole) || several, func() { p.Role = "" })
		clear(has(WithName) || several, func() { p.Name = "" })
		clear(has(withUserID) || several, func() { p.UserID = "" })
		clear(has(WithPhoneNumber) || several, func() { p.PhoneNumber, p.PhoneNumberAnonymized = "", false })
		clear(has(WithDigitalAddress) || several, func() {
			p.DigitalAddress, p.DigitalAddressAnonymized, p.PhoneAddress, p.PhoneAddressAnonymized = "", false, "", false
		})
	})
	one.Segments = copied(c.Segments, has(WithSegments), func(s *conversation.Segment) {
		s.Position, s.Messages = 0, nil
		clear(has(WithAuthors), func() { s.VconUUID = [16]byte{} })
		clear(has(WithSegmentTimes), func() { s.StartedAt, s.DurationMs = time.Time{}, 0 })
		clear(has(WithTitle), func() { s.Title, s.TitleAnonymized = "", false })
		clear(has(WithAttachments), func() { s.Attachments = 0 })
	})
	one.Metadata = copied(c.Metadata, has(WithMetadata), func(m *conversation.Metadatum) {
		m.VconUUID = [16]byte{}
		clear(has(WithValue), func() { m.Value, m.ValueAnonymized = "", false })
	})
	one.Media = copied(c.Media, has(WithMedia), func(f *conversation.MediaFile) {
		f.SegmentPosition, f.Position, f.Origin, f.ContentHash, f.SizeBytes, f.PlannedAt = 0, 0, "", "", 0, nil
		clear(has(WithMediaType), func() { f.MediaType = "" })
		clear(has(WithMediaTimes), func() { f.StartedAt, f.DurationMs = nil, 0 })
		clear(has(WithSource), func() { f.StoreKey, f.SourceURL, f.DeletingAt, f.Failure = "", "", nil, "" })
		clear(has(WithProtection), func() { f.ProtectedUntil, f.ProtectionReason, f.ProtectionNote = nil, "", "" })
	})
	return &one
}

func copied[T any](rows []*T, wanted bool, strip func(*T)) []*T {
	if !wanted {
		return nil
	}
	all := []*T{}
	for _, row := range rows {
		one := *row
		strip(&one)
		all = append(all, &one)
	}
	return all
}

// storeForReading stores generated conversations, in every state, one that is merged, and an empty one, and returns all
// ids.
func storeForReading(t *testing.T, s *Store) []int64 {
	t.Helper()
	storeGenerated(t, s, 31, 20)
	merged := storeWithContent(t, s)[0]
	second := &conversation.Vcon{UUID: uuid.New(), ConversationID: merged.ID, StartedAt: merged.StartedAt, EndedAt: merged.EndedAt}
	insertAll(t, s, []*conversation.Vcon{second})
	for place, vcon := range []uuid.UUID{merged.Vcons[0].UUID, second.UUID} {
		insertAll(t, s, []*conversation.Participant{{ConversationID: merged.ID, VconUUID: vcon, Position: 7, Role: compliance.RoleAgent,
			UserID: "ann", PhoneNumber: "+420", DigitalAddress: "ann@example.com", PhoneAddress: "tel:+420"}})
		const move = "UPDATE participants SET place = ? WHERE vcon_uuid = ?"
		if _, err := s.db.NewRaw(move, place, vcon).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var ids []int64
	if err := s.db.NewRaw("SELECT id FROM conversations ORDER BY id").Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	return ids
}

// The reader reads what bun reads: for each column alone, for all of them, and for random ones, prepared and not.
func TestReaderReadsWhatBunReads(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	_, bun := connectWith(t, url, PoolOptions{})
	s, err := New(t.Context(), bun, func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	ids := storeForReading(t, s)
	seed := readSeed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	masks := []Columns{0, AllColumns, AllColumns | withUserID}
	for bit := Columns(1); bit <= withUserID; bit <<= 1 {
		masks = append(masks, bit, bit|WithVcons|WithParticipants|WithSegments|WithMetadata|WithMedia)
	}
	for range 30 {
		masks = append(masks, Columns(random.Uint64())&(withUserID<<1-1))
	}
	whole := byBun(t, s, ids)
	for name, s := range map[string]*Store{"prepared": s, "unprepared": storeUnprepared(t, url)} {
		for _, mask := range masks {
			found, err := s.ConversationsByID(t.Context(), Everything(), ids, Want{Columns: mask})
			if err != nil {
				t.Fatalf("%s, columns %b: %v", name, mask, err)
			}
			page, err := s.Conversations(t.Context(), Everything(), Filter{}, Order{}, Page{First: 100}, Want{Columns: mask})
			if err != nil {
				t.Fatalf("%s, columns %b: %v", name, mask, err)
			}
			slices.SortFunc(page.Rows, func(a, b *conversation.Conversation) int { return int(a.ID - b.ID) })
			for i, c := range whole {
				want := shownAs(c, mask)
				if diff := cmp.Diff(want, found.Rows[i]); diff != "" {
					t.Fatalf("seed %d, %s, columns %b, by id (-bun +reader):\n%s", seed, name, mask, diff)
				}
				if diff := cmp.Diff(want, page.Rows[i]); diff != "" {
					t.Fatalf("seed %d, %s, columns %b, a page (-bun +reader):\n%s", seed, name, mask, diff)
				}
			}
		}
	}
}

func readSeed(t *testing.T) uint64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("QM_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("QM_SEED=%d", seed)
	return seed
}

// A statement that was prepared before a table changed, or that the server has forgotten, is sent anew.
func TestReaderOutlivesItsPreparedStatements(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := storeGenerated(t, s, 3, 1)[0].ID
	for _, change := range []string{
		"ALTER TABLE conversations ALTER COLUMN direction TYPE varchar(20)", "DEALLOCATE ALL", "DISCARD ALL",
	} {
		err := s.reader.connected(t.Context(), func(conn *pgx.Conn) error {
			for range 2 {
				read := &Reading{byID: map[int64]*conversation.Conversation{}}
				from := &statement{}
				from.write("FROM conversations AS conversation")
				from.and("conversation.id = ANY(?)", []int64{id})
				err := s.reader.ask(t.Context(), conn, []question{s.reader.rows(from, AllColumns, read, 1)})
				if err != nil || len(read.Rows) != 1 {
					return errors.Join(err, fmt.Errorf("%d rows after %s", len(read.Rows), change))
				}
				if _, err := conn.PgConn().Exec(t.Context(), change).ReadAll(); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// A connection keeps a bounded number of prepared statements.
func TestPreparedStatementsAreBounded(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	err := s.reader.connected(t.Context(), func(conn *pgx.Conn) error {
		for n := range 3*mostPrepared + 7 {
			if _, err := prepare(t.Context(), conn, fmt.Sprintf("SELECT %d", n)); err != nil {
				return err
			}
		}
		var kept int
		const count = "SELECT count(*) FROM pg_prepared_statements"
		if err := conn.QueryRow(t.Context(), count).Scan(&kept); err != nil || kept == 0 || kept > mostPrepared {
			t.Errorf("%d statements are kept, %v", kept, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What is not in the format that is expected is an error, and never a panic.
func TestRowsOfAnUnexpectedFormat(t *testing.T) {
	number := func(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
	array := func(lengths ...uint32) (b []byte) {
		for _, part := range append([]uint32{1, 0, 25, uint32(len(lengths)), 1}, lengths...) {
			b = binary.BigEndian.AppendUint32(b, part)
		}
		return b
	}
	for name, read := range map[string]struct {
		value []byte
		read  func(*row)
	}{
		"a short number":          {[]byte{1}, func(r *row) { r.int64() }},
		"a long number":           {make([]byte, 9), func(r *row) { r.int64() }},
		"a small number":          {number(1), func(r *row) { r.int() }},
		"a Boolean of two bytes":  {[]byte{1, 1}, func(r *row) { r.bool() }},
		"a short time":            {[]byte{1}, func(r *row) { r.time() }},
		"a short time or null":    {[]byte{1}, func(r *row) { r.timeOrNil() }},
		"a short UUID":            {[]byte{1}, func(r *row) { r.uuid() }},
		"an array without a head": {[]byte{0, 0, 0, 1}, func(r *row) { words[string](r) }},
		"an array that ends":      {array(7), func(r *row) { words[string](r) }},
		"an array with a NULL":    {array(0xffffffff), func(r *row) { words[string](r) }},
		"two dimensions":          {append([]byte{0, 0, 0, 2}, array()[4:]...), func(r *row) { words[string](r) }},
		"a column too many":       {number(1), func(r *row) { r.int64(); r.int64() }},
	} {
		r := &row{values: [][]byte{read.value}, texts: &arena{}}
		if read.read(r); r.err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// On connections that prepare nothing everything else works as well, and no statement stays prepared, also where a
// transaction fails.
func TestNothingStaysPreparedForAPooler(t *testing.T) {
	t.Parallel()
	s := storeUnprepared(t, postgrestest.URL(t))
	mustImport(t, s, sample(1), sample(2))
	saveEverything(t, s)
	if done, err := s.Anonymize(t.Context(), deed(), Everything(), []int64{1}); err != nil || len(done.Done) != 1 {
		t.Fatal(done, err)
	}
	const full = "ALTER TABLE messages ADD CHECK (NOT text_anonymized) NOT VALID"
	if _, err := s.db.ExecContext(t.Context(), full); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Anonymize(t.Context(), deed(), Everything(), []int64{2}); err == nil {
		t.Error("a change that the table refuses is made")
	}
	for range 20 { // each of the pool's connections, most likely
		var kept int
		err := s.db.NewRaw("SELECT count(*) FROM pg_prepared_statements").Scan(t.Context(), &kept)
		if err != nil || kept > 0 {
			t.Fatalf("%d statements are prepared, %v", kept, err)
		}
	}
}

// PostgreSQL keeps the plan of every statement of a page and of a detail, instead of planning anew for each: it does so
// where it does not expect to be better off by knowing the arguments.
func TestPlansOfPreparedStatementsAreKept(t *testing.T) {
	t.Parallel()
	_, bun := connectWith(t, postgrestest.URL(t), PoolOptions{Connections: 1})
	s, err := New(t.Context(), bun, func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	ids := ownersOf(storeLong(t, s, 2000, 3))
	if _, err := s.db.ExecContext(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	want := Want{Columns: AllColumns, Segments: 100, Messages: []MessageWindow{{First: 50, UpTo: 100}}}
	after := Key{Sort: testNow.UnixMicro(), ID: 1}
	for i := range 10 { // PostgreSQL decides after five
		if _, err := s.ConversationsByID(t.Context(), Everything(), ids[i:i+1], want); err != nil {
			t.Fatal(err)
		}
		for _, order := range everyOrder() {
			for _, page := range []Page{{First: 50}, {Last: 50}, {First: 50, After: &after}} {
				if _, err := s.Conversations(t.Context(), Everything(), Filter{}, order, page, want); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	var planned []string
	const anew = "SELECT statement FROM pg_prepared_statements WHERE generic_plans = 0"
	if err := s.db.NewRaw(anew).Scan(t.Context(), &planned); err != nil || len(planned) > 0 {
		t.Errorf("%v; planned anew each time: %q", err, planned)
	}
}

// A page takes two round trips, whatever is wanted of it, and a detail one.
func TestRoundTripsOfReading(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ids := ownersOf(storeLong(t, s, 30, 3))
	want := Want{Columns: AllColumns, Segments: 100, Messages: []MessageWindow{{First: 5, UpTo: 7}, {First: 2}}}
	var trips, statements int
	s = s.CountingReads(func(count int) { trips, statements = trips+1, statements+count })
	for name, test := range map[string]struct {
		read              func() error
		trips, statements int
	}{
		"a page": {func() error {
			_, err := s.Conversations(t.Context(), Everything(), Filter{}, Order{}, Page{First: 20}, want)
			return err
		}, 2, 8},
		"the rows of a page alone": {func() error {
			_, err := s.Conversations(t.Context(), Everything(), Filter{}, Order{}, Page{First: 20}, Want{})
			return err
		}, 1, 1},
		"a detail": {func() error {
			_, err := s.ConversationsByID(t.Context(), Everything(), ids[:1], want)
			return err
		}, 1, 8},
		"several by id": {func() error {
			_, err := s.ConversationsByID(t.Context(), Everything(), ids, want)
			return err
		}, 1, 8},
		"the conversation of a segment": {func() error {
			_, err := s.ConversationOfSegment(t.Context(), Everything(), 1, want)
			return err
		}, 2, 8},
	} {
		trips, statements = 0, 0
		if err := test.read(); err != nil || trips != test.trips || statements != test.statements {
			t.Errorf("%s takes %d statements in %d round trips, %v; want %d in %d",
				name, statements, trips, err, test.statements, test.trips)
		}
	}
}

// A key that another server has stored meanwhile is named as well as those that are remembered, by the first reading
// that meets it and by many at once, and is asked for once.
func TestKeysOfAnotherServerAreNamed(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	_, bun := connectWith(t, url, PoolOptions{})
	other := storeUnprepared(t, url)
	id := storeWithContent(t, other)[0].ID
	vcon := uuid.UUID{}
	if err := other.db.NewRaw("SELECT uuid FROM vcons WHERE conversation_id = ?", id).Scan(t.Context(), &vcon); err != nil {
		t.Fatal(err)
	}
	var trips atomic.Int64
	s, err := New(t.Context(), bun, func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	s = s.CountingReads(func(int) { trips.Add(1) })
	want := Want{Columns: WithMetadata | WithValue}
	read := func() (names []string, err error) {
		found, err := s.ConversationsByID(t.Context(), Everything(), []int64{id}, want)
		for _, m := range found.Rows[0].Metadata {
			names = append(names, m.Key)
		}
		return names, err
	}
	named := []string{"Y", "a", "a.b", "z"}
	for _, fresh := range []string{"", "b", "zz"} {
		if fresh != "" {
			keys := storeKeys(t, other, fresh)
			insertAll(t, other, []*conversation.Metadatum{{ConversationID: id, VconUUID: vcon, KeyID: keys[fresh], Value: "v"}})
			named = append(named, fresh)
			slices.Sort(named)
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if names, err := read(); err != nil || !slices.Equal(names, named) {
					t.Errorf("%q, %v; want %q", names, err, named)
				}
			})
		}
		all.Wait()
		trips.Store(0)
		if names, err := read(); err != nil || !slices.Equal(names, named) || trips.Load() != 1 {
			t.Errorf("%q, %v, in %d round trips; want %q in one", names, err, trips.Load(), named)
		}
	}
}
