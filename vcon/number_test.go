package vcon_test

import (
	"strings"
	"testing"

	"qm-compliance/conversation"
)

// TestNumberInsideAddress holds in which of its three places every notation comes in: a plain number, an
// address with a number in it, or an address without one.
func TestNumberInsideAddress(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ party, phone, withNumber, address string }{
		// Telephone addresses are numbers, whatever stands around them.
		{`{"sip": "\"Zora\" <sip:+420777888101@gw.example;user=phone>"}`, "+420777888101", "", ""},
		{`{"sip": "Zora Q <sips:+420777888101@gw.example>;tag=9"}`, "+420777888101", "", ""},
		{`{"sip": "<sip:+420777888101@gw.example>"}`, "+420777888101", "", ""},
		{`{"sip": "SIPS:+420777888101@gw.example"}`, "+420777888101", "", ""},
		{`{"sip": "sip:%2B420777888101@gw.example"}`, "+420777888101", "", ""},
		{`{"sip": "sip:420777888101%40pbx.example@gw.example"}`, "420777888101", "", ""},
		{`{"sip": "sip:*12+420777888101@gw.example"}`, "*12+420777888101", "", ""},
		{`{"sip": "sip:*31*420777888101#@gw.example"}`, "*31*420777888101#", "", ""},
		{`{"sip": "sip:+420777888101;npdi;rn=+420602@gw.example;user=phone"}`, "+420777888101", "", ""},
		{`{"sip": "sip:+420777888101:secret@gw.example:5060"}`, "+420777888101", "", ""},
		{`{"sip": "sip:1001@gw.example"}`, "1001", "", ""},
		{`{"tel": "+420777888101@sip.carrier.example"}`, "+420777888101", "", ""},
		{`{"tel": "tel:+420777888101@sip.carrier.example"}`, "+420777888101", "", ""},
		{`{"tel": "<tel:+420-777-888-101>"}`, "+420-777-888-101", "", ""},
		{`{"tel": "tel:+420-777-888-101;ext=42;phone-context=example.com"}`, "+420-777-888-101", "", ""},
		{`{"tel": "tel://+420777888101"}`, "+420777888101", "", ""},
		{`{"handle": "callto:+420777888101"}`, "+420777888101", "", ""},
		{`{"tel": "+٤٢٠ ٧٧٧ ٨٨٨ ١٠١"}`, "+420 777 888 101", "", ""},
		{`{"tel": "＋４２０７７７８８８１０１"}`, "+420777888101", "", ""},
		{`{"sip": "sip:+४२०७७७८८८१०१@gw.example"}`, "+420777888101", "", ""},
		// Other addresses with a number in them are both.
		{`{"handle": "whatsapp:+420777888101"}`, "", "whatsapp:+420777888101", ""},
		{`{"handle": "WhatsApp: 420 777 888 101"}`, "", "WhatsApp: 420 777 888 101", ""},
		{`{"tel": "whatsapp:+420777888101"}`, "", "whatsapp:+420777888101", ""},
		{`{"chat": "420777888101@c.us"}`, "", "420777888101@c.us", ""},
		{`{"chat": "420777888101-1512345678@g.us"}`, "", "420777888101-1512345678@g.us", ""},
		{`{"chat": "420777888101@s.whatsapp.net"}`, "", "420777888101@s.whatsapp.net", ""},
		{`{"im": "signal://+420777888101"}`, "", "signal://+420777888101", ""},
		{`{"im": "viber://chat?number=%2B420777888101"}`, "", "viber://chat?number=%2B420777888101", ""},
		{`{"handle": "https://wa.me/420777888101"}`, "", "https://wa.me/420777888101", ""},
		{`{"handle": "sms:+1-555-010-0199?body=hi"}`, "", "sms:+1-555-010-0199?body=hi", ""},
		{`{"mailto": "4155550199@vtext.example"}`, "", "4155550199@vtext.example", ""},
		{`{"mailto": "5550199@sms.example"}`, "", "5550199@sms.example", ""},
		{`{"mailto": "mailto:+420777888101@sms.example?subject=x"}`, "", "+420777888101@sms.example", ""},
		{`{"mailto": "\"+420 777 888 101\" <zora@example.org>"}`, "", `"+420 777 888 101" <zora@example.org>`, ""},
		{`{"mailto": "info+420777888101@example.org"}`, "", "info+420777888101@example.org", ""},
		{`{"email": "777888101.zora@example.org"}`, "", "777888101.zora@example.org", ""},
		{`{"sip": "sip:user-420777888101@gw.example"}`, "", "user-420777888101@gw.example", ""},
		{`{"sip": "user_777888101@gw.example"}`, "", "user_777888101@gw.example", ""},
		{`{"handle": "zora777888101"}`, "", "zora777888101", ""},
		{`{"handle": "+420 777 888 101"}`, "", "+420 777 888 101", ""},
		{`{"handle": "00420-777-888-101"}`, "", "00420-777-888-101", ""},
		{`{"handle": "(020) 7946 0199"}`, "", "(020) 7946 0199", ""},
		{`{"handle": "٠٧٧٧٨٨٨١٠١"}`, "", "0777888101", ""},
		{`{"handle": "4155550199"}`, "", "4155550199", ""},
		{`{"chat": "sms-5550199"}`, "", "sms-5550199", ""},
		// Addresses with other numbers stay addresses.
		{`{"mailto": "info2026@example.com"}`, "", "", "info2026@example.com"},
		{`{"mailto": "jan.novak.19850312@example.com"}`, "", "", "jan.novak.19850312@example.com"},
		{`{"mailto": "order-2026001234567@shop.example"}`, "", "", "order-2026001234567@shop.example"},
		{`{"mailto": "support+case123456789@shop.example"}`, "", "", "support+case123456789@shop.example"},
		{`{"mailto": "Ticket.4711000123@shop.example"}`, "", "", "Ticket.4711000123@shop.example"},
		{`{"handle": "objednávka 4711000123"}`, "", "", "objednávka 4711000123"},
		{`{"handle": "ORD-2026-001234"}`, "", "", "ORD-2026-001234"},
		{`{"mailto": "log-20261120-090000@example.com"}`, "", "", "log-20261120-090000@example.com"},
		{`{"mailto": "20261120090000.123@mail.example"}`, "", "", "20261120090000.123@mail.example"},
		{`{"mailto": "b1946ac92492d2347c6235b4d2611184@mail.example"}`, "", "",
			"b1946ac92492d2347c6235b4d2611184@mail.example"},
		{`{"handle": "550e8400-e29b-41d4-a716-446655440000"}`, "", "", "550e8400-e29b-41d4-a716-446655440000"},
		{`{"handle": "11111111-1111-4111-8111-111111111111"}`, "", "", "11111111-1111-4111-8111-111111111111"},
		{`{"handle": "987654321098765432"}`, "", "", "987654321098765432"},
		{`{"handle": "agent-1001"}`, "", "", "agent-1001"},
		{`{"ip": "198.51.100.177"}`, "", "", "198.51.100.177"},
		{`{"ip": "198.51.100.177:50600"}`, "", "", "198.51.100.177:50600"},
		{`{"ip": "2001:db8::1%eth0"}`, "", "", "2001:db8::1%eth0"},
		{`{"ip": "[2001:db8:1234:5678:9012:3456:7890:1234]:5060"}`, "", "",
			"[2001:db8:1234:5678:9012:3456:7890:1234]:5060"},
		{`{"ip": "198.51.100.0/24"}`, "", "", "198.51.100.0/24"},
		{`{"sip": "sip:ada@198.51.100.177:5060"}`, "", "", "ada@198.51.100.177:5060"},
		{`{"sip": "sip:198.51.100.177"}`, "", "", "198.51.100.177"},
		{`{"handle": "100%_a\\b"}`, "", "", `100%_a\b`},
		{`{"handle": "😀🎉✨"}`, "", "", "😀🎉✨"},
		{`{"sip": "\"Ada\" <sip:ada@voice.example;transport=tcp>"}`, "", "", "ada@voice.example"},
		// Each in its place.
		{`{"tel": "+420777888101", "mailto": "ada@example.org", "chat": ["420777888101@c.us", "420777888101@C.US"],
			"ip": "10.0.0.1"}`, "+420777888101", "420777888101@c.us", "ada@example.org, 10.0.0.1"},
		{`{"tel": ["+420777888101", "+٤٢٠٧٧٧٨٨٨١٠١"]}`, "+420777888101", "", ""},
	} {
		p := participant(t, strings.ReplaceAll(row.party, "\n", ""))
		got := [3]string{p.PhoneNumber, p.PhoneAddress, p.DigitalAddress}
		if want := [3]string{row.phone, row.withNumber, row.address}; got != want {
			t.Errorf("%s: %q, want %q", row.party, got, want)
		}
	}
}

