package importing_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/db"
)

const secretName = "Ada_Berg_+420777123456.wav"

// A recording that does not fit its hash refuses its vCon, wherever it lies; a good one of the same import
// comes in, and nothing is left of the other.
func TestWrongHashRefuses(t *testing.T) {
	t.Parallel()
	const misfit = ".content_hash: does not match the recording (sha512): the recording was damaged or replaced; get it" +
		" again"
	for name, recording := range map[string]string{
		"inline":                inline("sound", hashed("other")),
		"inline, older form":    inline("sound", signed("other")),
		"inline, one of two":    inline("sound", `"content_hash": ["`+hashOf("sound")+`", "`+hashOf("other")+`"]`),
		"beside":                named(secretName) + `, ` + hashed("other"),
		"beside, older form":    named(secretName) + `, ` + signed("other"),
		"beside, relative url":  at(secretName) + `, ` + hashed("other"),
		"beside, end of an url": at("https://nowhere.example/x/"+secretName) + `, ` + hashed("other"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.file(t, secretName, "sound")
			r.file(t, "bad.json", call(1, recording))
			if got := r.take(t); got.err != nil ||
				!slices.Equal(got.refused, []string{"bad.json: dialog[0]" + misfit}) || got.Refused != 1 {
				t.Errorf("%+v", got)
			}
			r.wantNothing(t)
			r.file(t, "good.json", call(2, inline("sound", hashed("sound"))))
			if got := r.take(t); got.Added != 1 || got.Refused != 1 || !slices.Equal(r.stored(t), []string{"sound"}) {
				t.Errorf("beside a good one: %+v", got)
			}
		})
	}
}

func TestBodyThatIsNoBase64Refuses(t *testing.T) {
	t.Parallel()
	for body, reason := range map[string]string{
		`"%%%"`: "is not base64url, as its encoding says", `"abcde"`: "is not base64url, as its encoding says",
		`"čau"`: "is not base64url, as its encoding says",
		`17`:    "is a number; a recording in base64url is needed",
		`["x"]`: "is a list; a recording in base64url is needed",
	} {
		r := newRig(t)
		r.file(t, "bad.json", call(1, `"encoding": "base64url", "body": `+body))
		if got := r.take(t); got.err != nil ||
			!slices.Equal(got.refused, []string{"bad.json: dialog[0].body: " + reason}) {
			t.Errorf("%s: %+v", body, got)
		}
		r.wantNothing(t)
	}
}

// The name that a recording had is nowhere: not in a table, not in the store, not in what is said of a
// refusal.
func TestFileNamesAreDropped(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.file(t, secretName, "sound")
	r.file(t, "beside.json", call(1, named(secretName)))
	r.file(t, "link.json", call(2, at("https://media.example/recordings/"+secretName+"?key=Ada_Berg")))
	r.file(t, "inline.json", call(3, inline("other sound", named(secretName))))
	r.file(t, "missing.json", call(4, named("Ada_Berg_missing.wav")))
	r.file(t, "refused.json", call(5, named(secretName)+`, `+hashed("other")))
	got := r.take(t)
	if got.err != nil || got.Added != 4 || got.Refused != 1 {
		t.Fatal(got.said())
	}
	stored := r.stored(t)
	if slices.Sort(stored); !slices.Equal(stored, []string{"other sound", "sound", "sound"}) {
		t.Errorf("stored: %q", stored)
	}
	for where, text := range map[string]string{"the database": r.everything(t), "the messages": got.said(),
		"the store": r.names(t)} {
		if strings.Contains(text, "Ada_Berg") || strings.Contains(text, "420777123456.wav") {
			t.Errorf("%s has the name of the file: %s", where, text)
		}
	}
}

// names are the paths of everything in the folder of the store.
func (r *rig) names(t *testing.T) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(r.mediaDir, func(path string, _ os.DirEntry, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

// Importing again brings no second copy, whatever of the same recording lies where; and what was deleted
// stays away.
func TestReimportStoresNothingTwice(t *testing.T) {
	t.Parallel()
	for name, recording := range map[string]string{
		"inline": inline("sound"), "inline with its hash": inline("sound", hashed("sound")),
		"beside": named("a.wav"), "beside with its hash": named("a.wav") + `, ` + hashed("sound"),
		"beside, with a url": at("https://media.example/a.wav"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.file(t, "a.wav", "sound")
			r.file(t, "call.json", call(1, recording))
			r.takeWell(t)
			before := r.onlyMedia(t)
			for range 2 {
				if got := r.takeWell(t); got.Unchanged != 1 || r.onlyMedia(t) != before || len(r.stored(t)) != 1 ||
					r.count(t, "loose_media") != 0 {
					t.Fatalf("%+v, %q, %+v", got, r.stored(t), r.media(t))
				}
			}
			r.deleteAll(t)
			for range 2 {
				if got := r.takeWell(t); got.Unchanged != 1 || r.onlyMedia(t).Status != string(compliance.MediaDeleted) {
					t.Fatalf("after deletion: %+v, %+v", got, r.media(t))
				}
				if summary := r.clean(t); len(r.stored(t)) > 0 || r.count(t, "loose_media") != 0 {
					t.Fatalf("after deletion: %+v, %q", summary, r.stored(t))
				}
			}
		})
	}
}

// deleteAll anonymizes everything with media files on, and lets the Delete tool do its work.
func (r *rig) deleteAll(t *testing.T) {
	t.Helper()
	r.anonymizeMedia(t)
	r.clean(t)
	if rows := r.media(t); len(r.stored(t)) > 0 || rows[0].Status != string(compliance.MediaDeleted) {
		t.Fatalf("not deleted: %+v", rows)
	}
}

// anonymizeMedia anonymizes everything with media files on.
func (r *rig) anonymizeMedia(t *testing.T) {
	t.Helper()
	actor := audit.CommandActor("test")
	wanted := &db.Wanted{Basic: map[compliance.BasicItem]bool{compliance.MediaFiles: true}}
	if _, err := r.config.Store.SaveSettings(t.Context(), audit.Begin(actor, audit.FieldConfigUpdate),
		db.Save{BaseVersion: 1, Wanted: wanted}); err != nil {
		t.Fatal(err)
	}
	var ids []int64
	if err := r.bun.NewRaw("SELECT id FROM conversations").Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	if _, err := r.config.Store.Anonymize(t.Context(), audit.Begin(actor, audit.InteractionAnonymize), db.Everything(), ids); err != nil {
		t.Fatal(err)
	}
}
