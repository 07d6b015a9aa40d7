package playback_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/auth"
	"qm-compliance/media/playback"
)

// noon is when every link of the tests is made.
func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

const lifetime = 5 * time.Minute

func key(first byte) []byte { return append([]byte{first}, make([]byte, 31)...) }

// links makes links at noon and reads them at a time.
func links(t testing.TB, key []byte, now func() time.Time) *playback.Links {
	t.Helper()
	l, err := playback.NewLinks(key, lifetime, now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func tokenOf(path string) string { return strings.TrimPrefix(path, "/media/") }

func TestLinkCarriesItsGrant(t *testing.T) {
	t.Parallel()
	l := links(t, key(1), noon)
	for name, tt := range map[string]struct{ given, want playback.Grant }{
		"everything": {playback.Grant{FileID: 7, Subject: "anna", Name: "Anna Ř", All: true},
			playback.Grant{FileID: 7, Subject: "anna", Name: "Anna Ř", All: true, ExpiresAt: noon().Add(lifetime)}},
		"some": {
			playback.Grant{FileID: 1 << 62, Subject: "ä\x00\xff", Principals: []string{"agent:1", "", "group:ü"},
				ExpiresAt: noon().Add(time.Hour)},
			playback.Grant{FileID: 1 << 62, Subject: "ä\x00\xff", Principals: []string{"agent:1", "", "group:ü"},
				ExpiresAt: noon().Add(lifetime)},
		},
		"by a token": {playback.Grant{FileID: 7, Sight: auth.Sight{Person: [32]byte{1}, Scope: [32]byte{2}, IssuedAt: noon().Local()}},
			playback.Grant{FileID: 7, Sight: auth.Sight{Person: [32]byte{1}, Scope: [32]byte{2}, IssuedAt: noon()},
				ExpiresAt: noon().Add(lifetime)}},
		"nothing": {playback.Grant{}, playback.Grant{ExpiresAt: noon().Add(lifetime)}},
		"the sign-in ends early": {playback.Grant{FileID: -1, ExpiresAt: noon().Add(time.Second)},
			playback.Grant{FileID: -1, ExpiresAt: noon().Add(time.Second)}},
	} {
		got, err := l.Open(tokenOf(l.Seal(tt.given)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got.Link == "" {
			t.Errorf("%s: the link has no name of its own", name)
		}
		tt.want.Link = got.Link // random
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestLinkTellsNothing(t *testing.T) {
	t.Parallel()
	l := links(t, key(1), noon)
	grant := playback.Grant{FileID: 7, Subject: "anna.smith", Principals: []string{"anna.smith"}}
	a, b := l.Seal(grant), l.Seal(grant)
	raw, err := base64.RawURLEncoding.DecodeString(tokenOf(a))
	if err != nil || bytes.Contains(raw, []byte("anna")) {
		t.Errorf("the token shows its viewer: %v", err)
	}
	if a == b {
		t.Error("two links are the same: they can be told to be about the same file")
	}
}

func TestLinkEndsOnTime(t *testing.T) {
	t.Parallel()
	token := tokenOf(links(t, key(1), noon).Seal(playback.Grant{FileID: 7}))
	for later, want := range map[time.Duration]error{
		0: nil, lifetime - time.Millisecond: nil, lifetime: playback.ErrExpired, lifetime +
			time.Hour: playback.ErrExpired,
	} {
		at := func() time.Time { return noon().Add(later) }
		if _, err := links(t, key(1), at).Open(token); !errors.Is(err, want) {
			t.Errorf("after %v: %v, want %v", later, err, want)
		}
	}
	over := playback.Grant{ExpiresAt: noon().Add(-time.Hour)} // of a sign-in that is over
	if _, err := links(t, key(1), noon).Open(tokenOf(links(t, key(1), noon).Seal(over))); !errors.Is(err,
		playback.ErrExpired) {
		t.Errorf("the link of a sign-in that is over: %v", err)
	}
}

func TestLinkThatWasTouchedIsForged(t *testing.T) {
	t.Parallel()
	l := links(t, key(1), noon)
	token := tokenOf(l.Seal(playback.Grant{FileID: 7, Subject: "anna"}))
	for i := range token {
		for _, c := range []byte("AZaz09-_.=/ ") {
			if changed := token[:i] + string(c) + token[i+1:]; changed != token {
				checkForged(t, l, changed)
			}
		}
		checkForged(t, l, token[:i])
		checkForged(t, l, token[i+1:])
	}
	checkForged(t, l, token+"A")
	checkForged(t, l, token+"\n")
	checkForged(t, l, "\r\n"+token)
	checkForged(t, links(t, key(2), noon), token)
}

func checkForged(t *testing.T, l *playback.Links, token string) {
	t.Helper()
	if got, err := l.Open(token); !errors.Is(err, playback.ErrForged) || !cmp.Equal(got, playback.Grant{}) {
		t.Errorf("token %q: %v, %v", token, got, err)
	}
}

func TestLinksWantAKeyAndALifetime(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		key      []byte
		lifetime time.Duration
	}{
		"no key": {nil, lifetime}, "half a key": {make([]byte, 16), lifetime},
		"a long key":  {make([]byte, 33), lifetime},
		"no lifetime": {key(1), 0}, "a negative lifetime": {key(1), -lifetime},
	} {
		if _, err := playback.NewLinks(tt.key, tt.lifetime, noon); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	l := links(f, key(1), noon)
	good := tokenOf(l.Seal(playback.Grant{FileID: 7, Subject: "anna"}))
	for _, seed := range []string{"", "AQ", good, good[:len(good)-1], "media/" + good,
		strings.Repeat("A", 1000)} {
		f.Add(seed)
	}
	// the one grant that was ever given
	want, err := l.Open(good)
	if err != nil || want.FileID != 7 || want.Subject != "anna" || !want.ExpiresAt.Equal(noon().Add(lifetime)) {
		f.Fatal(want, err)
	}
	f.Fuzz(func(t *testing.T, token string) {
		got, err := l.Open(token)
		got.Link = want.Link // the fuzzer's processes each seal a link of their own, under the same key
		if err == nil && !cmp.Equal(got, want) || err != nil && !errors.Is(err, playback.ErrForged) {
			t.Errorf("%q opens as %v with %v", token, got, err)
		}
	})
}

// A link has the same name each time it is read, and another one than every other link, also of the same grant.
func TestNamesOfLinks(t *testing.T) {
	t.Parallel()
	l, seen := links(t, key(1), noon), map[string]bool{}
	for range 100 {
		token := tokenOf(l.Seal(playback.Grant{FileID: 7, Subject: "anna"}))
		first, err := l.Open(token)
		if err != nil {
			t.Fatal(err)
		}
		again, err := l.Open(token)
		if err != nil || again.Link != first.Link || seen[first.Link] {
			t.Fatalf("%q, then %q, %v; seen before: %v", first.Link, again.Link, err, seen[first.Link])
		}
		seen[first.Link] = true
	}
}
