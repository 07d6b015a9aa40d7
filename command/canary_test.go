package command

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"qm-compliance/graph"
)

// The canaries: values that stand nowhere else, in every place that a person can fill.
const (
	canaryParties = `"parties": [{"name": "Kanariana Gelbfeder", "tel": "+420 608417293",
		"mailto": "gelbfeder@kanari.example", "handle": ["whatsapp:+420608417294", "@gelbfeder.chat"], "ip": "198.51.100.217",
		"role": "customer"}, {"name": "Papagena Grünspan", "mailto": "gruenspan@kanari.example", "role": "agent",
		"meta": {"user_id": "agent-gruenspan", "group": "kanari-group"}}]`
	canaryCall = `{"vcon": "0.4.0", "uuid": "019543da-b5aa-8d63-9dd8-dd37220d8391", "created_at": "2026-03-01T09:30:00Z", ` +
		canaryParties + `, "attachments": [{"type": "crm", "party": 0, "start": "2026-03-01T09:30:00Z",
		"encoding": "json", "body": {"customer": "KANARI-4711-0815"}}],
		"dialog": [{"type": "recording", "start": "2026-03-01T10:30:00Z", "duration": 61, "parties": [0, 1],
			"mediatype": "audio/wav", "filename": "gelbfeder-spricht.wav", "url": "https://media.kanari.example/gelbfeder-url.wav",
			"encoding": "base64url", "body": "$SOUND"}],
		"analysis": [{"type": "transcript", "dialog": 0, "vendor": "x", "encoding": "json",
			"body": [{"party": 0, "start": "2026-03-01T09:30:01Z", "text": "gesprochenes Gezwitscher"}]},
			{"type": "summary", "dialog": 0, "vendor": "x", "encoding": "none", "body": "zusammengefasstes Gezwitscher"}]}`
	canaryMail = `{"vcon": "0.4.0", "uuid": "019543da-b5aa-8d63-9dd8-dd37220d8392", "created_at": "2026-03-02T09:30:00Z",
		"subject": "betreffs Gezwitscher", ` + canaryParties + `, "dialog": [{"type": "text", "start": "2026-03-02T09:30:00Z",
			"parties": [0, 1], "originator": 0, "mediatype": "text/plain", "message_id": "<1@kanari.example>", "encoding": "none",
			"body": "geschriebenes Gezwitscher"}]}`
	canaryChat = `{"vcon": "0.4.0", "uuid": "019543da-b5aa-8d63-9dd8-dd37220d8393", "created_at": "2026-03-03T09:30:00Z",
		"subject": "Zimmer Gezwitscher", ` + canaryParties + `, "dialog": [{"type": "text", "start": "2026-03-03T09:30:00Z",
			"parties": [0, 1], "originator": 0, "mediatype": "text/plain", "encoding": "none", "body": "getipptes Gezwitscher"}]}`
)

// canaries are what is searched for besides what the database holds.
func canaries() []string {
	return []string{
		// of conversations; "kanari" is the domain of addresses, and "zwitscher" stands in every text
		"kanari", "zwitscher", "gelbfeder", "grünspan", "gruenspan", "608417293", "608417294", "198.51.100.217", "4711-0815",
		"gesprochenes", "zusammengefasst", "geschriebenes", "getipptes", "betreffs", "zimmer",
		// of the people who use the program, and of what clients send
		"nutzerin", "amsel", "tippfehler", "wanderfalke",
	}
}

var everyRole = []string{
	"INTERACTION_ANONYMIZE", "VIEW_CONVERSATIONS_SCREEN", "INTERACTIONS_FULL_VIEW", "VIEW_AUDIT", "MANAGE_DATA_LIFECYCLE",
	"EDIT_ADMIN_SETTING", "ADD_CALL", "INTERACTIONS_EXPORT_JSON",
}

