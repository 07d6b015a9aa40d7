package importing_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/importing"
)

// refusesAda lets the database refuse a conversation with somebody of this name, with an SQLSTATE of the name.
const refusesAda = `
CREATE FUNCTION refuse_ada() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.name LIKE 'Ada %' THEN
        RAISE EXCEPTION 'Ada, +420777123456' USING ERRCODE = split_part(NEW.name, ' ', 2);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_ada BEFORE INSERT ON participants FOR EACH ROW EXECUTE FUNCTION refuse_ada()`

// three are three conversations, of which the database refuses the second one with a code.
func three(code string) string {
	var all []string
	for n, name := range []string{"Bea", "Ada " + code, "Cyd"} {
		document := strings.Replace(call(n+1, inline("sound")), `"name": "Ada"`, fmt.Sprintf(`"name": %q`, name), 1)
		all = append(all, strings.ReplaceAll(document, "\n", ""))
	}
	return strings.Join(all, "\n")
}

// What the database refuses of one conversation refuses that one, with its place and a reason, whatever the class
// of the refusal. What keeps the database from working ends the import, which says so. Neither repeats a value.
func TestRefusalsOfTheDatabase(t *testing.T) {
	t.Parallel()
	refused := map[string]string{
		"21000": "refused the statement", "22003": "cannot store such a value", "22P05": "cannot store such a value",
		"23505": "breaks a rule of the database", "44000": "refused the statement", "54000": "larger than the database can store or index",
		"54001": "larger", "P0001": "a trigger", "XX000": "an internal error",
	}
	broken := map[string]string{
		"08006": "the connection to the database broke", "25006": "accepts no changes", "42501": "lacks a privilege",
		"42P01": "run the command migrate", "53100": "the disk of the database is full", "53200": "out of memory",
		"53300": "raise max_connections", "55P03": "a lock", "57014": "took too long", "57P01": "shut down or restarted",
		"57P03": "starting up", "58030": "read or write its files", "XX001": "damaged",
	}
	r := newRig(t)
	if _, err := r.bun.Exec(refusesAda); err != nil {
		t.Fatal(err)
	}
	empty := func() {
		if _, err := r.bun.Exec("DELETE FROM conversations"); err != nil {
			t.Fatal(err)
		}
	}
	for code, words := range refused {
		r.file(t, "three.jsonl", three(code))
		got := r.take(t)
		if got.err != nil || got.Added != 2 || got.Refused != 1 || len(got.refused) != 1 ||
			!strings.HasPrefix(got.refused[0], "three.jsonl:2: it could not be stored: ") ||
			!strings.Contains(got.refused[0], words) || !strings.Contains(got.refused[0], code) {
			t.Errorf("%s: %+v", code, got)
		}
		if strings.Contains(got.said(), "420777123456") || r.count(t, "conversations") != 2 {
			t.Errorf("%s: %s", code, got.said())
		}
		empty()
	}
	for code, words := range broken {
		r.file(t, "three.jsonl", three(code))
		got := r.take(t)
		if got.err == nil || got.Taken() != r.count(t, "conversations") || !strings.Contains(got.err.Error(), words) ||
			!strings.Contains(got.err.Error(), code) || strings.Contains(got.said(), "420777123456") {
			t.Errorf("%s: %+v, %s", code, got.Totals, got.said())
		}
		empty()
	}
	r.clean(t)
}

// Over HTTP the same holds: 200 with the refusal, or 503 with words for the operator in the log.
func TestRefusalsOverHTTP(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]struct {
		status      int
		answer, log string
	}{
		"54000": {200, `"added":2`, ""},
		"P0001": {200, `"source":"body:2"`, ""},
		"53100": {503, `"UNAVAILABLE"`, "the disk of the database is full; free some space, table"},
		"25006": {503, `"UNAVAILABLE"`, "it is a standby"},
		"42501": {500, `"INTERNAL"`, "lacks a privilege"},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			if _, err := r.bun.Exec(strings.ReplaceAll(refusesAda, "USING ERRCODE",
				"USING TABLE = 'participants', ERRCODE")); err != nil {
				t.Fatal(err)
			}
			status, answer, log := r.post(t, three(code))
			if status != want.status || !strings.Contains(answer, want.answer) || !strings.Contains(log, want.log) ||
				strings.Contains(answer+log, "420777123456") {
				t.Errorf("%d %s\n%s", status, answer, log)
			}
		})
	}
}

