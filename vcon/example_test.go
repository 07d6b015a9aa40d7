package vcon_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

func ExampleParse() {
	c, err := vcon.Parse([]byte(`{
		"vcon": "0.4.0",
		"uuid": "019543da-b5aa-8d63-9dd8-dd37220d739c",
		"created_at": "2026-03-01T09:30:00Z",
		"parties": [
			{"name": "Ada", "role": "customer", "tel": "+420777123456"},
			{"name": "Bob", "role": "agent", "meta": {"user_id": "b1"}}
		],
		"dialog": [
			{"type": "text", "start": "2026-03-01T09:00:00Z", "parties": [0, 1], "body": "Hello"},
			{"type": "text", "start": "2026-03-01T09:00:05Z", "parties": [1, 0], "body": "How can I help?"}
		],
		"attachments": [{"type": "crm", "body": {"case": {"id": 17}}}]
	}`), vcon.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range c.Participants {
		fmt.Println(p.Role, p.Name, p.PhoneNumber+p.UserID)
	}
	for _, s := range c.Segments {
		fmt.Println(s.Kind, "of", s.Duration)
		for _, m := range s.Messages {
			fmt.Println("-", c.Participants[m.Author].Name+":", m.Text)
		}
	}
	for _, m := range c.Metadata {
		fmt.Println(m.Key, "=", m.Value)
	}
	// Output:
	// CUSTOMER Ada +420777123456
	// AGENT Bob b1
	// CHAT of 5s
	// - Ada: Hello
	// - Bob: How can I help?
	// crm.case.id = 17
}

// An error names the place and the reason, and repeats nothing of what the vCon says.
func ExampleError() {
	_, err := vcon.Parse([]byte(`{
		"uuid": "019543da-b5aa-8d63-9dd8-dd37220d739c",
		"parties": [{"name": "Ada"}],
		"dialog": [{"type": "text", "start": "2026-03-01T09:00:00Z", "parties": [420777123456], "body": "Hello"}]
	}`), vcon.Options{})
	if refused, ok := errors.AsType[*vcon.Error](err); ok {
		fmt.Println(refused.Path)
		fmt.Println(refused.Reason)
	}
	// Output:
	// dialog[0].parties[0]
	// is not the number of a party; the vCon has 1 parties, counted from 0
}

// What Write writes, Parse reads as the same conversation.
func ExampleWrite() {
	start := time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
	document, err := vcon.Write(vcon.Export{Sources: []*conversation.Incoming{{
		UUID: uuid.MustParse("019543da-b5aa-8d63-9dd8-dd37220d739c"), StartedAt: start, EndedAt: start,
		Participants: []conversation.IncomingParticipant{{Role: compliance.RoleCustomer, Name: "Ada"}},
		Segments: []conversation.IncomingSegment{{
			Kind: compliance.SegmentChat, StartedAt: start, RoomName: "billing",
			Messages: []conversation.IncomingMessage{{Kind: compliance.ChatMessage, Text: "Hello"}},
		}},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := vcon.Parse(document, vcon.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	chat := again.Segments[0]
	fmt.Println(chat.Kind, chat.RoomName, "at", chat.StartedAt)
	fmt.Println(again.Participants[0].Name+":", chat.Messages[0].Text)
	// Output:
	// CHAT billing at 2026-03-01 09:00:00 +0000 UTC
	// Ada: Hello
}
