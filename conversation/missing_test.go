package conversation_test

import (
	"testing"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// What a vCon says of a recording tells whether its content is known anywhere.
func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		file conversation.IncomingMedia
		want compliance.MediaStatus
	}{
		"nothing":      {conversation.IncomingMedia{}, compliance.MediaMissing},
		"a name":       {conversation.IncomingMedia{Name: "a.wav"}, compliance.MediaMissing},
		"a hash":       {conversation.IncomingMedia{ContentHash: "sha512-a"}, compliance.MediaMissing},
		"a protection": {protected(conversation.IncomingMedia{}), compliance.MediaMissing},
		"a url": {conversation.IncomingMedia{URL: "https://media.example/a"},
			compliance.MediaAvailable},
		"a url that is not kept": {conversation.IncomingMedia{Elsewhere: true}, compliance.MediaAvailable},
		"bytes":                  {conversation.IncomingMedia{StoreKey: "key"}, compliance.MediaAvailable},
		"an export that says missing": {conversation.IncomingMedia{Status: compliance.MediaMissing},
			compliance.MediaMissing},
		"missing once, now with bytes": {conversation.IncomingMedia{Status: compliance.MediaMissing, StoreKey: "key"},
			compliance.MediaAvailable},
		"an export whose bytes are out": {conversation.IncomingMedia{Status: compliance.MediaAvailable},
			compliance.MediaMissing},
		"a deleted one": {conversation.IncomingMedia{Status: compliance.MediaDeleted},
			compliance.MediaDeleted},
	} {
		in := full()
		in.Segments[0].Media = []conversation.IncomingMedia{row.file}
		after := plan(t, nil, in).After
		if file := after.Media[0]; file.Status != row.want || after.MediaStatus != row.want ||
			file.Status == compliance.MediaMissing && file.Protected {
			t.Errorf("%s: %+v, want %s", name, *file, row.want)
		}
	}
}

func protected(file conversation.IncomingMedia) conversation.IncomingMedia {
	file.Protection = &conversation.IncomingProtection{Until: later, Reason: compliance.ReasonMiFID}
	return file
}

// A missing recording is known again by its name, its hash, or its place, and becomes one that is there: with its
// own protection, or planned where its conversation's media was anonymized.
func TestMissingRecordingComes(t *testing.T) {
	t.Parallel()
	missing := conversation.IncomingMedia{Kind: compliance.MediaCall, Name: "a.wav"}
	beside := conversation.IncomingMedia{Kind: compliance.MediaCall, Name: "a.wav", StoreKey: "key",
		ContentHash: "sha512-a"}
	other := conversation.IncomingMedia{Kind: compliance.MediaCall, Name: "b.wav", StoreKey: "other",
		ContentHash: "sha512-b"}
	inline := beside
	inline.Name = ""
	for name, row := range map[string]struct {
		done *compliance.Selection
		come []conversation.IncomingMedia
		want string
	}{
		"by its name":                {nil, []conversation.IncomingMedia{beside}, "available"},
		"by its name, after another": {nil, []conversation.IncomingMedia{other, beside}, "available*, available"},
		"by its place":               {nil, []conversation.IncomingMedia{inline}, "available"},
		"protected":                  {nil, []conversation.IncomingMedia{protected(beside)}, "protected"},
		"still missing":              {nil, []conversation.IncomingMedia{missing}, "="},
		"anonymized": {&compliance.Selection{MediaFiles: true}, []conversation.IncomingMedia{beside},
			"planned DELETE"},
		"anonymized without media": {&compliance.Selection{SubjectAndBody: true}, []conversation.IncomingMedia{beside},
			"available"},
		"anonymized, but protected": {&compliance.Selection{MediaFiles: true},
			[]conversation.IncomingMedia{protected(beside)}, "protected"},
	} {
		in := full()
		in.Segments[0].Media = []conversation.IncomingMedia{missing}
		base := store(plan(t, nil, in))
		if row.done != nil {
			base = anonymize(base, *row.done)
		}
		in.Segments[0].Media = row.come
		if got := describeFiles(base, plan(t, base, in)); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

// Until its end has been acted upon a protection holds for everything: the reviewability, what is shown of the
// file, and what anonymizing makes of it agree at every instant.
func TestOneClockDecidesAboutProtection(t *testing.T) {
	t.Parallel()
	done := &compliance.Selection{MediaFiles: true, SubjectAndBody: true}
	for _, state := range []string{"protected, later", "owed"} {
		file := standings()[state].file
		c := stored(1, done, file)
		if !c.Reviewable || c.WhyReviewable() != compliance.ReasonProtectedMedia || !c.Media[0].Protected ||
			c.Media[0].Disposition(*done) != compliance.DispositionProtected {
			t.Errorf("%s: before the end is acted upon: %+v", state, c)
		}
		after := c.WithMedia([]conversation.MediaChange{c.Media[0].Expire(done, later)})
		if after.Reviewable || after.WhyReviewable() != compliance.ReasonAnonymized || after.Media[0].Protected ||
			after.MediaStatus != compliance.MediaPlanned {
			t.Errorf("%s: after it: %+v", state, after)
		}
	}
}