// A caller id that is held back is no number, and no address either.
func TestWithheldCallerIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"anonymous", "Anonymous", "ANONYMOUS", "Restricted", "Unknown", "unknown caller", "unavailable", "Unavailable",
		"private", "Private Number", "withheld", "Number Withheld", "Blocked", "No Caller ID", "Caller ID unavailable",
		"Out of Area", "N/A", "none", "+266696687", "266696687", "tel:anonymous", "<sip:anonymous@anonymous.invalid>",
		"sip:anonymous@anonymous.invalid", "\\\"Anonymous\\\" <sip:anonymous@anonymous.invalid>", "sip:Restricted@gw.example",
		"unknown@unknown.invalid", "Unbekannt", "skryté číslo", "neznámé",
	} {
		for _, member := range []string{"tel", "sip"} {
			p := participant(t, `{"name": "Zora", "`+member+`": "`+id+`"}`)
			if p.PhoneNumber != "" || p.PhoneAddress != "" || p.DigitalAddress != "" || p.Name != "Zora" {
				t.Errorf("%s %q is a number or an address: %+v", member, id, p)
			}
		}
	}
	for party, want := range map[string]string{ // phone number, then address
		`{"tel": "1-800-FLOWERS"}`:                           "1-800-FLOWERS|",
		`{"tel": "+420777888101"}`:                           "+420777888101|",
		`{"tel": "Reception"}`:                               "Reception|",
		`{"handle": "anonymous"}`:                            "|anonymous",
		`{"mailto": "anonymous@example.org"}`:                "|anonymous@example.org",
		`{"tel": "private.eye@voice.example"}`:               "|private.eye@voice.example",
		`{"tel": "anonymous", "mailto": "zora@example.org"}`: "|zora@example.org",
	} {
		if p := participant(t, party); p.PhoneNumber+"|"+p.DigitalAddress != want {
			t.Errorf("%s: %+v, want %s", party, p, want)
		}
	}
}

