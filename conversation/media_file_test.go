package conversation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

var (
	now     = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	earlier = now.Add(-time.Hour)
	later   = now.Add(time.Hour)
)

// standing is a file in one of its states, with what its conversation was anonymized with.
type standing struct {
	file conversation.MediaFile
	done *compliance.Selection
}

// standings has each state, in the order of the table below. A protected file is there twice: whether it will
// be owed decides what releasing it does.
func standings() map[string]standing {
	mediaOn := &compliance.Selection{MediaFiles: true}
	file := func(status compliance.MediaStatus, change func(*conversation.MediaFile)) conversation.MediaFile {
		f := conversation.MediaFile{ID: 1, ConversationID: 2, SegmentID: 3, Kind: compliance.MediaCall, Status: status}
		if status != compliance.MediaDeleted && status != compliance.MediaMissing {
			f.StoreKey, f.SourceURL = "key", "https://media.example/1"
		}
		change(&f)
		return f
	}
	protect := func(until *time.Time) func(*conversation.MediaFile) {
		return func(f *conversation.MediaFile) {
			f.Protected, f.ProtectedUntil, f.ProtectionReason = true, until, compliance.ReasonLegalClaim
		}
	}
	return map[string]standing{
		"available": {file(compliance.MediaAvailable, func(*conversation.MediaFile) {}), nil},
		"planned": {
			file(compliance.MediaPlanned, func(f *conversation.MediaFile) { f.PlannedAt = &earlier }),
			mediaOn,
		},
		"being deleted": {
			file(compliance.MediaPlanned, func(f *conversation.MediaFile) { f.PlannedAt, f.DeletingAt = &earlier, &earlier }),
			mediaOn,
		},
		"protected":        {file(compliance.MediaAvailable, protect(nil)), nil},
		"protected, later": {file(compliance.MediaAvailable, protect(&later)), mediaOn},
		"protection ended": {
			file(compliance.MediaAvailable, protect(&earlier)),
			&compliance.Selection{SubjectAndBody: true},
		},
		"owed": {file(compliance.MediaAvailable, protect(&earlier)), mediaOn},
		"deleted": {
			file(compliance.MediaDeleted, func(f *conversation.MediaFile) { f.PlannedAt = &earlier }),
			mediaOn,
		},
		"missing": {file(compliance.MediaMissing, func(*conversation.MediaFile) {}), mediaOn},
	}
}

// operations are what can happen to a file.
func operations() map[string]func(s standing) conversation.MediaChange {
	return map[string]func(s standing) conversation.MediaChange{
		"protect": func(s standing) conversation.MediaChange {
			return s.file.Protect(conversation.Protection{Reason: compliance.ReasonMiFID})
		},
		"release": func(s standing) conversation.MediaChange { return s.file.Release(s.done, now) },
		"expire":  func(s standing) conversation.MediaChange { return s.file.Expire(s.done, now) },
		"anonymize, media on": func(s standing) conversation.MediaChange {
			return s.file.Anonymize(compliance.Selection{MediaFiles: true}, now)
		},
		"anonymize, media off": func(s standing) conversation.MediaChange {
			return s.file.Anonymize(compliance.Selection{SubjectAndBody: true}, now)
		},
		"begin deletion":     func(s standing) conversation.MediaChange { return s.file.BeginDeletion(now) },
		"fail, intact":       func(s standing) conversation.MediaChange { return s.file.FailDeletion("disk", true) },
		"fail, perhaps gone": func(s standing) conversation.MediaChange { return s.file.FailDeletion("disk", false) },
		"delete":             func(s standing) conversation.MediaChange { return s.file.Delete() },
	}
}

// life is the life of a media file (design, section 4): what each operation makes of a file in each state.
// "=" leaves it as it is; DELETE and KEEP are what the Interaction service is asked for; a code is why the
// operation is refused.
const life = `
state            | protect        | release        | expire         | anonymize, media on | anonymize, media off
available        | protected      | INVALID        | =              | planned DELETE      | =
planned          | protected KEEP | INVALID        | =              | =                   | =
being deleted    | CONFLICT       | INVALID        | =              | =                   | =
protected        | protected      | available      | =              | =                   | =
protected, later | protected      | planned DELETE | =              | =                   | =
protection ended | protected      | available      | available      | =                   | =
owed             | protected      | planned DELETE | planned DELETE | =                   | =
deleted          | INVALID        | INVALID        | =              | =                   | =
missing          | INVALID        | INVALID        | =              | =                   | =
`

