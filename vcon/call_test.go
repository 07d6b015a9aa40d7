package vcon_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/conversation"
)

// kinds writes the segments of a conversation as kind and media kinds.
func kinds(c *conversation.Incoming) []string {
	var all []string
	for _, s := range c.Segments {
		text := string(s.Kind)
		for _, file := range s.Media {
			text += " " + string(file.Kind)
		}
		all = append(all, text)
	}
	return all
}

func recording(start string, seconds, parties, mediaType string) string {
	return `{"type": "recording", "start": "2026-03-01T` + start + `Z", "duration": ` + seconds + `, "parties": ` + parties + `, "mediatype": "` + mediaType + `"}`
}

func TestWhichDialogsAreCalls(t *testing.T) {
	t.Parallel()
	transcript := func(rest string) string { return `"analysis": [{"type": "transcript", "body": "said"` + rest + `}]` }
	set := func(of string) string {
		return `{"type": "recording-set", "start": "2026-03-01T09:00:00Z", "parties": [0, 1], "recordings": ` + of + `}`
	}
	inSet := strings.Replace(recording("09:00:00", "5", "[0]", "audio/wav"), "{", `{"recording_set": 0, `, 1)
	withMeta := strings.Replace(emptied, "{", `{"meta": {"disposition": "ANSWERED"}, `, 1)
	for _, row := range []struct {
		name, text string
		want       []string
	}{
		{"a recording", document(record), []string{"CALL CALL"}},
		{"a screen", document(recording("09:00:00", "60", "[0]", "video/mp4")), []string{"CALL SCREEN"}},
		{"sound and screen", document(recording("09:00:00", "60", "[0, 1]", "audio/wav") + "," + recording("09:00:10", "70", "[1, 0]", "Video/MP4; codecs=x")), []string{"CALL CALL SCREEN"}},
		{"the same start", document(recording("09:00:00", "0", "[0]", "audio/wav") + "," + recording("09:00:00", "0", "[0]", "audio/wav")), []string{"CALL CALL CALL"}},
		{"a chain, out of order", document(recording("09:00:00", "10", "0", "audio/wav") + "," + recording("09:00:20", "10", "0", "audio/wav") + "," + recording("09:00:05", "20", "0", "video/mp4")), []string{"CALL CALL SCREEN CALL"}},
		{"one after the other", document(recording("09:00:00", "60", "[0]", "audio/wav") + "," + recording("09:01:00", "60", "[0]", "audio/wav")), []string{"CALL CALL", "CALL CALL"}},
		{"other parties", document(recording("09:00:00", "60", "[0]", "audio/wav") + "," + recording("09:00:00", "60", "[0, 1]", "audio/wav")), []string{"CALL CALL", "CALL CALL"}},
		{"the agent's screen", document(recording("09:00:00", "60", "[0, 1]", "audio/wav") + "," + recording("09:00:02", "60", "[1]", "video/mp4")), []string{"CALL CALL SCREEN"}},
		{"somebody else's screen", document(recording("09:00:00", "60", "[0]", "audio/wav") + "," + recording("09:00:02", "60", "[1]", "video/mp4")), []string{"CALL CALL", "CALL SCREEN"}},
		{"no start", document(`{"type": "recording"}, {"type": "recording"}`), []string{"CALL CALL", "CALL CALL"}},
		{"a set of one recording a party", document(set("[1, 2]") + "," + recording("09:00:00", "20", "[0]", "audio/wav") + "," + recording("09:00:30", "20", "[1]", "audio/wav")), []string{"CALL CALL CALL"}},
		{"a set that its recordings name", document(set("[]") + "," + inSet + "," + inSet + "," + recording("09:00:30", "20", "[1]", "audio/wav")), []string{"CALL CALL CALL", "CALL CALL"}},
		{"a set and its transcript", document(set("[1]")+","+record, transcript(`, "dialog": 0`)), []string{"CALL CALL"}},
		{"a set of what is no recording", document(set("[1]") + "," + hello), []string{"CHAT"}},
		{"not taken", document(`{"type": "incomplete", "disposition": "no-answer"}`), []string{"CALL"}},
		{"with a transfer", document(record + `, {"type": "transfer", "transferee": 0}`), []string{"CALL CALL"}},
		{"a transcript", document(emptied, transcript(`, "dialog": 0`)), []string{"CALL"}},
		{"a transcript of a list", document(emptied, transcript(`, "dialog": [0]`)), []string{"CALL"}},
		{"a transcript of all", document(emptied, transcript("")), []string{"CALL"}},
		{"a summary", document(emptied, `"analysis": [{"type": "summary", "dialog": 0, "body": "x"}]`), []string{"CALL"}},
		{"a sentiment", document(emptied, `"analysis": [{"type": "sentiment", "dialog": 0, "body": "x"}]`), []string{"CHAT"}},
		{"a disposition", document(withMeta), []string{"CALL"}},
		{"nothing", document(emptied), []string{"CHAT"}},
		{"an empty turn of a chat", document(hello+","+emptied, transcript(`, "dialog": [0, 1]`)), []string{"CHAT"}},
		{"an empty turn with a direction", document(hello + "," + withMeta), []string{"CHAT"}},
		{"a chat after a call", document(hello+","+emptied, transcript(`, "dialog": 1`)), []string{"CALL", "CHAT"}},
		{"a recording and nothing", document(record + "," + emptied), []string{"CALL CALL"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, kinds(parse(t, row.text))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestACallLastsAsLongAsItsRecordings(t *testing.T) {
	t.Parallel()
	segment := parse(t, document(recording("09:00:10", "70", "[1, 0]", "video/mp4")+","+recording("09:00:00", "60", "[0, 1]", "audio/wav"))).Segments[0]
	if !segment.StartedAt.Equal(at("2026-03-01T09:00:00Z")) || segment.Duration != 80*time.Second || segment.Media[1].Duration != 70*time.Second {
		t.Errorf("from %v for %v: %+v", segment.StartedAt, segment.Duration, segment.Media)
	}
	if sound, screen := segment.Media[0].StartedAt, segment.Media[1].StartedAt; !sound.Equal(segment.StartedAt) || screen.Sub(sound) != 10*time.Second {
		t.Errorf("the recordings began at %v and %v", sound, screen)
	}
}

func file(t *testing.T, more string) conversation.IncomingMedia {
	t.Helper()
	return parse(t, document(`{"type": "recording", "parties": [0, 1], `+more+`}`)).Segments[0].Media[0]
}

// A url says where a recording lies, unless it says who it was with.
func TestURLs(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://media.example/2026/03/a.mp3":                    "https://media.example/2026/03/a.mp3",
		"https://user:secret@media.example/a.mp3?sig=x#t=1":      "https://media.example/a.mp3",
		"https://media.example/a%20b.mp3?":                       "https://media.example/a%20b.mp3",
		"https://m.example/05cec3d4-0561-4010-9fb8-23cc7edef146": "https://m.example/05cec3d4-0561-4010-9fb8-23cc7edef146",
		"s3://bucket/recording.wav":                              "s3://bucket/recording.wav",
		"HTTPS://Media.Example:443/A.mp3":                        "https://media.example/A.mp3",
		"http://media.example:443/a.mp3":                         "http://media.example:443/a.mp3",
		"https://media.example/420777123456.mp3":                 "",
		"https://media.example/777123456_in.mp3":                 "",
		"https://media.example/+420-777-123-456/a.mp3":           "",
		"https://media.example/calls?from=%2B420777123456":       "",
		"https://media.example/Ada@example.org/a.mp3":            "",
		"https://media.example/ada%40example.org.mp3":            "",
		"https://media.example/ada%2540example.org.mp3":          "",
		"https://media.example/eve@example.net.mp3":              "",
		"https://420777123456.example/a.mp3":                     "",
		"javascript:alert(1)":                                    "",
		"data:audio/wav;base64,AAAA":                             "",
		"file:///etc/passwd":                                     "",
		"a.mp3":                                                  "",
		"https://%zz":                                            "",
		"":                                                       "",
	} {
		if got := file(t, `"url": "`+given+`", "filename": "+420777123456.wav"`).URL; got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

// A hash is written one way, whichever way it was given, and nothing else is kept in its place.
func TestHashesAndMediaTypes(t *testing.T) {
	t.Parallel()
	clean, padded, long := strings.Repeat("-_v7", 10)+"-_s", strings.Repeat("+/v7", 10)+"+/s=", strings.Repeat("A", 86)
	for given, want := range map[string]string{
		`"content_hash": "sha256-` + padded + `"`:                         "sha256-" + clean,
		`"content_hash": ["sha256-` + clean + `", "sha512-` + long + `"]`: "sha512-" + long,
		`"content_hash": ["sha256-` + clean + `", "sha512-y"]`:            "sha256-" + clean,
		`"content_hash": " SHA-256-` + strings.Repeat("Fb", 32) + `"`:     "sha256-" + clean,
		`"alg": "SHA-256", "signature": "` + padded + `"`:                 "sha256-" + clean,
		`"alg": "SHA-256"`:                         "",
		`"alg": "LMOTS", "signature": "abc123"`:    "",
		`"content_hash": "sha512-420777123456"`:    "",
		`"content_hash": "md5-x"`:                  "",
		`"content_hash": "sha512-ada@example.org"`: "",
		`"x": 1`: "",
	} {
		if got := file(t, given).ContentHash; got != want {
			t.Errorf("%s becomes %q, want %q", given, got, want)
		}
	}
	for given, want := range map[string]string{
		"Audio/WAV; name=\\\"+420777123456.wav\\\"": "audio/wav", "audio/x-wav": "audio/x-wav", "wav": "", "audio/+420777123456": "", "a b/c": "", "": "",
	} {
		if got := file(t, `"mimetype": "`+given+`"`).MediaType; got != want {
			t.Errorf("%s becomes %q, want %q", given, got, want)
		}
	}
}

// Without a media type a recording is what its name says; the name itself is kept nowhere.
func TestMediaTypesByName(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`"filename": "Ada Berg.MP4"`:                                "video/mp4 SCREEN",
		`"filename": "+420777123456.wav"`:                           "audio/wav CALL",
		`"url": "https://media.example/a.webm?k=a.wav"`:             "video/webm SCREEN",
		`"url": "screens/a.webm"`:                                   "video/webm SCREEN",
		`"filename": "a.mp3", "url": "https://media.example/a.mp4"`: "audio/mpeg CALL",
		`"filename": "a.mp4", "mediatype": "audio/mp4"`:             "audio/mp4 CALL",
		`"filename": "a.mp4", "mimetype": "", "body": "AAAA"`:       "video/mp4 SCREEN",
		`"filename": "a.pdf"`:                                       " CALL", `"filename": "mp4"`: " CALL", `"x": 1`: " CALL",
	} {
		if got := file(t, given); got.MediaType+" "+string(got.Kind) != want {
			t.Errorf("%s becomes %q %s, want %s", given, got.MediaType, got.Kind, want)
		}
	}
}

func TestInlineRecordings(t *testing.T) {
	t.Parallel()
	sound := "\xfb\xff\xfe RIFF sound?"
	for _, encoding := range []*base64.Encoding{base64.URLEncoding, base64.RawURLEncoding, base64.StdEncoding, base64.RawStdEncoding} {
		got := file(t, `"encoding": "base64url", "body": "`+encoding.EncodeToString([]byte(sound))+`"`)
		if string(got.Body) != sound || got.URL != "" || !strings.HasPrefix(got.ContentHash, "sha512-") {
			t.Errorf("%q, hash %q", got.Body, got.ContentHash)
		}
	}
}
