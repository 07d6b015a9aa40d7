package importing_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"qm-compliance/compliance"
)

// field is a folder of inputs that lies beside the repository where it is at all.
func field(t *testing.T, name string) string {
	t.Helper()
	for _, up := range []string{"../../shared/field", "../../../shared/field"} {
		if dir := filepath.Join(up, name); isFolder(dir) {
			return dir
		}
	}
	t.Skip("the inputs of the field are not here")
	return ""
}

func isFolder(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}

// What the field sends comes in, or is refused with its file and the reason.
func TestField(t *testing.T) {
	t.Parallel()
	t.Run("02", func(t *testing.T) {
		t.Parallel()
		got := newRig(t).takeItems(t.Context(), field(t, "02-long-group-aborts-import"))
		if got.err != nil || got.Added != 2 || len(got.refused) != 2 || // the README is no vCon
			!slices.ContainsFunc(got.refused, func(reason string) bool {
				return strings.HasPrefix(reason, "10e-long-userid.json: parties[1]: has ")
			}) {
			t.Error(got.said())
		}
	})
	t.Run("11", func(t *testing.T) {
		t.Parallel()
		r, dir := newRig(t), field(t, "11-export-additions-dropped")
		first := r.takeItems(t.Context(), filepath.Join(dir, "a8-analysis-null-dialog.json"))
		second := r.takeItems(t.Context(), filepath.Join(dir, "ex2.json"))
		if first.Added != 1 || second.Unchanged != 0 || second.Refused != 1 ||
			!strings.HasPrefix(second.refused[0], "ex2.json: dialog[1]: is not of this system's export") {
			t.Error(first.said(), second.said())
		}
	})
	t.Run("23", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		got := r.takeItems(t.Context(),
			filepath.Join(field(t, "23-recording-without-content"), "a13-recording-empty-body.json"))
		if got.Added != 1 || got.Missing != 1 || r.onlyMedia(t).Status != string(compliance.MediaMissing) {
			t.Error(got.said(), r.media(t))
		}
	})
	t.Run("27", func(t *testing.T) {
		t.Parallel()
		r, dir := newRig(t), field(t, "27-recording-beside-missing")
		for _, name := range []string{"case.json", "missing.json", "nfd.json"} {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			r.file(t, name, string(content))
		}
		r.file(t, "UP.WAV", "upper")
		r.file(t, norm.NFD.String("žluť.wav"), "yellow")
		got := r.takeWell(t)
		stored := r.stored(t)
		if slices.Sort(stored); got.Added != 3 || got.Missing != 1 || !slices.Equal(stored, []string{"upper", "yellow"}) ||
			!strings.HasPrefix(strings.Join(got.missing, " "), "missing.json: dialog[0]: the recording is missing") {
			t.Errorf("%s\n%q", got.said(), stored)
		}
	})
}

