package compliance_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
)

// The design's table of section 3, column "at first".
func TestDefaults(t *testing.T) {
	t.Parallel()
	want := map[compliance.BasicItem]bool{
		compliance.ParticipantPhoneNumber:    true,
		compliance.ParticipantDigitalAddress: true,
		compliance.SubjectAndBody:            false,
		compliance.MediaFiles:                false,
	}
	for _, item := range compliance.BasicItems() {
		if got := compliance.Defaults().Basic(item); got != want[item] {
			t.Errorf("%s is %v at first, want %v", item, got, want[item])
		}
	}
	if keys := compliance.Defaults().Keys; len(keys) != 0 {
		t.Errorf("metadata keys %v are on at first", keys)
	}
	if len(compliance.BasicItems()) != len(want) {
		t.Error("Basic Data has an item that the design does not name")
	}
}

// The design's table of section 4: what stands there afterwards.
func TestPlaceholders(t *testing.T) {
	t.Parallel()
	for placeholder, want := range map[compliance.Placeholder]string{
		compliance.PhoneNumberPlaceholder:    "[anonphonenumber]",
		compliance.DigitalAddressPlaceholder: "[anondigitaladdress]",
		compliance.ContentPlaceholder:        "[anonconversationcontent]",
		compliance.MetadataPlaceholder:       "[anonymized]",
	} {
		if got, overwritten := placeholder.Over("something"); got != want || !overwritten {
			t.Errorf("%q is written over a value, want %q", got, want)
		}
		if got, overwritten := placeholder.Over(""); got != "" || overwritten {
			t.Errorf("%q is written over an empty value, which must stay empty", got)
		}
	}
}

func TestCoveredKindsFollowTheTwoContentSwitches(t *testing.T) {
	t.Parallel()
	const call, email, chat = compliance.SegmentCall, compliance.SegmentEmail, compliance.SegmentChat
	for _, s := range selections() {
		want := []compliance.SegmentKind{}
		if s.MediaFiles {
			want = append(want, call)
		}
		if s.SubjectAndBody {
			want = append(want, email, chat)
		}
		if diff := cmp.Diff(want, s.CoveredKinds()); diff != "" {
			t.Errorf("%+v covers other segments (-want +got):\n%s", s, diff)
		}
	}
}

func TestEmptyIsOnlyTheSelectionWithEverythingOff(t *testing.T) {
	t.Parallel()
	for i, s := range selections() {
		if got := s.Empty(); got != (i == 0) {
			t.Errorf("%+v: empty = %v", s, got)
		}
	}
	if (compliance.Selection{Keys: []string{"a"}}).Empty() {
		t.Error("a selection with a key on is empty")
	}
}

func TestUnionHasOnWhatEitherHasOn(t *testing.T) {
	t.Parallel()
	for _, a := range selections() {
		for _, b := range selections() {
			a.Keys, b.Keys = []string{"b", "c"}, []string{"a", "c"}
			union := a.Union(b)
			for _, item := range compliance.BasicItems() {
				if union.Basic(item) != (a.Basic(item) || b.Basic(item)) {
					t.Errorf("%+v and %+v: %s is %v", a, b, item, union.Basic(item))
				}
			}
			if diff := cmp.Diff([]string{"a", "b", "c"}, union.Keys); diff != "" {
				t.Error(diff)
			}
		}
	}
}

func TestAnEditLeadsFromOneSelectionToTheOther(t *testing.T) {
	t.Parallel()
	for _, from := range selections() {
		for _, to := range selections() {
			from.Keys, to.Keys = []string{"gone", "kept"}, []string{"came", "kept"}
			if got := compliance.EditBetween(from, to).Apply(from); !got.Equal(to) {
				t.Errorf("the edit from %+v leads to %+v, want %+v", from, got, to)
			}
		}
	}
}

func TestChangesNameEverySwitchThatMoved(t *testing.T) {
	t.Parallel()
	from := compliance.Selection{ParticipantPhoneNumber: true, Keys: []string{"b"}}
	to := compliance.Selection{MediaFiles: true, Keys: []string{"a"}}
	want := []compliance.Change{
		{Item: "participantPhoneNumber", Old: true, New: false},
		{Item: "mediaFiles", Old: false, New: true},
		{Item: "a", Metadata: true, Old: false, New: true},
		{Item: "b", Metadata: true, Old: true, New: false},
	}
	if diff := cmp.Diff(want, compliance.Changes(from, to)); diff != "" {
		t.Error(diff)
	}
}

// A text goes with the switch of its segment; one that was made from a call and from written text with either.
func TestCoversText(t *testing.T) {
	t.Parallel()
	for _, kind := range compliance.SegmentKinds() {
		for n := range 8 {
			content, media, mixed := n&1 > 0, n&2 > 0, n&4 > 0
			own := content
			if kind == compliance.SegmentCall {
				own = media
			}
			want := own || mixed && (content || media)
			selection := compliance.Selection{SubjectAndBody: content, MediaFiles: media, ParticipantPhoneNumber: true}
			if got := selection.CoversText(kind, mixed); got != want {
				t.Errorf("%s, content %v, media %v, mixed %v: %v", kind, content, media, mixed, got)
			}
		}
	}
}
