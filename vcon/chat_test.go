package vcon_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChatTurns(t *testing.T) {
	t.Parallel()
	c := parse(t, document(`
		{"type": "text", "start": "2026-03-01T09:00:10Z", "parties": [0, 1], "body": "second in time"},
		{"type": "text", "start": "2026-03-01T09:00:00Z", "parties": 1, "body": "a number"},
		{"type": "text", "start": "2026-03-01T09:00:20Z", "parties": [[1], [0]], "originator": 0, "body": "lists"},
		{"type": "text", "start": "2026-03-01T09:00:30Z", "parties": [{"party": 1}], "body": "an object"},
		{"type": "text", "start": "2026-03-01T09:00:40Z", "body": "nobody"},
		{"type": "text", "start": "2026-03-01T09:00:45Z", "from": "tel:+420 222 333 444", "body": "by number"},
		{"type": "text", "start": "2026-03-01T09:00:46Z", "from": "ADA@example.org", "to": 1, "body": "by address"},
		{"type": "text", "start": "2026-03-01T09:00:47Z", "from": 1, "parties": [0, 1], "body": "by index"},
		{"type": "text", "start": "2026-03-01T09:00:50Z", "parties": [0], "body": "  \n"},
		{"type": "text", "start": "2026-03-01T09:01:00Z", "parties": [0], "mimetype": "text/html", "body": "<p>Hello <b>Bob</b></p><script>x()</script>"},
		{"type": "text", "start": "2026-03-01T09:01:10Z", "parties": [0], "mimetype": "text/html", "body": "<img src=x>"},
		{"type": "text", "start": "2026-03-01T09:01:20Z", "parties": [1], "encoding": "base64url", "body": "xb5sdXTDvQ"},
		{"type": "text", "start": "2026-03-01T09:01:30Z", "parties": [1], "encoding": "json", "body": "\"in \\\"quotes\\\"\""},
		{"type": "text", "start": "2026-03-01T09:01:40Z", "duration": 20, "parties": [1], "encoding": "json", "body": {"card": "<1>"}}`))
	want := []string{
		"CHAT_MESSAGE 0 second in time", "CHAT_MESSAGE 1 a number", "CHAT_MESSAGE 0 lists",
		"CHAT_MESSAGE 1 an object", "CHAT_MESSAGE / nobody",
		"CHAT_MESSAGE 1 by number", "CHAT_MESSAGE 0 by address", "CHAT_MESSAGE 1 by index",
		"CHAT_MESSAGE 0 Hello *Bob*", "CHAT_MESSAGE 1 žlutý", `CHAT_MESSAGE 1 in "quotes"`,
		`CHAT_MESSAGE 1 {"card":"<1>"}`,
	}
	segment := c.Segments[0]
	if diff := cmp.Diff(want, said(segment)); diff != "" || len(c.Segments) != 1 {
		t.Errorf("%d segments:\n%s", len(c.Segments), diff)
	}
	if !segment.StartedAt.Equal(at("2026-03-01T09:00:00Z")) || segment.Duration.Seconds() != 120 ||
		!segment.Messages[1].SentAt.Equal(segment.StartedAt) {
		t.Errorf("from %v for %v", segment.StartedAt, segment.Duration)
	}
}

func TestRoomNames(t *testing.T) {
	t.Parallel()
	const subject = `"subject": "Order"`
	room := func(member string) string {
		return `{"type": "text", "body": "x", "meta": {"` + member + `": "lobby"}}`
	}
	mail := `{"type": "text", "message_id": "<1>", "body": "x"}`
	for text, want := range map[string]string{
		document(hello): "", document(hello, subject): "Order", document(hello+","+record, subject): "Order",
		document(hello+","+mail, subject):         "",
		document(hello+","+room("room"), subject): "lobby", document(room("room_name")): "lobby",
		document(room("roomName")): "lobby", document(room("channel_name") + "," + mail): "lobby",
	} {
		for _, segment := range parse(t, text).Segments {
			if segment.Kind == "CHAT" && segment.RoomName != want {
				t.Errorf("the room is %q, want %q, in %s", segment.RoomName, want, text)
			}
		}
	}
	if found := metadataOf(parse(t, document(room("room")))); len(found) != 0 {
		t.Errorf("the room is metadata as well: %v", found)
	}
}
