package command

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qm-compliance/conversation"
)

// TestNothingIsLeftOfWhatWasAnonymized imports every sample, anonymizes all of it with every switch on, page by page or
// as a job, purges, and searches the raw bytes of the whole data directory, the logs, and everything that the API
// answers for each phone number, e-mail address and text that came in.
func TestNothingIsLeftOfWhatWasAnonymized(t *testing.T) {
	t.Parallel()
	t.Run("page by page", func(t *testing.T) {
		t.Parallel()
		nothingIsLeft(t, func(j *installation, _ string, _ needles) string {
			j.anonymizeEverything(t)
			return ""
		})
	})
	t.Run("as a job", func(t *testing.T) {
		t.Parallel()
		nothingIsLeft(t, func(j *installation, dir string, needles needles) string {
			return j.anonymizeAsJob(t, dir, needles)
		})
	})
}

// anonymizeAsJob turns every switch on and anonymizes every conversation by a job, after it has planned others whose
// filters hold what came in. It returns what the commands say.
func (i *installation) anonymizeAsJob(t *testing.T, dir string, needles needles) string {
	t.Helper()
	i.switchEverythingOn(t)
	said, planned := "", 0
	run := func(arguments ...string) (job jobDocument) {
		status, out, log := command(t, append([]string{"anonymize", "--data", dir, "--json"}, arguments...)...)
		said += out + log
		if status == 0 {
			if err := json.Unmarshal([]byte(out), &job); err != nil {
				t.Fatal(out, err)
			}
		}
		return job
	}
	for n, needle := range needles.all {
		field := []string{"participantPhoneNumber", "participantDigitalAddress"}[n%2]
		filter, _ := json.Marshal(map[string]string{field: needle})
		if job := run("--plan", "--wait", "--filter", string(filter)); job.Job != "" {
			planned++
			run("--cancel", job.Job)
		}
		if planned == 3 || n == 300 {
			break
		}
	}
	if planned == 0 {
		t.Error("no value that came in finds a conversation")
	}
	job := run("--plan", "--wait", "--filter", "{}")
	if done := run("--start", job.Job, "--wait"); done.State != "DONE" || done.DoneCount != done.ConversationCount ||
		!done.Verification.IsPassed {
		t.Fatalf("%+v", done)
	}
	return said
}

func nothingIsLeft(t *testing.T, anonymize func(j *installation, dir string, needles needles) string) {
	t.Helper()
	samples := "../../shared/vcons"
	if _, err := os.Stat(samples); err != nil {
		t.Skipf("the sample vCons are not beside the project: %v", err)
	}
	dir := newDataDir(t)
	j := join(t, dir)
	storeUncompressed(t, j)
	folders := []string{"chats-and-calls", "recorded-calls", "email-and-standard", "invalid"}
	arguments := []string{"import", "--data", dir}
	for _, folder := range folders {
		arguments = append(arguments, filepath.Join(samples, folder))
	}
	status, out, log := command(t, arguments...)
	if status != 2 || !strings.Contains(out, "339 added, 0 updated, 1 unchanged, 9 refused") {
		t.Fatalf("import ended with %d: %s%s", status, out, log)
	}
	needles := collectNeedles(t, samples)
	noteAll(t, j, needles)
	if before := needles.search(t, j.server.Dir()); before < len(needles.all)*9/10 {
		t.Fatalf("only %d of %d values are found before anonymizing: the search is blind", before, len(needles.all))
	}
	said := anonymize(j, dir, needles)
	needles.wantNone(t, "what the command says", map[string][]byte{"output": []byte(said)})
	if status, out, errors := command(t, "purge", "--data", dir); status != 0 {
		t.Fatalf("purge ended with %d: %s%s", status, out, errors)
	}
	needles.wantNone(t, "the data directory", readTree(t, dir))
	needles.wantNone(t, "the log of the import", map[string][]byte{"stderr": []byte(log)})
	needles.wantNone(t, "what the API answers", map[string][]byte{"answers": []byte(readAPI(t, j))})
	needles.wantNone(t, "the tables, as SQL reads them", map[string][]byte{"tables": []byte(dump(t, j))})
}

// noteAll protects recordings, and repeats in the notes what is anonymized of others.
func noteAll(t *testing.T, j *installation, needles needles) {
	t.Helper()
	const recorded = `{ conversations(first: 100, filter: {mediaStatuses: [AVAILABLE]}) { nodes { media { id } } } }`
	count := 0
	for _, node := range nodes(j.query(t, recorded)) {
		for _, file := range node["media"].([]any) {
			note := needles.all[count%len(needles.all)]
			note = string([]rune(note)[:min(len([]rune(note)), conversation.MaxNote)])
			payload := j.query(t, fmt.Sprintf(`mutation { protectMedia(input: {mediaFileIds: [%q], reason: COMPLAINT, note: %q}) {
				mediaFiles { id } } }`, file.(map[string]any)["id"], note))["protectMedia"].(map[string]any)
			if payload["mediaFiles"] != nil { // some texts have characters that no note may have
				count++
			}
		}
	}
	if count < 10 {
		t.Fatalf("only %d recordings are protected", count)
	}
}

