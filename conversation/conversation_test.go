package conversation_test

import (
	"go/build"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// Two participants of different vCons are the same where all is equal, and something that is no placeholder
// tells them from others.
func TestSamePerson(t *testing.T) {
	t.Parallel()
	ada := conversation.Participant{
		VconUUID:    vconID(1),
		Role:        compliance.RoleCustomer,
		Name:        "Ada",
		PhoneNumber: "+420777123456",
	}
	nameless := conversation.Participant{
		VconUUID:    vconID(1),
		Role:        compliance.RoleCustomer,
		PhoneNumber: "+420777123456",
	}
	gone := nameless
	gone.PhoneNumber, gone.PhoneNumberAnonymized = compliance.PhoneNumberPlaceholder.Over(gone.PhoneNumber)
	with := func(p conversation.Participant, change func(*conversation.Participant)) conversation.Participant {
		p.VconUUID = vconID(2)
		change(&p)
		return p
	}
	same := func(*conversation.Participant) {}
	for name, row := range map[string]struct {
		one, other conversation.Participant
		want       bool
	}{
		"all equal":   {ada, with(ada, same), true},
		"of one vCon": {ada, ada, false},
		"another role": {ada, with(ada, func(p *conversation.Participant) { p.Role = compliance.RoleAgent }),
			false},
		"another name":   {ada, with(ada, func(p *conversation.Participant) { p.Name = "Eve" }), false},
		"another number": {ada, with(ada, func(p *conversation.Participant) { p.PhoneNumber = "+44 1" }), false},
		"another address": {ada,
			with(ada, func(p *conversation.Participant) { p.DigitalAddress = "a@b.example" }), false},
		"another user":           {ada, with(ada, func(p *conversation.Participant) { p.UserID = "ada" }), false},
		"known by a number":      {nameless, with(nameless, same), true},
		"known by a placeholder": {gone, with(gone, same), false},
		"typed like a placeholder": {nameless,
			with(gone, func(p *conversation.Participant) { p.PhoneNumber = nameless.PhoneNumber }), false},
		"nothing known": {conversation.Participant{}, with(conversation.Participant{}, same), false},
	} {
		if got := row.one.SamePerson(&row.other); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Which recordings need not come again: what is stored or deleted is known by its content, and by its url
// unless the vCon says that the content of what can be played is another now.
func TestKnownMedia(t *testing.T) {
	t.Parallel()
	hash := importing().Hash
	known := conversation.KnowMedia([]conversation.StoredMedia{
		{VconUUID: vconID(1), ContentHash: "sha512-a", Origin: hash.Origin("https://a"), Status: compliance.MediaAvailable},
		{VconUUID: vconID(1), Origin: hash.Origin("https://b"), Status: compliance.MediaDeleted},
	}, hash)
	for _, row := range []struct {
		vcon      uuid.UUID
		url       string
		hashes    []string
		has, from bool
	}{
		{vconID(1), "https://a", []string{"sha256-x", "sha512-a"}, true, false},
		{vconID(1), "https://a", nil, false, true},
		{vconID(1), "https://b", []string{"sha512-b"}, false, true},
		{vconID(1), "https://c", []string{""}, false, false},
		{vconID(1), "", nil, false, false},
		{vconID(2), "https://a", []string{"sha512-a"}, false, false},
	} {
		if got := known[row.vcon]; got.Has(row.hashes) != row.has || got.From(row.url, row.hashes) != row.from {
			t.Errorf("%+v: has %v, from %v", row, got.Has(row.hashes), got.From(row.url, row.hashes))
		}
	}
}

// The rules know no database, and nothing of the project but each other, one way.
func TestWhatTheRulesImport(t *testing.T) {
	t.Parallel()
	for directory, allowed := range map[string][]string{
		"../compliance": {},
		".":             {"github.com/google/uuid", "qm-compliance/compliance"},
	} {
		pkg, err := build.ImportDir(directory, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range pkg.Imports {
			if strings.Contains(path, ".") || strings.HasPrefix(path, "qm-compliance") || strings.HasPrefix(path, "database") {
				if !slices.Contains(allowed, path) {
					t.Errorf("%s imports %s", directory, path)
				}
			}
		}
	}
}