// No log line, metric or trace of the program has anything personal, with everything at debug level, whatever is
// done with it and whatever goes wrong. The canaries are found in its answers and in its database first.
func TestNoCanaryIsTold(t *testing.T) {
	t.Parallel()
	w := newTelltale(t)
	stop := w.serve(t)
	token := w.issuer.tokenWith("qm-compliance", map[string]any{
		"sub": "user-0001", "name": "Nutzerin Amsel", "email": "amsel@nutzerin.example", "preferred_username": "amsel-nutzerin",
		"groups": []string{"kanari-group"}, "realm_access": map[string]any{"roles": everyRole},
	})
	w.bring(t, token)
	w.look(t, token)
	values := w.stored(t)
	w.misuse(t, token)
	w.breakThings(t, token)
	w.remove(t, token)
	later := w.stored(t)
	w.playEnd(t, token)
	w.ask(t, http.MethodGet, "/metrics", "", nil)
	stop()
	for name, more := range later {
		values[name] = append(values[name], more...)
	}
	needles := w.needles(t, values)
	traces, spans := w.exported()
	told := map[string]string{"log": w.log.String(), "metrics": w.metrics.String(), "traces": traces}
	for where, text := range told {
		for _, needle := range needles {
			if at := strings.Index(strings.ToLower(text), needle); at >= 0 {
				t.Errorf("the %s have %q: %.300s", where, needle, text[max(0, at-150):min(len(text), at+150)])
			}
		}
	}
	w.wantTold(t, told, spans)
}

// needles are all values to look for, in small letters. Each of the canaries has been shown, so that the search is not
// blind, and every column of personal data has had a value.
func (w *telltale) needles(t *testing.T, values map[string][]string) []string {
	t.Helper()
	answers := strings.ToLower(w.answers.String())
	for _, canary := range canaries() {
		if !strings.Contains(answers, canary) {
			t.Errorf("no answer has %q: the search is blind", canary)
		}
	}
	needles := canaries()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(values[name]) == 0 {
			t.Errorf("nothing was ever in %s", name)
		}
		for _, value := range values[name] {
			if len(value) >= 6 {
				needles = append(needles, strings.ToLower(value))
			}
		}
	}
	return needles
}

// wantTold holds that the telemetry has what it is for, so that its silence says something.
func (w *telltale) wantTold(t *testing.T, told map[string]string, spans map[string]int) {
	t.Helper()
	for where, parts := range map[string][]string{
		"log": {
			`"msg":"operation","code":"OK"`, `"operation":"query conversations"`, `"operation":"mutation anonymizeConversations"`,
			`"operation":"subscription conversationChanged"`, `"person":"user-0001"`, `"person":"(hidden)"`, `"request":"0123456789abcdef0123456789abcdef"`,
			`"msg":"operation refused","code":"INVALID"`, `"msg":"operation failed","code":"INTERNAL"`, `"trace":"`, `"took":`,
			`"msg":"a request to the Interaction service could not be delivered"`, `"route":"/import"`, `"code":"UNAVAILABLE"`,
		},
		"metrics": {
			`qm_operation_seconds_count{code="OK",field="conversations",kind="query"}`, `qm_imported_total{outcome="added"} 3`,
			`qm_refused_total{reason="forbidden"} 2`,
			// What the alerts QMOutboxStuck, QMDeletionFailing and QMDatabaseAway watch: it was broken, and they see it.
			`qm_outbox_failing 1`, `qm_media_planned 1`, `qm_media_failing 1`, `qm_database_up 1`, `qm_database_up 0`,
		},
	} {
		for _, part := range parts {
			if !strings.Contains(told[where], part) {
				t.Errorf("the %s lack %s", where, part)
			}
		}
	}
	for _, name := range []string{
		"POST /graphql", "POST /import", "query conversations", "mutation anonymizeConversations", "transaction",
		"subscription conversationChanged", "statement SELECT", "batch of statements", "delivery to the Interaction service",
		"import of a batch", "deletion of a media file",
	} {
		if spans[name] == 0 {
			t.Errorf("no span is named %q; there are %v", name, spans)
		}
	}
	if t.Failed() {
		t.Log(told["log"])
	}
}

