package vcon_test

import (
	"fmt"

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