// Digits of other scripts hide a number nowhere: not in a name, an id, a group, a key or a file's place.
func TestDigitsOfOtherScripts(t *testing.T) {
	t.Parallel()
	for script, number := range map[string]string{
		"ASCII": "777888101", "Arabic-Indic": "٧٧٧٨٨٨١٠١", "Persian": "۷۷۷۸۸۸۱۰۱", "full-width": "７７７８８８１０１",
		"Devanagari": "७७७८८८१०१", "Thai": "๗๗๗๘๘๘๑๐๑", "mathematical": "𝟳𝟳𝟳𝟴𝟴𝟴𝟭𝟬𝟭",
		"keycap":     "7\ufe0f\u20e37\ufe0f\u20e3788８101",
		"zero-width": "777\u200b888\u200d101", "soft hyphen": "777\u00ad888\u00ad101",
	} {
		in := parse(t, members(header, `"parties": [{"role": "agent", "name": "Ada (`+number+`)", "id": "`+number+`",
			"meta": {"group": "g `+number+`", "seat `+number+`": "x"}}, {"role": "customer", "tel": "+420777888101"}]`,
			`"dialog": [{"type": "recording", "parties": [0, 1], "mediatype": "audio/wav", "start": "2026-03-01T09:00:00Z",
				"url": "https://rec.example/`+number+`.wav"}]`,
			`"attachments": [{"type": "crm", "encoding": "json", "body": "{\"caller `+number+`\": \"yes\"}"}]`))
		if p := in.Participants[0]; p.Name != "" || p.UserID != "" || len(p.Groups) > 0 {
			t.Errorf("%s: the number is left in %+v", script, p)
		}
		for _, m := range in.Metadata {
			if conversation.Digits(m.Key) != "" {
				t.Errorf("%s: the number is left in the key %q", script, m.Key)
			}
		}
		if url := in.Segments[0].Media[0].URL; url != "" {
			t.Errorf("%s: the number is left in the url %q", script, url)
		}
	}
}