// post sends a body to POST /import, and returns what is answered and what is logged.
func (r *rig) post(t *testing.T, body string) (status int, answer, log string) {
	t.Helper()
	var logged strings.Builder
	config := r.config
	config.Beside = false
	handler := importing.Handler(importing.Options{
		Config: config, Logger: slog.New(slog.NewTextHandler(&logged, nil)), MaxBytes: 1 << 20,
	})
	request := httptest.NewRequest(http.MethodPost, "/import", strings.NewReader(body))
	request = request.WithContext(auth.NewContext(request.Context(), &auth.Viewer{Subject: "importer"}))
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	text, err := io.ReadAll(recorder.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return recorder.Code, string(text), logged.String()
}

// What indexes find conversations by is bounded, so that the refusal names the party and what to do.
func TestPrincipalsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("abcdefghij", 103)
	for name, test := range map[string]struct{ agent, want string }{
		"a user id": {`"meta": {"user_id": "` + long + `"}`,
			"parties[1]: has a user id of 1030 bytes; at most 1024 are taken"},
		"another user id": {`"id": "` + long + `"`, "parties[1]: has a user id of 1030 bytes; at most 1024 are taken"},
		"a group": {`"meta": {"groups": ["ok", "` + long + `"]}`,
			"parties[1]: has the name of a group of 1030 bytes; at most 1024 are taken"},
		"a team": {`"team": "` + long + `"`,
			"parties[1]: has the name of a group of 1030 bytes; at most 1024 are taken"},
		"letters of two": {`"team": "` + strings.Repeat("ř", 513) + `"`,
			"parties[1]: has the name of a group of 1026 bytes; at most 1024 are taken"},
		"as long as may be":   {`"meta": {"user_id": "` + long[:1024] + `", "group": "` + long[:1024] + `"}`, ""},
		"a name, not indexed": {`"name": "` + long + `"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			parties := `"parties": [` + ada + `, {"role": "agent", ` + test.agent + `}]`
			r.file(t, "a.json", `{`+header+`, `+parties+`, "dialog": [`+hello+`]}`)
			got := r.take(t)
			if reason := strings.TrimPrefix(strings.Join(got.refused, " "), "a.json: "); got.err != nil || reason != test.want {
				t.Errorf("%q, want %q, %v", reason, test.want, got.err)
			}
		})
	}
}

// What is counted is in the database and safe on its disk, whenever the import ends.
func TestOnlyWhatIsSafeIsCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.bun.Exec(strings.ReplaceAll(refusesAda, "NEW.name LIKE 'Ada %'",
		"NEW.name LIKE 'Ada %' OR current_setting('synchronous_commit') = 'off'")); err != nil {
		t.Fatal(err)
	}
	var documents []string
	for n := range 420 {
		documents = append(documents, strings.ReplaceAll(call(n+1, `"url": "https://media.example/a.wav"`), "\n", ""))
	}
	r.file(t, "many.jsonl", strings.Join(documents, "\n"))
	actor := audit.CommandActor("import")
	items := importing.Walk(t.Context(), []string{r.inbox}, importing.ReadOptions{})
	taken := 0
	totals, err := importing.Run(t.Context(), r.config, actor, func(yield func(importing.Item) bool) {
		for item := range items {
			if taken++; taken == 410 { // amid the third batch the way to the database is cut
				_ = r.bun.Close()
			}
			if !yield(item) {
				return
			}
		}
	}, importing.Observer{})
	again := connect(t, r.databaseURL)
	stored, countErr := again.NewSelect().Table("conversations").Count(t.Context())
	if err == nil || countErr != nil || totals.Taken() != 400 || stored != 400 {
		t.Errorf("%d are counted, %d are stored: %v, %v", totals.Taken(), stored, err, countErr)
	}
}

// An import of many batches, of which some documents are refused, is one operation of the audit log with true
// totals, and importing the same again is none.
func TestAnImportIsOneOperation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var lines strings.Builder
	for i := range 300 {
		lines.WriteString(strings.Replace(document(hello), "dd37220d739c", fmt.Sprintf("%012d", i), 1) + "\n")
	}
	lines.WriteString("{}\n")
	r.file(t, "many.ndjson", lines.String())
	for again := range 2 {
		if a := r.take(t); a.err != nil || a.Refused != 1 || a.Taken() != 300 {
			t.Fatal(a.said())
		}
		var totals []string
		const query = "SELECT name || ' ' || sum(count) FROM audit_totals GROUP BY name, operation_id ORDER BY name"
		if err := r.bun.NewRaw(query).Scan(t.Context(), &totals); err != nil {
			t.Fatal(err)
		}
		want := []string{"CONVERSATIONS_IMPORTED 300", "DOCUMENTS_REFUSED 1", "EVENTS 300", "VCONS_ADDED 300"}
		if diff := cmp.Diff(want, totals); diff != "" {
			t.Errorf("import %d (-want +got):\n%s", again, diff)
		}
		if got := r.count(t, "audit_operations"); got != 1 {
			t.Errorf("import %d: %d operations", again, got)
		}
	}
}