// deletion is the same for what the Delete tool does.
const deletion = `
state            | begin deletion | fail, intact | fail, perhaps gone | delete
available        | CONFLICT       | CONFLICT     | CONFLICT           | CONFLICT
planned          | being deleted  | planned      | planned            | deleted
being deleted    | =              | planned      | being deleted      | deleted
protected        | CONFLICT       | CONFLICT     | CONFLICT           | CONFLICT
protected, later | CONFLICT       | CONFLICT     | CONFLICT           | CONFLICT
protection ended | CONFLICT       | CONFLICT     | CONFLICT           | CONFLICT
owed             | CONFLICT       | CONFLICT     | CONFLICT           | CONFLICT
deleted          | CONFLICT       | CONFLICT     | CONFLICT           | CONFLICT
missing          | CONFLICT       | CONFLICT     | CONFLICT           | CONFLICT
`

func TestLifeOfAMediaFile(t *testing.T) {
	t.Parallel()
	tested := 0
	for _, table := range []string{life, deletion} {
		names, rows := readTable(table)
		if tested += len(names); len(rows) != len(standings()) {
			t.Fatalf("the table has %d states", len(rows))
		}
		for _, row := range rows {
			for i, operation := range names {
				before := standings()[row.name]
				change := operations()[operation](before)
				if got := describe(change, before.done); got != row.cells[i] {
					t.Errorf("%s, %s: %s, want %s", row.name, operation, got, row.cells[i])
				}
				if diff := cmp.Diff(standings()[row.name].file, before.file); diff != "" {
					t.Errorf("%s changed the %s file that it was given:\n%s", operation, row.name, diff)
				}
				checkFile(t, row.name+", "+operation, change)
			}
		}
	}
	if tested != len(operations()) {
		t.Errorf("the tables have %d of %d operations", tested, len(operations()))
	}
}

func describe(change conversation.MediaChange, done *compliance.Selection) string {
	switch {
	case change.Refused != nil:
		return string(change.Refused.Code)
	case !change.Changed:
		return "="
	}
	text := string(change.After.State(done, now))
	if change.Planned() {
		text += " DELETE"
	}
	if change.Kept() {
		text += " KEEP"
	}
	return text
}

// checkFile holds what is so of every file, whatever happened to it.
func checkFile(t *testing.T, name string, change conversation.MediaChange) {
	t.Helper()
	f := change.After
	for rule, broken := range map[string]bool{
		"a planned file is not protected":            f.Status == compliance.MediaPlanned && f.Protected,
		"only a planned file is being deleted":       f.Status != compliance.MediaPlanned && f.DeletingAt != nil,
		"a file is planned since some time":          f.Status == compliance.MediaPlanned && f.PlannedAt == nil,
		"an available file is planned since no time": f.Status == compliance.MediaAvailable && f.PlannedAt != nil,
		"a deleted file lies nowhere":                f.Status == compliance.MediaDeleted && f.StoreKey+f.SourceURL != "",
		"a deleted file is not protected":            f.Status == compliance.MediaDeleted && f.Protected,
		"a missing file is not protected":            f.Status == compliance.MediaMissing && f.Protected,
		"an unprotected file has no reason, no end":  !f.Protected && (f.ProtectionReason != "" || f.ProtectedUntil != nil),
		"an unprotected file has no note":            !f.Protected && f.ProtectionNote != "",
		"a protected file has a reason":              f.Protected && f.ProtectionReason == "",
		"what is not changed stays":                  !change.Changed && !cmp.Equal(*change.Before, *f),
		"what is changed differs":                    change.Changed && cmp.Equal(*change.Before, *f),
		"only a protection expires":                  change.Expired && !change.Released(),
	} {
		if broken {
			t.Errorf("%s: %s, yet %+v", name, rule, *f)
		}
	}
}

// Each state is told from the others, and a protected file is owed once its date has come and not before.
func TestStateOfAMediaFile(t *testing.T) {
	t.Parallel()
	for name, s := range standings() {
		want := strings.TrimSuffix(name, ", later")
		if got := s.file.State(s.done, now); string(got) != want {
			t.Errorf("%s is %s", name, got)
		}
	}
	dated := standings()["protected, later"]
	for at, want := range map[time.Time]conversation.FileState{
		later.Add(-time.Microsecond): conversation.FileProtected, later: conversation.FileOwed,
	} {
		if got := dated.file.State(dated.done, at); got != want {
			t.Errorf("at %s it is %s, want %s", at, got, want)
		}
	}
}

