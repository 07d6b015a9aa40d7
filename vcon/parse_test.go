package vcon_test

import (
	"testing"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

func at(text string) time.Time {
	when, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return when
}

// The times of a conversation are those of its dialogs and of what was said in them; the vCon's creation
// stands in.
func TestTimes(t *testing.T) {
	t.Parallel()
	const created = "2026-03-01T10:00:00Z"
	for _, row := range []struct{ name, text, start, end string }{
		{"from a dialog", document(hello), "2026-03-01T09:00:00Z", "2026-03-01T09:00:00Z"},
		{"with a duration", document(record), "2026-03-01T09:00:00Z", "2026-03-01T09:01:00Z"},
		{"earliest and latest", document(record + `, {"type": "text", "start": "2026-03-01T08:00:00Z", "body": "x"}, {"type": "text", "start": "2026-03-01T11:00:00Z", "body": "y"}`),
			"2026-03-01T08:00:00Z", "2026-03-01T11:00:00Z"},
		{"from the creation", document(`{"type": "text", "body": "x"}`), created, created},
		{"without a zone", document(`{"type": "text", "start": "2026-03-01T09:00:00.706860", "body": "x"}`), "2026-03-01T09:00:00.70686Z", "2026-03-01T09:00:00.70686Z"},
		{"with another zone", document(`{"type": "text", "start": "2026-03-01T09:00:00+02:00", "body": "x"}`), "2026-03-01T07:00:00Z", "2026-03-01T07:00:00Z"},
		{"in lower case", document(`{"type": "text", "start": "2026-03-01t09:00:00z", "body": "x"}`), "2026-03-01T09:00:00Z", "2026-03-01T09:00:00Z"},
		{"of an e-mail's form", document(`{"type": "text", "start": "Sun, 01 Mar 2026 09:00:00 +0100", "body": "x"}`), "2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z"},
		{"a part of a second", document(`{"type": "recording", "start": "2026-03-01T09:00:00Z", "duration": 33.12}`), "2026-03-01T09:00:00Z", "2026-03-01T09:00:33.12Z"},
		{"a transfer before", document(`{"type": "transfer", "start": "2026-03-01T08:30:00Z"}, ` + hello), "2026-03-01T08:30:00Z", "2026-03-01T09:00:00Z"},
		{"a turn after the end", document(record, `"analysis": [{"type": "transcript", "dialog": 0, "body": [{"party": 0, "text": "x", "start": "2026-03-01T09:02:00Z"}]}]`),
			"2026-03-01T09:00:00Z", "2026-03-01T09:02:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, row.text)
			if !c.StartedAt.Equal(at(row.start)) || !c.EndedAt.Equal(at(row.end)) || c.StartedAt.Location() != time.UTC {
				t.Errorf("from %v to %v, want from %s to %s", c.StartedAt, c.EndedAt, row.start, row.end)
			}
		})
	}
}

func TestDirection(t *testing.T) {
	t.Parallel()
	of := func(name string) string {
		return document(`{"type": "text", "parties": [0], "body": "x", "meta": {"direction": "` + name + `"}}`)
	}
	for text, want := range map[string]compliance.Direction{
		of("in"): compliance.Inbound, of("Inbound"): compliance.Inbound, of("out"): compliance.Outbound, of("outbound"): compliance.Outbound,
		of("internal"): compliance.Internal, of("sideways"): "", document(hello): "",
		document(hello, `"meta": {"direction": "in"}`):                                                            compliance.Inbound,
		document(hello, `"attachments": [{"type": "call_ended", "body": {"direction": "out"}}]`):                  compliance.Outbound,
		document(hello, `"attachments": [{"type": "x", "encoding": "json", "body": "{\"direction\": \"out\"}"}]`): compliance.Outbound,
	} {
		if got := parse(t, text).Direction; got != want {
			t.Errorf("%q, want %q, of %s", got, want, text)
		}
	}
}

// Members that have no meaning here, known to the drafts or not, keep nothing from coming in.
func TestIgnoredMembers(t *testing.T) {
	t.Parallel()
	c := parse(t, "\xef\xbb\xbf"+document(hello, `"vcon": "9.9", "redacted": {}, "appended": null, "group": [], "extensions": ["x"], "critical": [], "updated_at": 1, "anything": {"a": [null]}`))
	if len(c.Segments) != 1 || len(c.Metadata) != 0 || c.Signature != conversation.Unsigned {
		t.Errorf("%d segments, metadata %v, %s", len(c.Segments), c.Metadata, c.Signature)
	}
	if c := parse(t, members(header, `"parties": null`, `"dialog": [{"type": "text", "body": "x"}]`)); len(c.Participants) != 0 || c.Segments[0].Messages[0].Author != conversation.NoAuthor {
		t.Error("a vCon without parties, to which nothing refers, has participants")
	}
}