// A recording is found whatever the case of its letters and the form of Unicode, at any depth, and never another
// one.
func TestRecordingsInOtherLetters(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files        []string
		recording    string
		want, reason string
	}{
		"lower for upper": {[]string{"CALL.WAV"}, named("call.wav"), "CALL.WAV", ""},
		"upper for lower": {[]string{"call.wav"}, at("CALL.WAV"), "call.wav", ""},
		"NFC for NFD": {[]string{norm.NFD.String("hovor-řeč.wav")}, named(norm.NFC.String("hovor-řeč.wav")),
			norm.NFD.String("hovor-řeč.wav"), ""},
		"NFD for NFC": {[]string{norm.NFC.String("hovor-řeč.wav")}, at(norm.NFD.String("hovor-řeč.wav")),
			norm.NFC.String("hovor-řeč.wav"), ""},
		"both": {[]string{norm.NFD.String("ŘEČ.WAV")}, named(norm.NFC.String("řeč.wav")),
			norm.NFD.String("ŘEČ.WAV"), ""},
		"escaped":            {[]string{"Řeč 1.wav"}, at("%C5%99e%C4%8D%201.wav"), "Řeč 1.wav", ""},
		"in a folder":        {[]string{"Media/Call.WAV"}, at("media/call.wav"), "Media/Call.WAV", ""},
		"the end of a url":   {[]string{"CALL.WAV"}, at("https://media.example/x/call.wav"), "CALL.WAV", ""},
		"its own name first": {[]string{"CALL.WAV", "call.wav"}, named("call.wav"), "call.wav", ""},
		"one of two": {[]string{"CALL.WAV", "Call.wav"}, named("call.wav"), "",
			"several files have this name, except for upper and lower case"},
		"another name":      {[]string{"call2.wav"}, named("call.wav"), "", "no file with this name was found beside the vCon"},
		"no name at all":    {[]string{"call.wav"}, at("https:"), "", "no file with this name was found beside the vCon"},
		"not a url":         {[]string{"call.wav"}, at("not-a-url"), "", "no file with this name was found beside the vCon"},
		"a url of a file":   {nil, at("file:///tmp/none.wav"), "", "no file with this name was found beside the vCon"},
		"an empty body":     {nil, `"encoding": "base64url", "body": ""`, "", "neither its content nor a url"},
		"a body of blanks":  {nil, `"encoding": "base64url", "body": " \n "`, "", "neither its content nor a url"},
		"a body of padding": {nil, `"encoding": "base64url", "body": "=="`, "", "neither its content nor a url"},
		"a body of null":    {nil, `"encoding": "base64url", "body": null`, "", "neither its content nor a url"},
		"an empty url":      {nil, at(""), "", "neither its content nor a url"},
		"an empty file":     {[]string{"empty.wav"}, named("empty.wav"), "", "the file beside the vCon is empty"},
		"nothing":           {nil, `"meta": {}`, "", "neither its content nor a url"},
		"a body beside a file": {[]string{"call.wav"}, named("call.wav") + `, "encoding": "base64url", "body": ""`,
			"call.wav", ""},
		"a url that leads away": {[]string{"other.wav"}, at("sftp://host.example/call.wav"), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			for _, file := range test.files {
				content := file
				if file == "empty.wav" {
					content = ""
				}
				r.file(t, file, content)
			}
			r.file(t, "call.json", call(1, test.recording))
			got := r.takeWell(t)
			status, missing := compliance.MediaAvailable, 0
			if test.reason != "" {
				status, missing = compliance.MediaMissing, 1
			}
			if file := r.onlyMedia(t); got.Missing != missing || file.Status != string(status) ||
				strings.Join(r.stored(t), "") != test.want {
				t.Errorf("%+v\n%+v, %q", got, file, r.stored(t))
			}
			if said := strings.Join(got.missing, " "); !strings.Contains(said, test.reason) || strings.Contains(said, ".wav") {
				t.Errorf("said: %s", said)
			}
			r.clean(t)
			if r.count(t, "loose_media") > 0 {
				t.Error("an upload is left")
			}
		})
	}
}

// A missing recording comes in with the next import that has it: under its name, in the vCon, or by a url. What
// was missing of an anonymized conversation is planned for deletion at once.
func TestMissingRecordingsComeLater(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]string{
		"beside": named("call.wav"), "beside, in other letters": named("CALL.wav"), "in the vCon": inline("sound"),
		"by a url": at("https://media.example/call.wav"),
	} {
		for _, anonymized := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, anonymized %v", name, anonymized), func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				r.file(t, "call.json", call(1, named("call.wav")))
				if got := r.takeWell(t); got.Missing != 1 || strings.Contains(r.everything(t), "call.wav") {
					t.Fatal(got.said(), r.everything(t))
				}
				if got := r.takeWell(t); got.Missing != 1 || got.Unchanged != 1 {
					t.Errorf("again: %+v", got)
				}
				want := compliance.MediaAvailable
				if want = compliance.MediaAvailable; anonymized {
					r.anonymizeMedia(t)
					if got := r.onlyMedia(t); got.Status != string(compliance.MediaMissing) {
						t.Errorf("anonymized: %+v", got)
					}
					want = compliance.MediaPlanned
				}
				r.file(t, "call.wav", "sound")
				r.file(t, "call.json", call(1, later))
				got := r.takeWell(t)
				if file := r.onlyMedia(t); got.Missing != 0 || got.Updated != 1 || file.Status != string(want) ||
					file.StoreKey+file.SourceURL == "" {
					t.Errorf("%+v\n%+v", got, file)
				}
				if err := os.Remove(filepath.Join(r.inbox, "call.wav")); err != nil {
					t.Fatal(err)
				}
				r.file(t, "call.json", call(1, named("call.wav")))
				if got := r.takeWell(t); got.Missing != 0 || r.onlyMedia(t).Status != string(want) {
					t.Errorf("what came in is called missing: %+v", got)
				}
			})
		}
	}
}
