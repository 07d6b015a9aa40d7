package vcon_test

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

const exampleChat = `{
  "vcon": "0.4.0",
  "uuid": "0195544a-b9b1-8ee4-b9a2-279e0d16bc46",
  "created_at": "2026-03-02T09:30:00Z",
  "parties": [
    {"name": "Zoë Birchenall", "mailto": "zoe@example.net", "role": "customer"},
    {"name": "Wren Oakley", "role": "agent"}
  ],
  "dialog": [
    {"type": "text", "start": "2026-03-02T09:30:00Z", "parties": [0, 1], "originator": 0, "mediatype": "text/plain",
     "body": "Hello?", "encoding": "none"}
  ],
  "attachments": [{"type": "crm", "encoding": "json", "body": "{\"customerNumber\": \"HE-820822\"}"}]
}`

func ExampleParse() {
	in, err := vcon.Parse([]byte(exampleChat), vcon.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(in.UUID)
	for _, p := range in.Participants {
		fmt.Printf("%s %s %q\n", p.Role, p.Name, p.DigitalAddress)
	}
	for _, m := range in.Segments[0].Messages {
		fmt.Println(in.Segments[0].Kind, m.Kind, in.Participants[m.Author].Name+":", m.Text)
	}
	fmt.Println(in.Metadata)
	// Output:
	// 0195544a-b9b1-8ee4-b9a2-279e0d16bc46
	// CUSTOMER Zoë Birchenall "zoe@example.net"
	// AGENT Wren Oakley ""
	// CHAT CHAT_MESSAGE Zoë Birchenall: Hello?
	// [{crm.customerNumber HE-820822}]
}

// What cannot be understood is refused with its place in the document.
func ExampleParse_refused() {
	_, err := vcon.Parse([]byte(`{"uuid": "0195544a-b9b1-8ee4-b9a2-279e0d16bc46", "parties": {}}`), vcon.Options{})
	fmt.Println(err)
	// Output:
	// parties: is an object; a list is needed
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