// storeUncompressed keeps PostgreSQL from packing long texts, which would hide them from a search of raw
// bytes.
func storeUncompressed(t *testing.T, j *installation) {
	t.Helper()
	for table, columns := range map[string][]string{
		"messages": {"text"}, "metadata": {"value"}, "segments": {"title"},
		"participants": {"name", "phone_number", "digital_address", "phone_address"},
		"media_files":  {"protection_note"},
	} {
		for _, column := range columns {
			alter := fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET STORAGE EXTERNAL", table, column)
			if _, err := j.pool.Exec(t.Context(), alter); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// readAPI asks for everything that the API shows of conversations and of the audit log.
func readAPI(t *testing.T, j *installation) string {
	t.Helper()
	const everything = `id startedAt participants { role name phoneNumber digitalAddress }
		segments { __typename id messages { nodes { author { name } text } }
		... on CallSegment { media { id playbackUrl } } ... on EmailSegment { subject }
			... on ChatSegment { roomName } } metadata { key value }`
	var all strings.Builder
	for _, list := range []string{
		`conversations(first: 25, after: %s) { nodes { ` + everything + ` } pageInfo { hasNextPage endCursor } }`,
		`auditEvents(first: 100, after: %s) { nodes { user { userId name }
			operation { totals { name } }
			details { __typename ... on MetadataKeyChange { key } ... on AnonymizationDetails { metadataKeys }
				... on AccessDenial { operation } } } pageInfo { hasNextPage endCursor } }`,
		`anonymizationJobs(first: 10, after: %s) { nodes { id criteria { metadataKeys types } plannedBy startedBy
			preview { effect { valueCount otherData { key count } } kept { kind key examples { conversation { id } } } }
			report { effect { valueCount } kept { kind key } verification { state } } } pageInfo { hasNextPage endCursor } }`,
	} {
		for cursor := "null"; cursor != ""; {
			data := j.query(t, "{ list: "+fmt.Sprintf(list, cursor)+" }")["list"].(map[string]any)
			text, err := json.Marshal(data)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
			info := data["pageInfo"].(map[string]any)
			if cursor = ""; info["hasNextPage"].(bool) {
				cursor = fmt.Sprintf("%q", info["endCursor"])
			}
		}
	}
	return all.String()
}

// dump reads every table of the program and the planner's statistics, as SQL sees them.
func dump(t *testing.T, j *installation) string {
	t.Helper()
	var text string
	const query = `
		SELECT string_agg(query_to_xml(format('SELECT * FROM %I.%I', schemaname, relname), true, true, '')::text, '')
		  FROM (SELECT schemaname, relname FROM pg_stat_user_tables
		        UNION ALL VALUES ('pg_catalog', 'pg_stats'), ('pg_catalog', 'pg_stats_ext_exprs')) AS t`
	if err := j.pool.QueryRow(t.Context(), query).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// needles are the values to look for, by their first eight bytes.
type needles struct {
	all    []string
	byHead map[uint64][]string
}

// collectNeedles reads what came in straight out of the samples' JSON: every number and address of a party,
// and every text.
func collectNeedles(t *testing.T, samples string) needles {
	t.Helper()
	found := map[string]bool{}
	for _, folder := range []string{"chats-and-calls", "recorded-calls", "email-and-standard"} {
		files, err := filepath.Glob(filepath.Join(samples, folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var document map[string]any
			if json.Unmarshal(content, &document) == nil && document["uuid"] != nil {
				addNeedles(found, "", document)
			}
		}
	}
	n := needles{byHead: map[uint64][]string{}}
	for text := range found {
		head := binary.LittleEndian.Uint64([]byte(text)[:8])
		n.all = append(n.all, text)
		n.byHead[head] = append(n.byHead[head], text)
	}
	return n
}

// addNeedles takes what stands in members that hold personal data. Shorter values than eight bytes could be
// found by chance.
func addNeedles(found map[string]bool, member string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, child := range v {
			addNeedles(found, name, child)
		}
	case []any:
		for _, child := range v {
			addNeedles(found, member, child)
		}
	case string:
		switch member {
		case "tel", "customerNumber":
			addNeedle(found, strings.TrimPrefix(v, "+"))
		case "mailto", "email", "message", "transcript", "text":
			addNeedle(found, v)
		case "body":
			// MIME and inline audio do not come in as they stand.
			if !strings.HasPrefix(v, "------=") && !strings.Contains(v, "UklGR") {
				addNeedle(found, v)
			}
		}
	}
}

func addNeedle(found map[string]bool, text string) {
	if text = strings.TrimSpace(text); len(text) >= 8 {
		found[text] = true
	}
}

// in calls found for each value that stands somewhere in the data.
func (n needles) in(data []byte, found func(needle string)) {
	for i := 0; i+8 <= len(data); i++ {
		for _, needle := range n.byHead[binary.LittleEndian.Uint64(data[i:])] {
			if strings.HasPrefix(string(data[i:min(len(data), i+len(needle))]), needle) {
				found(needle)
			}
		}
	}
}

func (n needles) search(t *testing.T, dir string) int {
	t.Helper()
	there := map[string]bool{}
	for _, content := range readTree(t, dir) {
		n.in(content, func(needle string) { there[needle] = true })
	}
	return len(there)
}

func (n needles) wantNone(t *testing.T, where string, contents map[string][]byte) {
	t.Helper()
	for name, content := range contents {
		count, example := 0, ""
		n.in(content, func(needle string) { count, example = count+1, needle })
		if count > 0 {
			t.Errorf("%s still holds %d values in %s, such as %.60q", where, count, name, example)
		}
	}
}

func readTree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	contents := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil // a file that went while we looked holds nothing any more
		}
		contents[path], _ = os.ReadFile(path)
		return nil
	})
	if err != nil || len(contents) == 0 {
		t.Fatalf("nothing was read in %s: %v", dir, err)
	}
	return contents
}