// A protection is changed by another one, and left alone by the same.
func TestProtectingAgain(t *testing.T) {
	t.Parallel()
	until, same := later, later.In(time.FixedZone("", 3600))
	file := conversation.MediaFile{
		Status: compliance.MediaAvailable, Protected: true, ProtectedUntil: &until,
		ProtectionReason: compliance.ReasonMiFID, ProtectionNote: "case 7",
	}
	for name, row := range map[string]struct {
		protection conversation.Protection
		changed    bool
	}{
		"the same":       {conversation.Protection{Reason: compliance.ReasonMiFID, Note: "case 7", Until: &same}, false},
		"another reason": {conversation.Protection{Reason: compliance.ReasonOther, Note: "case 7", Until: &until}, true},
		"another note":   {conversation.Protection{Reason: compliance.ReasonMiFID, Note: "case 8", Until: &until}, true},
		"no note":        {conversation.Protection{Reason: compliance.ReasonMiFID, Until: &until}, true},
		"without an end": {conversation.Protection{Reason: compliance.ReasonMiFID, Note: "case 7"}, true},
	} {
		change := file.Protect(row.protection)
		if change.Changed != row.changed || change.Protected() != row.changed {
			t.Errorf("%s: changed %v", name, change.Changed)
		}
		after := conversation.Protection{
			Reason: change.After.ProtectionReason, Note: change.After.ProtectionNote, Until: change.After.ProtectedUntil,
		}
		if diff := cmp.Diff(row.protection, after); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What becomes of the note of a protected file, whatever happens to the file.
const notes = `
state            | protect | release | expire | anonymize, media on | anonymize, media off
protected        | erased  | erased  | stays  | erased              | erased
protected, later | erased  | erased  | stays  | erased              | erased
protection ended | erased  | erased  | erased | erased              | erased
owed             | erased  | erased  | erased | erased              | erased
`

// notesAtDeletion is the same for what the Delete tool tries in vain.
const notesAtDeletion = `
state            | begin deletion | fail, intact | fail, perhaps gone | delete
protected        | stays          | stays        | stays              | stays
protected, later | stays          | stays        | stays              | stays
protection ended | stays          | stays        | stays              | stays
owed             | stays          | stays        | stays              | stays
`

func TestNotesOfProtections(t *testing.T) {
	t.Parallel()
	tested := 0
	for _, table := range []string{notes, notesAtDeletion} {
		names, rows := readTable(table)
		tested += len(names)
		for _, row := range rows {
			for i, operation := range names {
				before := standings()[row.name]
				before.file.ProtectionNote = "case 7"
				change := operations()[operation](before)
				checkFile(t, row.name+", "+operation, change)
				got := "stays"
				if change.After.ProtectionNote == "" {
					got = "erased"
				}
				if got != row.cells[i] {
					t.Errorf("%s, %s: the note %s, want %s", row.name, operation, got, row.cells[i])
				}
				if byHand := operation == "protect"; change.Protected() != byHand {
					t.Errorf("%s, %s: somebody protected it: %v", row.name, operation, change.Protected())
				}
			}
		}
	}
	if tested != len(operations()) {
		t.Errorf("the tables have %d of %d operations", tested, len(operations()))
	}
}

func TestCheckingAProtection(t *testing.T) {
	t.Parallel()
	const mifid = compliance.ReasonMiFID
	far := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		protection conversation.Protection
		fields     string
	}{
		"right":               {conversation.Protection{Reason: mifid, Note: " case 7 \n", Until: &later}, ""},
		"without an end":      {conversation.Protection{Reason: mifid, Note: strings.Repeat("ř", 500)}, ""},
		"no note":             {conversation.Protection{Reason: mifid, Note: " "}, ""},
		"no reason":           {conversation.Protection{Note: "case 7"}, "reason"},
		"no such reason":      {conversation.Protection{Reason: "mifid"}, "reason"},
		"a note too long":     {conversation.Protection{Reason: mifid, Note: strings.Repeat("ř", 501)}, "note"},
		"NUL":                 {conversation.Protection{Reason: mifid, Note: "a\x00"}, "note"},
		"over already":        {conversation.Protection{Reason: compliance.ReasonMiFID, Until: &now}, "until"},
		"beyond every client": {conversation.Protection{Reason: compliance.ReasonMiFID, Until: &far}, "until"},
		"both":                {conversation.Protection{Until: &earlier}, "reason until"},
	} {
		checked, err := row.protection.Checked(now)
		var fields []string
		for _, wrong := range compliance.UserErrors(err) {
			fields = append(fields, wrong.Field...)
		}
		if got := strings.Join(fields, " "); got != row.fields {
			t.Errorf("%s: wrong is %q, want %q", name, got, row.fields)
		}
		if checked.Reason != row.protection.Reason || checked.Note != strings.TrimSpace(row.protection.Note) {
			t.Errorf("%s: %+v", name, checked)
		}
	}
}

// tableRow is a row of a table in a test.
type tableRow struct {
	name  string
	cells []string
}

// readTable reads a table whose columns are separated by bars: the names of the columns, and the rows.
func readTable(text string) (columns []string, rows []tableRow) {
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		var cells []string
		for _, cell := range strings.Split(line, "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		if columns == nil {
			columns = cells[1:]
			continue
		}
		if len(cells) != len(columns)+1 {
			panic(fmt.Sprint("a row of ", len(cells), " cells: ", line))
		}
		rows = append(rows, tableRow{cells[0], cells[1:]})
	}
	return columns, rows
}
