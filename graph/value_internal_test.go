package graph

import (
	"bytes"
	"cmp"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"qm-compliance/compliance"
	"qm-compliance/db"
)

// checkRefusal checks that a value is refused as the caller's fault, in a few words.
func checkRefusal(t *testing.T, value string, err error) {
	t.Helper()
	if len(compliance.UserErrors(err)) == 0 || len(err.Error()) > 1_000 {
		t.Errorf("%q is refused with %.200v", value, err)
	}
}

// A variable is what its type says, in every place: no text is taken for a number, no number for a text.
func TestScalarsInVariables(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `scalar Place type Query {
		q(int: Int, float: Float, text: String, id: ID, yes: Boolean, place: Place, ints: [Int!], in: In): Int }
		input In { int: Int, ints: [[Int]], text: String, in: In }`})
	document, err := parser.ParseQuery(&ast.Source{Input: `query($int: Int, $float: Float, $text: String, $id: ID,
		$yes: Boolean, $place: Place, $ints: [Int!], $in: In) { q }`})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ given, want, refused string }{
		{`{"int": 5}`, `{"int": 5}`, ""}, {`{"int": -5}`, `{"int": -5}`, ""}, {`{"int": null}`, `{"int": null}`, ""},
		{`{"int": 1.0}`, `{"int": 1}`, ""}, {`{"int": 1e2}`, `{"int": 100}`, ""}, {`{"int": 2147483647}`, `{"int": 2147483647}`, ""},
		{`{"int": 2147483648}`, "", "$int"}, {`{"int": 1.5}`, "", "$int"}, {`{"int": 1e400}`, "", "$int"}, {`{"int": "5"}`, "", "$int"},
		{`{"int": true}`, "", "$int"}, {`{"int": {}}`, "", "$int"}, {`{"int": [1]}`, "", "$int"},
		{`{"float": 1.5}`, `{"float": 1.5}`, ""}, {`{"float": 1}`, `{"float": 1}`, ""}, {`{"float": "1"}`, "", "$float"},
		{`{"text": "a"}`, `{"text": "a"}`, ""}, {`{"text": 5}`, "", "$text"}, {`{"text": true}`, "", "$text"}, {`{"text": {}}`, "", "$text"},
		{`{"id": "a"}`, `{"id": "a"}`, ""}, {`{"id": 5}`, `{"id": 5}`, ""}, {`{"id": 5.5}`, "", "$id"}, {`{"id": false}`, "", "$id"},
		{`{"yes": true}`, `{"yes": true}`, ""}, {`{"yes": 1}`, "", "$yes"}, {`{"yes": "true"}`, "", "$yes"},
		{`{"place": "a"}`, `{"place": "a"}`, ""}, {`{"place": 5}`, `{"place": 5}`, ""}, // its own
		{`{"ints": [1, 2.0]}`, `{"ints": [1, 2]}`, ""}, {`{"ints": 1.0}`, `{"ints": 1}`, ""}, {`{"ints": [1, "2"]}`, "", "$ints[1]"},
		{`{"in": {"int": 3.0, "in": {"text": "a"}}}`, `{"in": {"int": 3, "in": {"text": "a"}}}`, ""},
		{`{"in": {"in": {"text": 5}}}`, "", "$in.in.text"}, {`{"in": {"ints": [[1], [null, "x"]]}}`, "", "$in.ints[1][1]"},
		{`{"in": {"nope": 5}}`, "", "$in"}, {`{"in": {"` + strings.Repeat("k ", 10_000) + `": 5}}`, "", "$in"},
		{`{"nope": 5}`, `{"nope": 5}`, ""}, {`{"in": 5}`, `{"in": 5}`, ""}, // for the executor
	} {
		given, want := readVariables(t, row.given), readVariables(t, cmp.Or(row.want, `{}`))
		refused := checkScalars(schema, document.Operations[0], given)
		switch {
		case row.refused == "" && refused != nil:
			t.Errorf("%s is refused: %s", row.given, refused.Message)
		case row.refused == "" && !reflect.DeepEqual(given, want):
			t.Errorf("%s becomes %v", row.given, given)
		case row.refused != "" && (refused == nil || ownCode(refused) != codeInvalid || !strings.Contains(refused.Message, "variable "+row.refused+" h") || len(refused.Message) > 500):
			t.Errorf("%s: %v", row.given, refused)
		}
	}
}

func readVariables(t *testing.T, text string) (variables map[string]any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&variables); err != nil {
		t.Fatal(err)
	}
	return variables
}

// FuzzCursors looks for cursors that are accepted and that the server does not write.
func FuzzCursors(f *testing.F) {
	order := db.Order{}
	for _, seed := range []string{
		"", "x", auditCursors.cursor(db.Key{Sort: 1, ID: 2}), conversationCursors(order).cursor(db.Key{Sort: -1 << 63, ID: 1<<63 - 1}),
		"MSBhdWRpdCAxIDIg", "MSBhdWRpdCArMSAy", strings.Repeat("A", 10_000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, list := range []cursorList{auditCursors, conversationCursors(order)} {
			key, err := list.key(text, "after")
			if err != nil {
				checkRefusal(t, text, err)
			} else if list.cursor(*key) != text {
				t.Errorf("%q is a cursor of %s, which would be %q", text, list, list.cursor(*key))
			}
		}
	})
}

// FuzzIDs looks for ids that are accepted and that the server does not write.
func FuzzIDs(f *testing.F) {
	for _, seed := range []string{
		"", "x", GlobalID(kindConversation, 1), GlobalID(kindAuditEvent, 1<<63-1), "Q29udmVyc2F0aW9uOjAx", "OjE", strings.Repeat("A", 10_000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := parseID(text)
		if err != nil {
			checkRefusal(t, text, err)
		} else if id.String() != text || id.Number < 1 {
			t.Errorf("%q is the id %v", text, id)
		}
		if number, err := parseIDOf(kindConversation, text, "input", "0"); err != nil {
			checkRefusal(t, text, err)
		} else if GlobalID(kindConversation, number) != text {
			t.Errorf("%q is the conversation %d", text, number)
		}
	})
}

// FuzzScalars looks for times that are accepted and cannot be written again, and for hidden characters in what a
// person writes.
func FuzzScalars(f *testing.F) {
	for _, seed := range []string{
		"", "x", "2026-03-01T09:30:00Z", "9999-12-31T23:59:59.999999999+14:00", "0000-01-01T00:00:00-14:00", "2026-02-30T00:00:00Z",
		"\x00", "\xff", "\u202e", "\x1b[31m", "a\nb", strings.Repeat("9", 10_000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if at, err := UnmarshalDateTime(text); err != nil {
			checkRefusal(t, text, err)
		} else {
			var written bytes.Buffer
			MarshalDateTime(at).MarshalGQL(&written)
			again, err := UnmarshalDateTime(strings.Trim(written.String(), `"`))
			if err != nil || !again.Equal(at) {
				t.Errorf("%q is written as %s, which is %v, %v", text, &written, again, err)
			}
		}
		if err := plainText(text, "reason"); err != nil {
			checkRefusal(t, text, err)
		} else if strings.ContainsAny(text, "\x1b\x07\x7f\u0085\u200b\u2028\u2029\u202e\u2066\ufeff") {
			t.Errorf("%q is taken for a plain text", text)
		}
	})
}
