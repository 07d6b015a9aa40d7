package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"qm-compliance/audit"
	"qm-compliance/graph"
	"qm-compliance/importing"
)

// awkward are texts that are easily written wrong.
func awkward() []string {
	return []string{
		"plain", `"quoted" \ and \u0041 \" \\" \ud800`, "line\nfeed\r\ttab", "bell \a, escape \x1b, delete \x7f",
		"separators \u2028 and \u2029, no break\u00a0", "emoji 👩‍👩‍👧 🏳️‍🌈, combining e\u0301", "</script><!-- & -->",
		"replaced \ufffd, right to left \u202e, \ufeff", "{\"json\": [1, null]}", "[anonymized] $1 %s {{x}}",
		strings.Repeat("long žlutý \" ", 700), "\u0000 after zero", "'",
	}
}

// vcons are conversations of every kind, some of which are merged by crm.case.
func vcons() []map[string]any {
	var all []map[string]any
	texts := awkward()
	for i := range 2 * len(texts) {
		all = append(all, vconOf(i, texts[i%len(texts)]))
	}
	// Three vCons of one conversation, with the same people and metadata, and three more.
	for i := range 6 {
		v := vconOf(100+i, texts[i])
		v["parties"] = append(v["parties"].([]any), v["parties"].([]any)[0],
			map[string]any{"name": "Ada Berg", "tel": "+420777123456", "mailto": "ada@example.com", "role": "customer"})
		v["attachments"] = []any{attachment("crm", map[string]any{
			"case": fmt.Sprint("C-", i/3), "iban": "CZ65 0800", "n": i, "list": []any{"a", i}})}
		all = append(all, v)
	}
	start := func(day int) string { return fmt.Sprintf("2026-11-%02dT08:00:00Z", day) }
	// Without participants, metadata, media and texts.
	all = append(all,
		map[string]any{"vcon": "0.4.0", "uuid": uuidOf(200), "created_at": start(1), "parties": []any{},
			"dialog": []any{map[string]any{"type": "text", "start": start(1)}}},
		map[string]any{"vcon": "0.4.0", "uuid": uuidOf(201), "created_at": start(2), "parties": []any{},
			"dialog": []any{map[string]any{"type": "incomplete", "start": start(2), "disposition": "busy"}}},
		map[string]any{"vcon": "0.4.0", "uuid": uuidOf(202), "created_at": start(3), "parties": []any{},
			"dialog": []any{map[string]any{"type": "recording", "start": start(3), "filename": "lost.wav"}}})
	return all
}

func uuidOf(i int) string { return fmt.Sprintf("00000000-0000-8000-8000-%012d", 1000+i) }

func attachment(name string, body any) map[string]any {
	text, _ := json.Marshal(body)
	return map[string]any{"type": name, "encoding": "json", "body": string(text)}
}

