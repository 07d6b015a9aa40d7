package vcon_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

// exportOf writes a conversation with one customer, and returns the text and the party in it.
func exportOf(t *testing.T, p conversation.IncomingParticipant) (document string, party map[string]any) {
	t.Helper()
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	text, err := vcon.Write(vcon.Export{Sources: []*conversation.Incoming{{
		UUID: uuid.New(), StartedAt: start, EndedAt: start, Participants: []conversation.IncomingParticipant{p},
		Segments: []conversation.IncomingSegment{{Kind: compliance.SegmentChat, StartedAt: start,
			Messages: []conversation.IncomingMessage{{Kind: compliance.ChatMessage, Author: 0, Text: "Hi"}}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	var written struct{ Parties []map[string]any }
	if err := json.Unmarshal(text, &written); err != nil {
		t.Fatal(err)
	}
	return string(text), written.Parties[0]
}

// An export has one e-mail address in mailto, one number in tel, and everything else in members for its kind;
// it reads back as the same.
func TestEveryAddressHasItsMember(t *testing.T) {
	t.Parallel()
	mailbox := regexp.MustCompile(`^("[^"]*"|[^\s",@]+)@[^\s",@]+\.[^\s",@]+$`)
	for _, row := range []struct{ phone, digital, withNumber, mailto, handle string }{
		{"", "@jonas.0418", "", "", "@jonas.0418"},
		{"", "a@b.example, @h, 198.51.100.77", "", "a@b.example", "@h"},
		{"", "198.51.100.77", "", "", ""},
		{"", "2001:db8::1%eth0, [2001:db8::2]:5060", "", "", ""},
		{"", "a@b.example, c@d.example", "", "a@b.example", ""},
		{"", "@h, a@b.example, visitor42", "", "a@b.example", "@h"},
		{"", `"Doe, John"@example.org`, "", `"Doe, John"@example.org`, ""},
		{"", `"Ada" <ada@example.org>`, "", "", `"Ada" <ada@example.org>`},
		{"", "u@localhost", "", "", "u@localhost"},
		{"", "xmpp:ada@chat.example", "", "", "xmpp:ada@chat.example"},
		{"", "مستخدم@مثال.إختبار", "", "مستخدم@مثال.إختبار", ""},
		{"", "[anondigitaladdress]", "", "", "[anondigitaladdress]"},
		{"[anonphonenumber]", "a@b.example", "[anondigitaladdress]", "a@b.example", "[anondigitaladdress]"},
		{"+420777888101, 1001", "a@b.example", "420777888101@c.us, whatsapp:+420777888101", "a@b.example",
			"whatsapp:+420777888101"},
		{"", "", "4155550199@sms.example", "4155550199@sms.example", ""},
	} {
		p := conversation.IncomingParticipant{Role: compliance.RoleCustomer, Name: "Ada", PhoneNumber: row.phone,
			DigitalAddress: row.digital, PhoneAddress: row.withNumber}
		document, party := exportOf(t, p)
		mailto, _ := party["mailto"].(string)
		handle, _ := party["handle"].(string)
		if mailto != row.mailto || handle != row.handle || mailto != "" && !mailbox.MatchString(mailto) {
			t.Errorf("%q, %q: mailto %q, handle %q", row.digital, row.withNumber, mailto, handle)
		}
		if number, _ := party["tel"].(string); strings.Contains(number, ",") {
			t.Errorf("several numbers are in tel: %q", number)
		}
		if got := parse(t, document).Participants[0]; got.PhoneNumber != row.phone ||
			got.DigitalAddress != row.digital || got.PhoneAddress != row.withNumber {
			t.Errorf("%+v is read back as %+v", p, got)
		}
	}
}

// An export by an earlier version, which named no members, keeps its addresses; and one in which somebody wrote
// an address with a number among the others has it covered all the same.
func TestAddressesOfOtherExports(t *testing.T) {
	t.Parallel()
	document, _ := exportOf(t,
		conversation.IncomingParticipant{Role: compliance.RoleCustomer, DigitalAddress: "a@b.example"})
	earlier := strings.Replace(document, `,"addresses":["mailto"]`, "", 1)
	if earlier == document {
		t.Fatal("the layout names no members")
	}
	if got := parse(t, earlier).Participants[0]; got.DigitalAddress != "a@b.example" {
		t.Errorf("an earlier export is read as %+v", got)
	}
	forged := strings.Replace(document, `"mailto":"a@b.example"`, `"mailto":"420777888101@c.us"`, 1)
	if got := parse(t, forged).Participants[0]; got.DigitalAddress != "" || got.PhoneAddress != "420777888101@c.us" {
		t.Errorf("a number among the addresses is read as %+v", got)
	}
	missing := strings.Replace(document, `"addresses":["mailto"]`, `"addresses":["mailto","meta.ip"]`, 1)
	if reason := refusal(t, missing, vcon.Options{}); !strings.Contains(reason, "refers to an address that does not exist") {
		t.Error(reason)
	}
}
