package compliance

import "slices"

// BasicItem is one of the four switches of the section Basic Data (design, section 3).
type BasicItem string

// The items of Basic Data, named as in the API.
const (
	ParticipantPhoneNumber    BasicItem = "participantPhoneNumber"
	ParticipantDigitalAddress BasicItem = "participantDigitalAddress"
	SubjectAndBody            BasicItem = "subjectAndBody"
	MediaFiles                BasicItem = "mediaFiles"
)

// BasicItems returns the items of Basic Data in the order of the design's table.
func BasicItems() []BasicItem {
	return []BasicItem{ParticipantPhoneNumber, ParticipantDigitalAddress, SubjectAndBody, MediaFiles}
}

// Selection says which data counts as personal: the state of every switch of the compliance settings. The
// zero Selection has everything switched off.
type Selection struct {
	ParticipantPhoneNumber    bool
	ParticipantDigitalAddress bool
	SubjectAndBody            bool
	MediaFiles                bool
	// Keys are the metadata keys that are switched on, sorted and without repetition. A key that is missing
	// is off.
	Keys []string
}

// Defaults returns the selection of an organisation that has saved none yet (design, section 3, column "at
// first").
func Defaults() Selection {
	return Selection{ParticipantPhoneNumber: true, ParticipantDigitalAddress: true}
}

// Basic reports whether an item of Basic Data is on.
func (s Selection) Basic(item BasicItem) bool {
	if p := s.basic(item); p != nil {
		return *p
	}
	return false
}

// basic finds the switch of an item, so that reading and writing one name the four items only once.
func (s *Selection) basic(item BasicItem) *bool {
	switch item {
	case ParticipantPhoneNumber:
		return &s.ParticipantPhoneNumber
	case ParticipantDigitalAddress:
		return &s.ParticipantDigitalAddress
	case SubjectAndBody:
		return &s.SubjectAndBody
	case MediaFiles:
		return &s.MediaFiles
	}
	return nil
}

// Key reports whether the value of a metadata key counts as personal data.
func (s Selection) Key(name string) bool {
	_, found := slices.BinarySearch(s.Keys, name)
	return found
}

// Empty reports whether nothing at all is switched on; anonymizing then fails with NOTHING_SELECTED (design,
// section 4).
func (s Selection) Empty() bool {
	return !s.ParticipantPhoneNumber && !s.ParticipantDigitalAddress && !s.SubjectAndBody && !s.MediaFiles &&
		len(s.Keys) == 0
}

// Content is the item that covers the content of a segment of this kind, and every text made from it: media
// files for a call, subject and body for an e-mail or a chat.
func (k SegmentKind) Content() BasicItem {
	if k == SegmentCall {
		return MediaFiles
	}
	return SubjectAndBody
}

// CoveredKinds returns the kinds of segments whose content the selection covers.
func (s Selection) CoveredKinds() []SegmentKind {
	kinds := []SegmentKind{}
	for _, kind := range SegmentKinds() {
		if s.Basic(kind.Content()) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// CoversPhoneAddress reports whether the selection covers a digital address with a phone number in it: it is
// both, so that either switch does (design, section 3).
func (s Selection) CoversPhoneAddress() bool {
	return s.ParticipantPhoneNumber || s.ParticipantDigitalAddress
}

// CoversText reports whether the selection covers a text in a segment of a kind. Mixed says that the text was
// made from a call and from written text: it is covered as soon as either is.
func (s Selection) CoversText(kind SegmentKind, mixed bool) bool {
	return s.Basic(kind.Content()) || mixed && len(s.CoveredKinds()) > 0
}

// Union returns the selection that has on what either has on. A conversation that was anonymized more than
// once stays anonymized in everything that was on at any of these times.
func (s Selection) Union(other Selection) Selection {
	union := Selection{Keys: slices.Concat(s.Keys, other.Keys)}
	for _, item := range BasicItems() {
		*union.basic(item) = s.Basic(item) || other.Basic(item)
	}
	slices.Sort(union.Keys)
	union.Keys = slices.Compact(union.Keys)
	return union
}

// Equal reports whether two selections have the same switches on.
func (s Selection) Equal(other Selection) bool {
	return len(Changes(s, other)) == 0
}