// vconOf is a call, e-mails, a chat, or all of them.
func vconOf(i int, text string) map[string]any {
	at := func(minute int) string {
		return time.Date(2026, 11, 1+i%17, 8, minute, i, 123456000*(i%2), time.UTC).Format(time.RFC3339Nano)
	}
	agents := []map[string]any{{"user_id": "tlind", "group": "support"}, {"user_id": "nquist", "group": "billing"}}
	roles := []string{"supervisor", "bot", "other", "customer"}
	v := map[string]any{"vcon": "0.4.0", "uuid": uuidOf(i), "created_at": at(0), "subject": "On " + text[:min(len(text), 300)],
		"parties": []any{
			map[string]any{"name": text, "tel": fmt.Sprintf("+420 777 123 %03d", i), "mailto": "ada@example.com",
				"role": "customer"},
			map[string]any{"name": "Tomas Lind", "mailto": "tomas.lind@contact.example", "role": "agent",
				"meta": agents[i%2]},
			map[string]any{"role": roles[i%4], "tel": "whatsapp:+420777123456",
				"meta": map[string]any{"handle": "h_" + fmt.Sprint(i)}},
			map[string]any{"name": "Nobody"},
		},
		"attachments": []any{attachment("crm", map[string]any{"note": text, "empty": "", "n": i}),
			attachment("routing", map[string]any{"queue": []string{"billing", "support"}[i%2]})},
	}
	var dialogs, analyses []any
	if i%4 != 1 {
		dialogs, analyses = call(i, text, at)
	}
	if i%4 == 1 || i%4 == 3 {
		for n := range 3 + 40*(i%3) {
			dialogs = append(dialogs, map[string]any{"type": "text", "start": at(20 + n%30), "parties": []any{n % 4, 0},
				"mediatype": "text/plain", "encoding": "none", "body": fmt.Sprint(n, " ", text[:min(len(text), 900)])})
		}
		analyses = append(analyses, map[string]any{"type": "summary", "dialog": len(dialogs) - 1, "vendor": "x",
			"encoding": "none", "body": "A chat of " + text})
	}
	if i%4 >= 2 {
		for n := range 1 + i%3 {
			dialogs = append(dialogs, map[string]any{"type": "text", "start": at(50 + n), "parties": []any{n, 1},
				"mediatype": "text/plain", "encoding": "none", "message_id": fmt.Sprintf("<%d.%d@example.net>", i, n),
				"body": "Mail: " + text})
		}
		mime := fmt.Sprintf("Message-ID: <%d@x>\r\nSubject: Attached\r\nMIME-Version: 1.0\r\n"+
			"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n"+
			"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nx\r\n--b--", i)
		dialogs = append(dialogs, map[string]any{"type": "text", "start": at(55), "parties": []any{0, 1},
			"mediatype": "message/rfc822", "body": mime})
	}
	v["dialog"], v["analysis"] = dialogs, analyses
	return v
}

// call has a recording that is elsewhere, one that is here, and one that is missing, and all that is made of
// them.
func call(i int, text string, at func(int) string) (dialogs, analyses []any) {
	direction := map[string]any{"direction": []string{"in", "out", "internal", ""}[i/4%4]}
	recording := func(members map[string]any) {
		members["type"], members["start"], members["parties"] = "recording", at(1), []any{0, 1}
		dialogs = append(dialogs, members)
	}
	recording(map[string]any{"duration": 120.25, "mediatype": "audio/x-wav",
		"url":          fmt.Sprintf("https://media.contact.example/%c.wav?x=1", 'a'+i%26),
		"content_hash": "sha512-AAAA", "meta": direction})
	recording(map[string]any{"duration": 120.25, "mediatype": "video/mp4", "encoding": "base64url",
		"body": fmt.Sprintf("YWJj%04d", i)})
	if i%2 == 0 {
		recording(map[string]any{"mediatype": "audio/x-wav", "filename": "lost.wav"})
		dialogs = append(dialogs, map[string]any{"type": "incomplete", "start": at(15), "disposition": "no-answer"})
	}
	analysis := func(name string, body any) {
		analyses = append(analyses, map[string]any{"type": name, "dialog": 0, "vendor": "x", "encoding": "json", "body": body})
	}
	analysis("transcript", []any{
		map[string]any{"party": 1, "start": at(1), "duration": 1, "text": "Good morning."},
		map[string]any{"party": 0, "start": at(2), "duration": 2, "text": text},
		map[string]any{"text": "Somebody in the background"}})
	analysis("diarized", "A: "+text)
	analysis("summary", "About "+text)
	analysis("translation", "Česky: "+text)
	return dialogs, analyses
}

