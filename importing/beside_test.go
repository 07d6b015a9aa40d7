package importing_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"qm-compliance/compliance"
)

// A recording that is not beside its vCon, under whatever impossible name, is missing unless a url leads to it:
// the conversation comes in without its bytes.
func TestMissingBeside(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long", 100) + ".wav"
	for name, test := range map[string]struct{ recording, url string }{
		"missing": {named("missing.wav"), ""},
		"missing, with a url": {named("missing.wav") + `, ` + at("https://media.example/a.wav"),
			"https://media.example/a.wav"},
		"a folder":                  {named("folder.wav"), ""},
		"a name that is too long":   {named(long), ""},
		"a url that is too long":    {at("https://media.example/" + long), "https://media.example/" + long},
		"below a file":              {named("file.wav/x.wav"), ""},
		"a zero in its name":        {at("a%00.wav"), ""},
		"the vCon itself":           {named("call.json"), ""},
		"a pipe, which would block": {named("pipe.wav"), ""},
		"an empty name":             {named(""), ""},
		"the folder itself":         {named("."), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.file(t, "folder.wav/other.txt.wav", "sound")
			r.file(t, "file.wav", "sound")
			if err := syscall.Mkfifo(filepath.Join(r.inbox, "pipe.wav"), 0o644); err != nil {
				t.Fatal(err)
			}
			r.file(t, "call.json", call(1, test.recording))
			status, missing := compliance.MediaMissing, 1
			if test.url != "" {
				status, missing = compliance.MediaAvailable, 0
			}
			if got := r.takeWell(t); got.Missing != missing || len(got.missing) != missing ||
				strings.Contains(got.said(), ".wav") {
				t.Errorf("%+v", got)
			}
			if got := r.onlyMedia(t); got.Status != string(status) || got.SourceURL != test.url ||
				got.StoreKey != "" || got.SizeBytes != 0 || len(r.stored(t)) > 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// However a recording is named or linked, nothing outside the folder of its vCon is read.
func TestNothingOutsideTheFolderIsRead(t *testing.T) {
	t.Parallel()
	for name, recording := range map[string]string{
		"above":                named("../outside.wav"),
		"above, in a url":      at("../outside.wav"),
		"above, by a detour":   named("folder/../../outside.wav"),
		"above, escaped":       at("%2e%2e/outside.wav"),
		"above, backslashes":   named(`..\outside.wav`),
		"a file url":           at("file:///$outside"),
		"absolute":             named("$outside"),
		"absolute, in a url":   at("$outside"),
		"a link":               named("link.wav"),
		"a link, by a url":     at("https://media.example/link.wav"),
		"an absolute link":     named("absolute.wav"),
		"through a linked one": named("linked/outside.wav"),
		"a link to the device": named("zero.wav"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.file(t, "../outside.wav", "a secret of somebody else")
			r.file(t, "folder/inside.wav", "sound")
			outside := filepath.Join(r.around, "outside.wav")
			for link, target := range map[string]string{"link.wav": "../outside.wav", "absolute.wav": outside,
				"linked": "..", "zero.wav": "/dev/zero"} {
				if err := os.Symlink(target, filepath.Join(r.inbox, link)); err != nil {
					t.Fatal(err)
				}
			}
			document := filepath.Join(r.inbox, "call.json")
			r.file(t, "call.json", call(1, strings.ReplaceAll(recording, "$outside", outside)))
			got := r.takeItems(t.Context(), document)
			if got.err != nil || len(r.stored(t)) > 0 || strings.Contains(r.everything(t), "outside") ||
				strings.Contains(got.said(), "outside") {
				t.Errorf("%s\n%q\n%s", got.said(), r.stored(t), r.everything(t))
			}
			if r.count(t, "conversations") != got.Added || got.Added+got.Refused != 1 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// What lies there and cannot be read refuses its vCon, and the others come in.
func TestUnreadableBesideRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if err := os.Symlink("round.wav", filepath.Join(r.inbox, "round.wav")); err != nil {
		t.Fatal(err)
	}
	r.file(t, "bad.json", call(1, named("round.wav")))
	r.file(t, "good.json", call(2, inline("sound")))
	got := r.takeItems(t.Context(), filepath.Join(r.inbox, "bad.json"), filepath.Join(r.inbox, "good.json"))
	if got.err != nil || got.Added != 1 ||
		!slices.Equal(got.refused,
			[]string{"bad.json: dialog[0]: the recording beside the vCon cannot be read: too many levels of symbolic links"}) {
		t.Error(got.said())
	}
	if r.count(t, "conversations") != 1 || len(r.stored(t)) != 1 {
		t.Error("something is left of it, or the other is missing")
	}
}
