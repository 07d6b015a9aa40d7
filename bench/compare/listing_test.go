//go:build compare

package compare

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// The listing and the detail, as the program and as PostGraphile are asked for the same data.
const (
	listing = `{ conversations(first: 50) { nodes { id startedAt endedAt direction types isReviewable mediaStatus
  participants { role name phoneNumber digitalAddress } segments { __typename id startedAt durationSeconds }
  metadata { key value } media { id kind status } } pageInfo { hasNextPage endCursor } } }`
	peersListing = `{ allConversations(first: 50, orderBy: [STARTED_AT_DESC, ROW_ID_DESC]) {
  nodes { rowId startedAt endedAt direction types reviewable mediaStatus
  participantsByConversationId { nodes { role name phoneNumber digitalAddress } }
  segmentsByConversationId { nodes { __typename rowId startedAt durationMs } }
  metadataByConversationId { nodes { metadataKeyByKeyId { name } value } }
  mediaFilesByConversationId { nodes { rowId kind status } } } pageInfo { hasNextPage endCursor } } }`
	detail = `{ conversation(id: %q) { id startedAt endedAt direction types isReviewable mediaStatus
  participants { role name phoneNumber digitalAddress } metadata { key value } media { id kind status }
  segments { __typename id startedAt durationSeconds messages { nodes { kind author { name } sentAt text } } } } }`
	peersDetail = `{ conversationByRowId(rowId: %q) { rowId startedAt endedAt direction types reviewable mediaStatus
  participantsByConversationId { nodes { role name phoneNumber digitalAddress } }
  metadataByConversationId { nodes { metadataKeyByKeyId { name } value } }
  mediaFilesByConversationId { nodes { rowId kind status } }
  segmentsByConversationId { nodes { __typename rowId startedAt durationMs
    messagesBySegmentId { nodes { kind authorPosition sentAt text } } } } } }`
)

// rows counts what one conversation, or a page of them, shows of each relation.
type rows struct{ conversations, participants, segments, messages, metadata, media int }

// wanted is what a page of so many conversations has, with messages or without.
func wanted(conversations, messages int) rows {
	return rows{conversations, 2 * conversations, 2 * conversations, messages * conversations, 5 * conversations, conversations}
}

// shown is a conversation of the program.
type shown struct {
	ID                            string
	Participants, Metadata, Media []json.RawMessage
	Segments                      []struct {
		Messages struct{ Nodes []json.RawMessage }
	}
}

func countShown(list []shown) (r rows) {
	for _, c := range list {
		r.conversations++
		r.participants += len(c.Participants)
		r.metadata += len(c.Metadata)
		r.media += len(c.Media)
		r.segments += len(c.Segments)
		for _, s := range c.Segments {
			r.messages += len(s.Messages.Nodes)
		}
	}
	return r
}

type nodes struct{ Nodes []json.RawMessage }

// peers is a conversation of PostGraphile.
type peers struct {
	RowID                        string
	ParticipantsByConversationID nodes
	MetadataByConversationID     nodes
	MediaFilesByConversationID   nodes
	SegmentsByConversationID     struct {
		Nodes []struct{ MessagesBySegmentID nodes }
	}
}

func countPeers(list []peers) (r rows) {
	for _, c := range list {
		r.conversations++
		r.participants += len(c.ParticipantsByConversationID.Nodes)
		r.metadata += len(c.MetadataByConversationID.Nodes)
		r.media += len(c.MediaFilesByConversationID.Nodes)
		r.segments += len(c.SegmentsByConversationID.Nodes)
		for _, s := range c.SegmentsByConversationID.Nodes {
			r.messages += len(s.MessagesBySegmentID.Nodes)
		}
	}
	return r
}

func same(tb testing.TB, who string, got, want rows) {
	tb.Helper()
	if got != want {
		tb.Fatalf("%s answers %+v rows, not %+v", who, got, want)
	}
}

// askListing asks the program for the listing, and returns the newest conversation's id as well.
func askListing(tb testing.TB, s *program) (*question, string) {
	tb.Helper()
	q := ask(tb, s.process, "/graphql", s.manager(), query(listing))
	var page struct{ Conversations struct{ Nodes []shown } }
	q.read(tb, &page)
	same(tb, "the program", countShown(page.Conversations.Nodes), wanted(50, 0))
	return q, page.Conversations.Nodes[0].ID
}

func askPeersListing(tb testing.TB, p *process) (*question, string) {
	tb.Helper()
	q := ask(tb, p, "/graphql", "", query(peersListing))
	var page struct{ AllConversations struct{ Nodes []peers } }
	q.read(tb, &page)
	same(tb, p.name, countPeers(page.AllConversations.Nodes), wanted(50, 0))
	return q, page.AllConversations.Nodes[0].RowID
}