// A name that is also the party's handle is a name; one that is a number or an address is none.
func TestNamesThatEqualHandles(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ party, name string }{
		{`{"name": "visitor42", "handle": "visitor42"}`, "visitor42"},
		{`{"name": "Marta", "handle": "marta"}`, "Marta"},
		{`{"name": "MARTA", "chat": " marta "}`, "MARTA"},
		{`{"name": "Jan Novák", "im": "jan novák"}`, "Jan Novák"},
		{`{"name": "😀🎉✨", "handle": "😀🎉✨"}`, "😀🎉✨"},
		{`{"name": "j.novak", "sip": "sip:j.novak"}`, "j.novak"},
		{`{"name": "@marta", "handle": "@marta"}`, ""},
		{`{"name": "marta@example.org", "mailto": "marta@example.org"}`, ""},
		{`{"name": "10.0.0.1", "ip": "10.0.0.1"}`, ""},
		{`{"name": "2001:db8::1", "ip": "2001:db8::1"}`, ""},
		{`{"name": "+420777888101", "handle": "+420777888101"}`, ""},
		{`{"name": "zora777888101", "handle": "zora777888101"}`, ""},
		{`{"name": "4711", "tel": "4711"}`, ""},
		{`{"name": "https://chat.example/u/marta", "handle": "https://chat.example/u/marta"}`, ""},
	} {
		if got := participant(t, row.party).Name; got != row.name {
			t.Errorf("%s: the name is %q, want %q", row.party, got, row.name)
		}
	}
}

// The place of a recording goes where it holds a number or an address of anybody, and stays where it holds
// dates and ids.
func TestNumbersInRecordersURLs(t *testing.T) {
	t.Parallel()
	read := func(url string) string {
		return parse(t, document(`{"type": "recording", "parties": [0, 1], "mediatype": "audio/wav",
			"start": "2026-03-01T09:00:00Z", "url": "`+url+`"}`)).Segments[0].Media[0].URL
	}
	for _, path := range []string{
		"2026/11/20261120_090000.881926-0400_in_+420777888999_ZoraQuill.wav", "%2B420777888999.wav", "%252B420777888999.wav",
		"out-00420777888555-1001-20261120-090000-1700471234.55.wav", "calls/420777888999/1.wav", "calls/777888999.wav",
		"q-600-4155550199-20261120-090000-1700471234.55.wav", "in_%28020%29%207946%200199.wav", "ext 1001 to 777 888 999.wav",
		"+1-555-010-0199.mp3", "tel:+420777888999/1.wav", "sip:zora@example.org.wav", "zora%40example.org/1.wav",
		"20261120-090000_777888999_1001.wav", "from-5550199-to-1001.wav", "４２０７７７８８８９９９.wav", "1700471234-420777888999.wav",
		"caller=420777888999.wav", "in;420777888999;x.wav",
	} {
		if got := read("https://rec.example/" + path); got != "" {
			t.Errorf("%s stays", path)
		}
	}
	for _, path := range []string{
		"2026/11/20/1.wav", "20261120_090000.881926-0400.wav", "20261120-090000-1700471234.55.wav",
		"2026-11-20T09:00:00Z.wav",
		"2026-11-20T09-00-00.123.wav", "1700471234.wav", "1700471234567.wav", "20261120090000123.wav", "rec-20261120.wav",
		"550e8400-e29b-41d4-a716-446655440000.wav", "a/11111111-1111-4111-8111-111111111111/b.wav",
		"RE4d2c9f8e7a6b5c4d3e2f1a0b9c8d7e6f.mp3", "RE11112222333344445555666677778888.mp3",
		"b1946ac92492d2347c6235b4d2611184/1.wav",
		"session-123456789012/1.wav", "calls/12345/1.wav", "1001-1002.wav", "v1/accounts/AC0123/recordings/12345678.wav",
	} {
		if got := read("https://rec.example/" + path); got == "" {
			t.Errorf("%s goes", path)
		}
	}
	if got := read("https://rec.example/1.wav?expires=1700471234&caller=420777888999"); got != "https://rec.example/1.wav" {
		t.Errorf("a query is dropped alone, got %q", got)
	}
	if got := read("https://420777888999.rec.example/1.wav"); got != "" {
		t.Error("a number in the host stays")
	}
}
