package command

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// numbersVcon is a call of parties whose numbers end in 101 to 1nn, each in another notation, recorded by one
// that names its files after the caller.
func numbersVcon(parties []string) string {
	return `{"vcon": "0.4.0", "uuid": "5a0e0b86-3c4e-8f11-9d5a-0c8f3f1d2a77", "created_at": "2026-11-20T09:00:00Z",
		"parties": [` + strings.Join(parties, ",") + `], "dialog": [{"type": "recording", "parties": [0],
		"start": "2026-11-20T09:00:00Z", "duration": 9, "mediatype": "audio/wav",
		"url": "https://rec.example/20261120-090000_in_420777888999.wav"}]}`
}

// TestNoNotationHidesANumber imports numbers in many notations, anonymizes with the switch for phone numbers
// alone, imports the same again, exports, and finds no digits of them in any table, answer or export; what has
// none of them stays.
func TestNoNotationHidesANumber(t *testing.T) {
	t.Parallel()
	var parties []string
	for i, member := range []string{
		`"tel": "+420777888%d"`, `"tel": "<tel:+420-777-888-%d>"`, `"tel": "+420777888%d@sip.carrier.example"`,
		`"sip": "\"Zora\" <sip:+420777888%d@gw.example;user=phone>"`, `"sip": "sips:*12+420777888%d@gw.example"`,
		`"sip": "sip:user-420777888%d@gw.example"`, `"handle": "whatsapp:+420777888%d"`, `"chat": "420777888%d@c.us"`,
		`"im": "signal://+420777888%d"`, `"handle": "+420 777 888 %d"`, `"mailto": "420777888%d@sms.example"`,
		`"email": "\"777 888 %d\" <zora@example.org>"`, `"handle": "https://wa.me/420777888%d"`,
		`"name": "Caller 777888%d", "handle": "zora.777888%[1]d"`, `"meta": {"handle": "viber:420777888%d"}`,
	} {
		parties = append(parties, fmt.Sprintf(`{"role": "customer", `+member+`}`, 101+i))
	}
	parties = append(parties, `{"role": "customer", "name": "Marta", "handle": "marta", "ip": "198.51.100.177",
		"mailto": "info2026@example.com"}`)
	checkNumbersGo(t, numbersVcon(parties), `777888\d\d\d`, []string{"Marta", "marta", "198.51.100.177", "info2026@example.com"})
}

// TestFieldNumbersGo does the same with an input of the field.
func TestFieldNumbersGo(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "shared", "field", "03-number-inside-address", "02-number-in-address.json"))
	if err != nil {
		t.Skipf("the inputs of the field are not beside the project: %v", err)
	}
	checkNumbersGo(t, string(text), `777888\d\d\d`, nil)
}

func checkNumbersGo(t *testing.T, document, number string, stays []string) {
	t.Helper()
	j := newInstallation(t)
	look := func(when string, wantNumbers bool) string {
		t.Helper()
		answer := j.query(t, `{ conversations(first: 5) { nodes { participants { name phoneNumber digitalAddress } } } }`)
		text := fmt.Sprint(answer) + tables(t, j)
		found := regexp.MustCompile(number).FindAllString(strings.NewReplacer(" ", "", "-", "").Replace(text), -1)
		if (len(found) > 0) != wantNumbers {
			t.Errorf("%s: the numbers %q are there", when, found)
		}
		return text
	}
	j.take(t, document)
	look("imported", true)
	j.query(t, `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {participantDigitalAddress: false}}) {
		userErrors { message } } }`)
	j.anonymizeAll(t)
	text := look("anonymized", false)
	for _, value := range stays {
		if !strings.Contains(text, value) {
			t.Errorf("%s is gone with the numbers", value)
		}
	}
	j.take(t, document)
	look("imported again", false)
	if got := j.count(t, `SELECT count(*) FROM conversations`); got != 1 {
		t.Errorf("%d conversations", got)
	}
}

// tables reads what is stored of conversations.
func tables(t *testing.T, j *installation) (text string) {
	t.Helper()
	const query = `SELECT string_agg(query_to_xml('SELECT * FROM ' || name, true, true, '')::text, '')
		FROM unnest(ARRAY['participants', 'segments', 'messages', 'metadata', 'media_files', 'metadata_keys']) AS name`
	if err := j.bun.NewRaw(query).Scan(t.Context(), &text); err != nil {
		t.Fatal(err)
	}
	return text
}