// fill imports the conversations, and leaves them untouched, anonymized in different ways, with files that
// are protected, planned, deleted, and that could not be deleted.
func (a *api) fill(t testing.TB) {
	t.Helper()
	keys := []string{"crm.case", "crm.iban", "crm.note"}
	if err := a.store.KnowKeys(t.Context(), keys); err != nil {
		t.Fatal(err)
	}
	a.must(t, `mutation { a: configureMetadataKey(input: {key: "crm.case", isCorrelationKey: true}) { userErrors { message } }
		b: configureMetadataKey(input: {key: "crm.note", isFilterKey: true}) { userErrors { message } } }`, nil)
	var documents bytes.Buffer
	for _, v := range vcons() {
		line, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		documents.Write(append(line, '\n'))
	}
	items := importing.Read(t.Context(), &documents, "random.ndjson", importing.ReadOptions{})
	config := importing.Config{Store: a.store, Media: a.media}
	refused := func(r importing.Refusal) { t.Errorf("%s is refused: %s", r.Source, r.Reason) }
	observer := importing.Observer{Refused: refused}
	if _, err := importing.Run(t.Context(), config, audit.CommandActor("test"), items, observer); err != nil {
		t.Fatal(err)
	}
	ids := a.conversationIDs(t)
	a.protect(t)
	a.anonymizeUnder(t, ids[len(ids)/6:len(ids)/2],
		`basicData: {participantPhoneNumber: true}, otherData: [{key: "crm.iban", isAnonymized: true}]`)
	a.anonymizeUnder(t, ids[len(ids)/3:len(ids)*2/3], `basicData: {subjectAndBody: true, participantDigitalAddress: true},
		customData: [{key: "crm.note", isAnonymized: true}]`)
	a.anonymizeUnder(t, ids[len(ids)/3:], `basicData: {mediaFiles: true, participantPhoneNumber: false}`)
	a.deleteSome(t)
	a.must(t, `mutation { stageComplianceSettings(input: {basicData: {mediaFiles: false}}) { userErrors { message } } }`,
		nil)
}

// must runs an operation of the manager in which nothing may be wrong.
func (a *api) must(t testing.TB, operation string, variables map[string]any) map[string]any {
	t.Helper()
	got := a.do(t, "manager", operation, variables)
	for _, payload := range got.Data {
		if of, is := payload.(map[string]any); is && of["userErrors"] != nil && len(of["userErrors"].([]any)) > 0 {
			t.Fatalf("%s: %v", operation, of["userErrors"])
		}
	}
	if got.code() != "" {
		t.Fatalf("%s: %+v", operation, got.Errors)
	}
	return got.Data
}

func (a *api) anonymizeUnder(t testing.TB, ids []string, switches string) {
	t.Helper()
	version := a.must(t, `{ complianceSettings { version } }`, nil)["complianceSettings"].(map[string]any)["version"]
	a.must(t, fmt.Sprintf(`mutation { saveComplianceSettings(input: {baseVersion: %v, %s}) { userErrors { message } } }`,
		version, switches), nil)
	a.must(t, anonymizing, map[string]any{"ids": ids})
}

const anonymizing = `mutation($ids: [ID!]!) {
	anonymizeConversations(input: {conversationIds: $ids}) { userErrors { message } } }`

// protect protects two of five files, for every reason, half of them with a note and until a date.
func (a *api) protect(t testing.TB) {
	t.Helper()
	var ids []int64
	const available = `SELECT id FROM media_files WHERE status = 'AVAILABLE' ORDER BY id`
	if err := a.bun.NewRaw(available).Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	reasons := []string{"MIFID", "LEGAL_CLAIM", "COMPLAINT", "REGULATOR", "OTHER"}
	for i, id := range ids {
		if i%5 > 1 {
			continue
		}
		input := map[string]any{"mediaFileIds": []string{graph.GlobalID("MediaFile", id)}, "reason": reasons[i/5%5]}
		if i%2 == 0 {
			input["note"], input["until"] = "\"why\" \\ <&>\n\t👍", "2027-01-01T00:00:00.5+01:00"
		}
		a.must(t, `mutation($input: ProtectMediaInput!) { protectMedia(input: $input) { userErrors { message } } }`,
			map[string]any{"input": input})
	}
}