// The listing against the least that it can cost with JSON built in SQL: net/http, pgx and one statement.
func TestListingAgainstTheLimit(t *testing.T) {
	database := loaded(t, conversations(t))
	mine, _ := askListing(t, startProgram(t, database))
	limit := exec.Command(os.Args[0])
	limit.Env = append(os.Environ(), limitVariable+"="+database)
	theirs := ask(t, start(t, "limit", limit), "/", "", query(""))
	var page []shown
	if err := json.Unmarshal(theirs.answer, &page); err != nil {
		t.Fatal(err)
	}
	same(t, "the limit", countShown(page), wanted(50, 0))
	ratio, lines := turns(t, 8, mine, theirs)
	verdict(t, "listing, 8 clients", "times the one-statement limit", ratio, 2.4, 1.8)
	fmt.Print(lines)
}

// The listing against PostGraphile, with the same conversations and as many rows of each relation.
func TestListingAgainstPostGraphile(t *testing.T) {
	database := loaded(t, conversations(t))
	mine, _ := askListing(t, startProgram(t, database))
	theirs, _ := askPeersListing(t, startPostGraphile(t, database))
	fmt.Printf("(answers of %d and %d bytes)\n", len(mine.answer), len(theirs.answer))
	for _, clients := range []int{1, 8, 32} {
		ratio, lines := turns(t, clients, mine, theirs)
		verdict(t, fmt.Sprintf("listing, %d clients", clients), "times PostGraphile", ratio, 6, 4.5)
		fmt.Print(lines)
	}
}

// What the listing costs the server's process, and PostgreSQL.
func TestListingCPU(t *testing.T) {
	mine, _ := askListing(t, startProgram(t, loaded(t, conversations(t))))
	mine.load(t, 8, window(t))
	var server, database []time.Duration
	lines := ""
	for range rounds {
		took := mine.load(t, 8, window(t))
		server, database = append(server, took.server), append(database, took.postgres)
		lines += fmt.Sprintf("    %s\n", took)
	}
	milliseconds := func(d time.Duration) float64 { return d.Seconds() * 1000 }
	bound(t, "listing, CPU of the server", "ms", milliseconds(middle(server)), 0.25, 0.35)
	bound(t, "listing, CPU of PostgreSQL", "ms", milliseconds(middle(database)), 0.3, 0.45)
	fmt.Print(lines)
}

// The newest conversation with all messages.
func TestDetail(t *testing.T) {
	database := loaded(t, conversations(t))
	s, p := startProgram(t, database), startPostGraphile(t, database)
	_, id := askListing(t, s)
	mine := ask(t, s.process, "/graphql", s.manager(), query(fmt.Sprintf(detail, id)))
	var one struct{ Conversation shown }
	mine.read(t, &one)
	same(t, "the program", countShown([]shown{one.Conversation}), wanted(1, 6))
	_, id = askPeersListing(t, p)
	theirs := ask(t, p, "/graphql", "", query(fmt.Sprintf(peersDetail, id)))
	var other struct{ ConversationByRowID peers }
	theirs.read(t, &other)
	same(t, p.name, countPeers([]peers{other.ConversationByRowID}), wanted(1, 6))
	ratio, lines := turns(t, 8, mine, theirs)
	verdict(t, "detail with all messages, 8 clients", "times PostGraphile", ratio, 4, 2.8)
	fmt.Print(lines)
}

// limitVariable names the database that this program serves the limit of.
const limitVariable = "QM_COMPARE_LIMIT"

// limitStatement builds the whole page as JSON.
const limitStatement = `SELECT json_agg(json_build_object('id', c.id::text, 'startedAt', c.started_at, 'endedAt', c.ended_at,
    'direction', c.direction, 'types', c.types, 'isReviewable', c.reviewable, 'mediaStatus', c.media_status,
  'participants', (SELECT json_agg(json_build_object('role', role, 'name', name, 'phoneNumber', phone_number,
      'digitalAddress', digital_address) ORDER BY position) FROM participants WHERE conversation_id = c.id),
  'segments', (SELECT json_agg(json_build_object('id', id, 'kind', kind, 'startedAt', started_at,
      'durationMs', duration_ms) ORDER BY position) FROM segments WHERE conversation_id = c.id),
  'metadata', (SELECT json_agg(json_build_object('key', k.name, 'value', value) ORDER BY k.name)
      FROM metadata AS m JOIN metadata_keys AS k ON k.id = m.key_id WHERE conversation_id = c.id),
  'media', (SELECT json_agg(json_build_object('id', id, 'kind', kind, 'status', status))
      FROM media_files WHERE conversation_id = c.id)))::text
  FROM (SELECT * FROM conversations ORDER BY started_at DESC, id DESC LIMIT 50) AS c`

// serveLimit serves the page of one prepared statement as it is, until the process ends.
func serveLimit(ctx context.Context, database string) error {
	pool, err := pgxpool.New(ctx, database)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("address=" + listener.Addr().String())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var page []byte
		if err := pool.QueryRow(r.Context(), limitStatement).Scan(&page); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(page)
	}))
}
