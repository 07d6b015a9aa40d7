package compliance

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"time"
)

// KeptKind is a kind of data that anonymizing may leave.
type KeptKind string

// The kinds. No switch covers names; a protected file stays whatever the switches say.
const (
	KeptName            KeptKind = "NAME"
	KeptPhoneNumber     KeptKind = "PHONE_NUMBER"
	KeptDigitalAddress  KeptKind = "DIGITAL_ADDRESS"
	KeptSubject         KeptKind = "SUBJECT"
	KeptMessage         KeptKind = "MESSAGE"
	KeptMetadataValue   KeptKind = "METADATA_VALUE"
	KeptCallRecording   KeptKind = "CALL_RECORDING"
	KeptScreenRecording KeptKind = "SCREEN_RECORDING"
	KeptProtectedFile   KeptKind = "PROTECTED_FILE"
)

// KeptKinds returns every kind, in the order in which they are shown.
func KeptKinds() []KeptKind {
	return []KeptKind{
		KeptName, KeptPhoneNumber, KeptDigitalAddress, KeptSubject, KeptMessage, KeptMetadataValue, KeptCallRecording,
		KeptScreenRecording, KeptProtectedFile,
	}
}

// KeptBy returns the kinds of data that stay under a selection, wherever there is some. EveryKey says that each
// metadata key that is known is on.
func (s Selection) KeptBy(everyKey bool) []KeptKind {
	gone := map[KeptKind]bool{
		KeptPhoneNumber: s.ParticipantPhoneNumber, KeptDigitalAddress: s.ParticipantDigitalAddress,
		KeptSubject: s.SubjectAndBody, KeptMessage: s.SubjectAndBody && s.MediaFiles, KeptMetadataValue: everyKey,
		KeptCallRecording: s.MediaFiles, KeptScreenRecording: s.MediaFiles,
	}
	kept := []KeptKind{}
	for _, kind := range KeptKinds() {
		if !gone[kind] {
			kept = append(kept, kind)
		}
	}
	return kept
}

// CoversContacts reports whether the selection covers phone numbers or addresses. Text that stays then often repeats
// them.
func (s Selection) CoversContacts() bool {
	return s.ParticipantPhoneNumber || s.ParticipantDigitalAddress
}

// KeptText reports whether the selection leaves free text although it covers numbers or addresses.
func (s Selection) KeptText() bool { return s.CoversContacts() && !(s.SubjectAndBody && s.MediaFiles) }

// KeptData tells apart what is counted of data that stays.
type KeptData struct {
	Kind KeptKind
	// Key is the metadata key of KeptMetadataValue, empty for other kinds.
	Key string
}

// Kept counts what stays of one conversation.
type Kept struct {
	Counts map[KeptData]int
	// ProtectedUntil is the latest end of the protections of its files; nil where none has an end.
	ProtectedUntil *time.Time
}

// Fingerprint tells whether the same stays of a conversation as before: equal ones have equal fingerprints, others
// practically never.
func (k Kept) Fingerprint() int64 {
	hash := fnv.New64a()
	for _, data := range slices.SortedFunc(maps.Keys(k.Counts), KeptData.Compare) {
		_, _ = fmt.Fprintf(hash, "%s %q %d\n", data.Kind, data.Key, k.Counts[data])
	}
	if k.ProtectedUntil != nil {
		_, _ = fmt.Fprintln(hash, k.ProtectedUntil.UnixMicro())
	}
	return int64(hash.Sum64())
}

// Compare orders data by its kind, as KeptKinds does, and by key.
func (d KeptData) Compare(other KeptData) int {
	kinds := KeptKinds()
	return cmp.Or(cmp.Compare(slices.Index(kinds, d.Kind), slices.Index(kinds, other.Kind)), cmp.Compare(d.Key, other.Key))
}

// maxExamples is how many conversations a KeptTotal names.
const maxExamples = 10

// KeptTotal is what stays of one sort in several conversations.
type KeptTotal struct {
	Count, Conversations int
	// ProtectedUntil is the latest end of the protections of KeptProtectedFile; nil where none has an end.
	ProtectedUntil *time.Time
	// Examples are the ids of some of the conversations.
	Examples []int64
}

// KeptTally adds up what stays.
type KeptTally map[KeptData]KeptTotal

// Add adds what stays of a conversation.
func (t KeptTally) Add(conversationID int64, kept Kept) {
	for data, count := range kept.Counts {
		if count == 0 {
			continue
		}
		total := t[data]
		total.Count += count
		total.Conversations++
		if data.Kind == KeptProtectedFile {
			total.ProtectedUntil = Latest(total.ProtectedUntil, kept.ProtectedUntil)
		}
		if len(total.Examples) < maxExamples {
			total.Examples = append(total.Examples, conversationID)
		}
		t[data] = total
	}
}

// HasText reports whether free text stays.
func (t KeptTally) HasText() bool {
	return t[KeptData{Kind: KeptSubject}].Count+t[KeptData{Kind: KeptMessage}].Count > 0
}

// Latest returns the later of two times, of which nil is none.
func Latest(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}