// deleteSome deletes some of the files that are planned for it, and fails to delete others.
func (a *api) deleteSome(t testing.TB) {
	t.Helper()
	planned, err := a.store.PlannedMedia(t.Context(), 0, 1000)
	if err != nil || len(planned) < 6 {
		t.Fatal(len(planned), "files are planned for deletion", err)
	}
	op := audit.Begin(audit.CommandActor("delete-media"), audit.MediaDeleted)
	away := errors.New("away")
	for i, file := range planned {
		switch {
		case i%4 == 0:
			_, err = a.store.DeleteMedia(t.Context(), op, file.ID, func(context.Context, string) error { return nil })
		case i%4 < 3 && file.Stored:
			_, err = a.store.DeleteMedia(t.Context(), op, file.ID, func(context.Context, string) error { return away })
			if errors.Is(err, away) {
				err = a.store.FailDeletion(t.Context(), file.ID, "the store says \"no\"",
					func(context.Context, string) (bool, error) { return i%2 == 0, nil })
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// known asks for the ids and cursors that random documents use.
func (a *api) known(t testing.TB) *known {
	t.Helper()
	k := &known{ids: map[string][]string{}, messages: map[string][]string{}, ordered: map[[2]string][]string{},
		cursors:  map[string][]string{},
		metadata: [][2]string{{"crm.case", "C-0"}, {"routing.queue", "BILLING"}, {"crm.n", "3"}, {"nothing", "x"}}}
	conversations := a.must(t, `{ conversations(first: 100) { nodes {
		id media { id } segments { __typename id messages(first: 9) { edges { cursor } } } } } }`, nil)
	for _, node := range items(conversations["conversations"], "nodes") {
		k.add("Conversation", node)
		for _, file := range items(node, "media") {
			k.add("MediaFile", file)
		}
		for _, segment := range items(node, "segments") {
			of := segment.(map[string]any)
			k.add("Segment", segment)
			k.add(of["__typename"].(string), segment)
			k.messages[of["id"].(string)] = cursorsOf(of["messages"])
		}
	}
	for _, order := range []string{"STARTED_AT", "DURATION"} {
		for _, direction := range []string{"ASC", "DESC"} {
			list := a.must(t, fmt.Sprintf(`{ conversations(first: 100, orderBy: {field: %s, direction: %s}) {
				edges { cursor } } }`, order, direction), nil)
			k.ordered[[2]string{order, direction}] = cursorsOf(list["conversations"])
		}
	}
	logs := a.must(t, `{
		auditOperations(first: 100) { nodes { id } edges { cursor } nodes { events(first: 3) { edges { cursor } } } }
		auditEvents(first: 100) { nodes { id } edges { cursor } }
		conversations(first: 40) { nodes { history(first: 2) { edges { cursor } } } } }`, nil)
	for list, ofType := range map[string]string{"auditOperations": "AuditOperation", "auditEvents": "AuditEvent"} {
		k.cursors["Query."+list] = cursorsOf(logs[list])
		for _, node := range items(logs[list], "nodes") {
			k.add(ofType, node)
		}
	}
	for of, lists := range map[string][2]string{
		"AuditOperation": {"auditOperations", "events"}, "Conversation": {"conversations", "history"}} {
		for _, node := range items(logs[lists[0]], "nodes") {
			field := of + "." + lists[1]
			k.cursors[field] = append(k.cursors[field], cursorsOf(node.(map[string]any)[lists[1]])...)
		}
	}
	return k
}

func (k *known) add(ofType string, node any) {
	k.ids[ofType] = append(k.ids[ofType], node.(map[string]any)["id"].(string))
}

func items(of any, list string) []any { return of.(map[string]any)[list].([]any) }

func cursorsOf(connection any) []string {
	var cursors []string
	for _, edge := range items(connection, "edges") {
		cursors = append(cursors, edge.(map[string]any)["cursor"].(string))
	}
	return slices.Compact(cursors)
}
