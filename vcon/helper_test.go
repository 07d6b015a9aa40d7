package vcon_test

import (
	"errors"
	"strings"
	"testing"

	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

const (
	header  = `"uuid": "019543da-b5aa-8d63-9dd8-dd37220d739c", "created_at": "2026-03-01T10:00:00Z"`
	ada     = `{"role": "customer", "name": "Ada", "tel": "+420777123456", "mailto": "ada@example.org"}`
	bob     = `{"role": "agent", "name": "Bob", "tel": "+420222333444", "mailto": "bob@example.com", "meta": {"cxm_user_id": "b1"}}`
	hello   = `{"type": "text", "start": "2026-03-01T09:00:00Z", "parties": [0, 1], "body": "Hello"}`
	emptied = `{"type": "text", "start": "2026-03-01T09:00:00Z", "parties": [1, 0], "mimetype": "text/plain"}`
	record  = `{"type": "recording", "start": "2026-03-01T09:00:00Z", "duration": 60, "parties": [1, 0], "mediatype": "audio/wav", "url": "https://media.example/a.wav"}`
)

// members puts members of a vCon into an object.
func members(all ...string) string { return "{" + strings.Join(all, ", ") + "}" }

// document is a vCon with a customer, an agent and dialogs.
func document(dialogs string, more ...string) string {
	return members(append([]string{header, `"parties": [` + ada + `, ` + bob + `]`, `"dialog": [` + dialogs + `]`}, more...)...)
}

// withParties is a vCon of one message from the first of its parties.
func withParties(parties string) string {
	return members(header, `"parties": [`+parties+`]`, `"dialog": [{"type": "text", "parties": [0], "body": "Hello"}]`)
}

func parse(t *testing.T, text string) *conversation.Incoming {
	t.Helper()
	conversation, err := vcon.Parse([]byte(text), vcon.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return conversation
}

// refusal is why a vCon is refused.
func refusal(t *testing.T, text string, options vcon.Options) string {
	t.Helper()
	conversation, err := vcon.Parse([]byte(text), options)
	if err == nil || conversation != nil {
		t.Fatalf("came in, with the error %v", err)
	}
	if place := (*vcon.Error)(nil); !errors.As(err, &place) {
		t.Fatalf("the error is a %T", err)
	}
	return err.Error()
}

func metadataOf(c *conversation.Incoming) map[string]string {
	found := map[string]string{}
	for _, m := range c.Metadata {
		found[m.Key] = m.Value
	}
	return found
}

// said lists messages as kind, author and text.
func said(s conversation.IncomingSegment) []string {
	var all []string
	for _, m := range s.Messages {
		all = append(all, string(m.Kind)+" "+string(rune('0'+m.Author))+" "+m.Text)
	}
	return all
}