// bring imports the canaries over HTTP and by the command, well-formed and not.
func (w *telltale) bring(t *testing.T, token string) {
	t.Helper()
	header := map[string]string{"Authorization": "Bearer " + token, "X-Request-Id": "0123456789abcdef0123456789abcdef"}
	one := strings.NewReplacer("\n", " ", "$SOUND", coded("ten bytes!"))
	for _, document := range []string{
		one.Replace(canaryCall) + "\n" + one.Replace(canaryMail) + "\n" + one.Replace(canaryChat),
		strings.Replace(one.Replace(canaryCall), coded("ten bytes!"), coded("other bytes"), 1), // the first ones belong to nothing then
		strings.Replace(one.Replace(canaryMail), `"2026-03-02T09:30:00Z"`, `"gestern, Gezwitscher"`, 1),
		strings.Replace(one.Replace(canaryMail), `"parties"`, `"Gelbfeder": "Gelbfeder", "parties"`, 1),
		strings.Replace(one.Replace(canaryMail), `019543da`, `Gelbfeder`, 1), one.Replace(canaryMail)[:300],
		`"Gelbfeder"`, `{"vcon": "Gelbfeder"}`, "Gelbfeder",
	} {
		w.ask(t, http.MethodPost, "/import", document, header)
	}
	w.ask(t, http.MethodGet, "/import?Gelbfeder", "", header)
	w.ask(t, http.MethodPost, "/import", canaryCall, map[string]string{"Authorization": "Bearer Gelbfeder"})
	folder := filepath.Join(t.TempDir(), "Gelbfeder")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"gelbfeder.json": one.Replace(canaryChat), "zwitscher.json": `{"vcon": "Gezwitscher"`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// The command prints the names of files that it refuses; what it prints is no log.
	if status, out, _ := w.apart(t, "import", folder); status != 2 {
		t.Errorf("the import ended with %d: %s", status, out)
	}
}

// apart runs a command that answers its caller on standard error too. Of that the lines of the log are kept as log.
func (w *telltale) apart(t *testing.T, arguments ...string) (status int, out, errors string) {
	t.Helper()
	cmd := w.program(t, arguments...)
	var stdout, stderr output
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run()
	for line := range strings.Lines(stderr.String()) {
		if strings.HasPrefix(line, `{"time":`) {
			_, _ = w.log.Write([]byte(line))
		}
	}
	_, _ = w.answers.Write([]byte(stdout.String() + stderr.String()))
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

const canaryRead = `query Gezwitscher($filter: ConversationFilter) { gelbfeder: conversations(filter: $filter) { totalCount nodes { id vcons
	participants { name phoneNumber digitalAddress } metadata { key value }
	media { id kind sourceUrl playbackUrl protection { note } }
	segments { id messages { nodes { text author { name } } } ... on EmailSegment { subject } ... on ChatSegment { roomName } } } } }`

// look reads everything: lists with filters, details, exports, recordings, the audit log, and what is pushed.
func (w *telltale) look(t *testing.T, token string) {
	t.Helper()
	w.operate(t, token, `mutation { configureMetadataKey(input: {key: "crm.customer", isFilterKey: true}) { userErrors { message } } }`, nil)
	all := w.operate(t, token, canaryRead, nil)["gelbfeder"].(map[string]any)["nodes"].([]any)
	if len(all) != 3 {
		t.Fatalf("there are %d conversations\n%s", len(all), w.log.String())
	}
	for _, filter := range []map[string]any{
		{"participantPhoneNumber": "608417293"}, {"participantDigitalAddress": "gelbfeder@kanari.example"},
		{"metadata": []any{map[string]any{"key": "crm.customer", "value": "KANARI-4711-0815"}}},
	} {
		w.operate(t, token, canaryRead, map[string]any{"filter": filter})
		w.operate(t, token, `query ($filter: ConversationFilter) { conversations(filter: $filter) { nodes { id } } }`, map[string]any{"filter": filter})
	}
	var ids []string
	for _, each := range all {
		node := each.(map[string]any)
		id := node["id"].(string)
		ids = append(ids, id)
		w.operate(t, token, `query ($id: ID!) { conversation(id: $id) { participants { name } } }`, map[string]any{"id": id})
		w.operate(t, token, `query ($id: ID!) { exportConversation(id: $id, includeMedia: true) }`, map[string]any{"id": id})
		for _, file := range node["media"].([]any) {
			w.play(t, token, file.(map[string]any))
		}
	}
	w.operate(t, token, `mutation ($edit: StageComplianceSettingsInput!) { stageComplianceSettings(input: $edit) { userErrors { message } } }`,
		map[string]any{"edit": map[string]any{"basicData": map[string]any{"subjectAndBody": true}}})
	w.operate(t, token, `query ($ids: [ID!]!) { anonymizationPreview(input: {conversationIds: $ids}) { settingsVersion } }`, map[string]any{"ids": ids})
	w.operate(t, token, `{ viewer { name userId } auditEvents(first: 100) { nodes { user { name } } } }`, nil)
	w.converse(t, token, ids[0])
	w.ask(t, http.MethodGet, "/metrics", "", nil)
	w.apart(t, "export", "--no-media")
}

// play plays a recording, whole and in part, protects it and lets it go again.
func (w *telltale) play(t *testing.T, token string, file map[string]any) {
	t.Helper()
	link, _ := file["playbackUrl"].(string)
	w.ask(t, http.MethodGet, link, "", map[string]string{"Range": "bytes=0-3"})
	w.ask(t, http.MethodGet, link, "", nil)
	w.ask(t, http.MethodGet, link+"Gelbfeder", "", nil)
	w.operate(t, token, `mutation ($id: ID!) { protectMedia(input: {mediaFileIds: [$id], reason: COMPLAINT, note: "Notiz Gezwitscher"}) {
		userErrors { message } mediaFiles { protection { note } } } }`, map[string]any{"id": file["id"]})
}

// converse speaks over WebSockets: well, and badly.
func (w *telltale) converse(t *testing.T, token, id string) {
	t.Helper()
	begin := `{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`
	subscription, _ := json.Marshal(map[string]any{
		"query":     `subscription Gezwitscher($ids: [ID!]!) { conversationChanged(ids: $ids) { participants { name } } }`,
		"variables": map[string]any{"ids": []string{id}},
	})
	list, _ := json.Marshal(map[string]any{"query": `query Gelbfeder { conversations { nodes { participants { name } } } }`})
	w.speak(t, begin, `{"type":"subscribe","id":"Gelbfeder","payload":`+string(list)+`}`,
		`{"type":"subscribe","id":"2","payload":`+string(subscription)+`}`)
	for _, message := range []string{
		`{"type":"subscribe","id":"3","payload":{"query":"query Tippfehler { Gelbfeder }"}}`, `{"type":"Gelbfeder"}`, `Gelbfeder`,
		`{"type":"subscribe","id":"4","payload":{"query":"{ viewer { name } }","operationName":"Gelbfeder"}}`,
		`{"type":"ping","payload":{"Gelbfeder":"Gelbfeder"}}`,
	} {
		w.speak(t, begin, message)
	}
	w.speak(t, `{"type":"connection_init","payload":{"Authorization":"Bearer Gelbfeder"}}`)
	w.speak(t, `{"type":"subscribe","id":"Gelbfeder","payload":{"query":"{ viewer { name } }"}}`)
}

// misuse sends bad input of every kind.
func (w *telltale) misuse(t *testing.T, token string) {
	t.Helper()
	signedIn := map[string]string{
		"Authorization": "Bearer " + token, "X-Request-Id": "Wanderfalke", "Traceparent": "00-Wanderfalke-0000000000000001-01",
		"User-Agent": "Wanderfalke", "Origin": "https://wanderfalke.example", "Referer": "https://wanderfalke.example/",
		"Baggage": "wanderfalke=1", "Tracestate": "wanderfalke=1", "X-Forwarded-For": "198.51.100.217", "Forwarded": "for=198.51.100.217",
	}
	for _, body := range []string{
		`{"query":"query Tippfehler { tippfehler }"}`, `{"query":"{ conversation(id: \"Wanderfalke\") { id } }"}`,
		`{"query":"{ viewer { name } }","operationName":"Wanderfalke"}`, `{"query":"{ viewer { name","variables":{"wanderfalke":1}}`,
		`{"query":"query ($wanderfalke: Wanderfalke) { viewer { name } }"}`, `{"wanderfalke":`, `Wanderfalke`, `["Wanderfalke"]`,
		`{"query":"{ conversations(first: \"Wanderfalke\") { nodes { id } } }"}`, `{"documentId":"Wanderfalke"}`,
		`{"query":"query ($f: ConversationFilter) { conversations(filter: $f) { totalCount } }","variables":{"f":{"wanderfalke":"Wanderfalke"}}}`,
		`{"query":"query ($f: ConversationFilter) { conversations(filter: $f) { totalCount } }","variables":{"f":{"startedFrom":"Wanderfalke"}}}`,
		`{"query":"{ viewer { name @wanderfalke } }"}`, `{"query":"{ ...Wanderfalke }"}`, `{"query":"{ wanderfalke: __typename }"}`,
		`{"query":"{ viewer { name } }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"wanderfalke"}}}`,
		`{"query":"mutation Wanderfalke { configureMetadataKey(input: {key: \"Wanderfalke\"}) { userErrors { message } } }"}`,
		`{"query":"query ($id: ID!) { node(id: $id) { id } }","variables":{"id":"Wanderfalke"}}`,
		`{"query":"mutation { releaseMedia(input: {mediaFileIds: [\"Wanderfalke\"]}) { userErrors { message } } }"}`,
	} {
		w.ask(t, http.MethodPost, "/graphql", body, signedIn)
	}
	hidden := w.issuer.tokenWith("qm-compliance", map[string]any{"sub": "amsel@nutzerin.example", "name": "Amsel"})
	few := map[string]string{"Authorization": "Bearer " + hidden}
	w.ask(t, http.MethodPost, "/graphql", `{"query":"{ viewer { name userId } conversations { nodes { id } } }"}`, few)
	w.ask(t, http.MethodPost, "/graphql", `{"query":"mutation { resetComplianceSettings { __typename } }"}`, few)
	for _, path := range []string{"/Wanderfalke", "/media/Wanderfalke", "/graphql?query=%7BWanderfalke%7D", "/graphiql/Wanderfalke", "/healthz?Wanderfalke"} {
		w.ask(t, http.MethodGet, path, "", signedIn)
		w.ask(t, "WANDERFALKE", path, "", signedIn)
	}
	for _, bad := range []string{"Wanderfalke", "a.b.Wanderfalke", w.issuer.tokenWith("Wanderfalke", nil)} {
		w.ask(t, http.MethodPost, "/graphql", `{"query":"{ viewer { name } }"}`, map[string]string{"Authorization": "Bearer " + bad})
	}
}

// breakThings lets the database refuse what it is sent, in words that repeat it, and go away.
func (w *telltale) breakThings(t *testing.T, token string) {
	t.Helper()
	w.do(t, `CREATE FUNCTION blab() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'Gezwitscher %', NEW USING DETAIL = NEW::text, HINT = NEW::text; END $$`)
	w.do(t, `CREATE TRIGGER blab BEFORE INSERT OR UPDATE ON participants FOR EACH ROW EXECUTE FUNCTION blab()`)
	w.anonymize(t, token)
	other := strings.ReplaceAll(strings.ReplaceAll(canaryMail, "\n", " "), "8392", "8394")
	w.ask(t, http.MethodPost, "/import", other, map[string]string{"Authorization": "Bearer " + token})
	w.do(t, `DROP FUNCTION blab CASCADE`)
	w.do(t, `ALTER TABLE conversations RENAME COLUMN direction TO gezwitscher`)
	w.operate(t, token, canaryRead, nil)
	w.do(t, `ALTER TABLE conversations RENAME COLUMN gezwitscher TO direction`)
	w.away(t, func() {
		w.operate(t, token, canaryRead, map[string]any{"filter": map[string]any{"participantPhoneNumber": "608417293"}})
		until(t, "the metrics tell that the database is away", func() bool {
			_, text := w.ask(t, http.MethodGet, "/metrics", "", nil)
			return strings.Contains(text, "qm_database_up 0")
		})
	})
	until(t, "the database answers again", func() bool {
		return w.operate(t, token, `{ conversations { nodes { id } } }`, nil)["conversations"] != nil
	})
}

func (w *telltale) do(t *testing.T, statement string) {
	t.Helper()
	if _, err := w.pool.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// away ends all sessions of the database, and lets no new one in while do runs.
func (w *telltale) away(t *testing.T, do func()) {
	t.Helper()
	config := w.pool.Config().ConnConfig
	name := pgx.Identifier{config.Database}.Sanitize()
	config.Database = "postgres"
	admin, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(context.Background()) }()
	for _, statement := range []string{
		"ALTER DATABASE " + name + " ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + strings.Trim(name, `"`) + "'",
	} {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	do()
	if _, err := admin.Exec(t.Context(), "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true"); err != nil {
		t.Fatal(err)
	}
}

func (w *telltale) anonymize(t *testing.T, token string) {
	t.Helper()
	var ids []string
	if err := w.bun.NewRaw("SELECT id::text FROM conversations").Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		ids[i] = globalID(id)
	}
	w.operate(t, token, `mutation Gezwitscher($ids: [ID!]!) { anonymizeConversations(input: {conversationIds: $ids}) {
		userErrors { message } conversations { id } } }`, map[string]any{"ids": ids})
}

// remove anonymizes everything, while the Interaction service fails, and lets the Delete tool fail.
func (w *telltale) remove(t *testing.T, token string) {
	t.Helper()
	w.operate(t, token, `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {subjectAndBody: true, mediaFiles: true},
		customData: [{key: "crm.customer", isAnonymized: true}]}) { userErrors { message } } }`, nil)
	files, _ := json.Marshal(w.operate(t, token, `{ conversations { nodes { media { id } } } }`, nil))
	for _, id := range regexp.MustCompile(`TWVkaWFGaWxl[A-Za-z0-9]+`).FindAllString(string(files), -1) {
		w.operate(t, token, `mutation ($id: ID!) { releaseMedia(input: {mediaFileIds: [$id]}) { userErrors { message } } }`, map[string]any{"id": id})
	}
	w.workOnJobs(t)
	w.anonymize(t, token)
	var key string
	if err := w.bun.NewRaw("SELECT store_key FROM media_files WHERE status = 'PLANNED_FOR_DELETION'").Scan(t.Context(), &key); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(w.flags.MediaURL, filepath.FromSlash(key))
	if err := os.Remove(bad); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(bad, "Gelbfeder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if status, out, _ := w.apart(t, "delete-media", "--verbose"); status != 2 {
		t.Errorf("the Delete tool ended with %d: %s", status, out)
	}
	until(t, "a delivery has failed", func() bool {
		return w.count(t, "SELECT count(*) FROM media_deletion_requests WHERE attempts > 0") == 1
	})
}

// playEnd asks for what the end of everything looks like, until it has come to the metrics.
func (w *telltale) playEnd(t *testing.T, token string) {
	t.Helper()
	w.operate(t, token, canaryRead, nil)
	until(t, "the metrics tell what has failed", func() bool {
		_, text := w.ask(t, http.MethodGet, "/metrics", "", nil)
		return strings.Contains(text, "qm_outbox_failing 1") && strings.Contains(text, "qm_media_failing 1")
	})
}

func globalID(number string) string {
	var id int64
	_, _ = fmt.Sscan(number, &id)
	return graph.GlobalID("Conversation", id)
}

// workOnJobs has a person who sees a group plan, pause and cancel one job, and run another one to its end.
func (w *telltale) workOnJobs(t *testing.T) {
	t.Helper()
	token := w.issuer.tokenWith("qm-compliance", map[string]any{
		"sub": "user-0002", "name": "Nutzerin Amsel", "groups": []string{"kanari-group"}, "realm_access": map[string]any{
			"roles": []string{"INTERACTION_ANONYMIZE", "VIEW_CONVERSATIONS_SCREEN", "INTERACTIONS_GROUP_VIEW"},
		},
	})
	plan := func() (id string) {
		planned := w.operate(t, token, `mutation Gezwitscher($filter: ConversationFilter!) { planAnonymization(input: {filter: $filter}) {
			job { id plannedBy } userErrors { message } } }`, map[string]any{"filter": map[string]any{"participantDigitalAddress": "kanari"}})
		job, _ := planned["planAnonymization"].(map[string]any)["job"].(map[string]any)
		id, _ = job["id"].(string)
		until(t, "the job is planned", func() bool {
			return w.count(t, "SELECT count(*) FROM anonymization_jobs WHERE state = 'PLANNING'") == 0
		})
		return id
	}
	do := func(what, id string) {
		w.operate(t, token, "mutation { "+what+"Anonymization(input: {jobId: \""+id+"\"}) { job { state } userErrors { message } } }", nil)
	}
	stopped := plan()
	if _, err := w.bun.NewRaw("UPDATE anonymization_jobs SET state = 'RUNNING', started_at = now()" +
		" WHERE state = 'PLANNED'; UPDATE anonymization_job_batches SET state = 'OPEN'").Exec(t.Context()); err != nil {
		t.Fatal(err) // it has nothing to work on, so that it runs until it is paused
	}
	do("pause", stopped)
	do("cancel", stopped)
	done := plan()
	do("start", done)
	until(t, "the job is done", func() bool {
		return w.count(t, "SELECT count(*) FROM anonymization_jobs WHERE state = 'DONE' AND done = 3") == 1
	})
}
