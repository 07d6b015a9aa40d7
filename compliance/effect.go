package compliance

import "maps"

// ValueKind is a kind of stored values that a placeholder can stand for, named as audit events count them.
type ValueKind string

// The kinds of values. A subject is that of an e-mail or the name of a chat room.
const (
	PhoneNumbers     ValueKind = "phoneNumbers"
	DigitalAddresses ValueKind = "digitalAddresses"
	Subjects         ValueKind = "subjects"
	Messages         ValueKind = "messages"
	MetadataValues   ValueKind = "metadataValues"
)

// Value tells apart what is counted of stored values.
type Value struct {
	Kind ValueKind
	// Detail is the MessageKind of messages and the key of metadata values; empty for the other kinds.
	Detail string
}

// File tells apart what is counted of media files.
type File struct {
	Kind        MediaKind
	Disposition MediaDisposition
}

// Effect counts what anonymizing does: the values that it overwrites, and what becomes of the media files. A
// count that is missing is zero.
type Effect struct {
	Values map[Value]int
	Files  map[File]int
}

// NewEffect returns the effect of doing nothing, to which others can be added.
func NewEffect() Effect {
	return Effect{Values: map[Value]int{}, Files: map[File]int{}}
}

// Add adds another effect to this one, which NewEffect made.
func (e Effect) Add(other Effect) {
	for value, count := range other.Values {
		e.Values[value] += count
	}
	for file, count := range other.Files {
		e.Files[file] += count
	}
}

// Of counts the values of a kind, whatever their detail.
func (e Effect) Of(kind ValueKind) (count int) {
	for value, n := range e.Values {
		if value.Kind == kind {
			count += n
		}
	}
	return count
}

// All counts the values of every kind.
func (e Effect) All() (count int) {
	for n := range maps.Values(e.Values) {
		count += n
	}
	return count
}

// Outcome is what anonymizing makes of one conversation.
type Outcome struct {
	// Unchanged says that it is wholly anonymized already: all that is switched on was done, and nothing is
	// left to do.
	Unchanged bool
	Effect    Effect
	// Before and After say why the conversation can be reviewed; ReasonAnonymized stands for one that cannot.
	Before, After Reason
}

// EndsReview reports whether the conversation can be reviewed before, and no longer afterwards.
func (o Outcome) EndsReview() bool {
	return o.Before.Reviewable() && !o.After.Reviewable()
}

// Tally adds up the outcomes of several conversations.
type Tally struct {
	Conversations, Unchanged int
	Effect                   Effect
	// Ends counts the conversations that stop being reviewable, Ended those that were no longer reviewable
	// before.
	Ends, Ended int
	// Stays counts the others by the reason why they stay reviewable.
	Stays map[Reason]int
}

// TallyOf adds outcomes up. Each conversation is counted once: under Ends, under Ended, or under one reason
// of Stays.
func TallyOf(outcomes []Outcome) Tally {
	tally := Tally{Conversations: len(outcomes), Effect: NewEffect(), Stays: map[Reason]int{}}
	for _, outcome := range outcomes {
		tally.add(outcome)
	}
	return tally
}

func (t *Tally) add(outcome Outcome) {
	t.Effect.Add(outcome.Effect)
	if outcome.Unchanged {
		t.Unchanged++
	}
	switch {
	case outcome.EndsReview():
		t.Ends++
	case !outcome.After.Reviewable():
		t.Ended++
	default:
		t.Stays[outcome.After]++
	}
}

// Placeholder is the text that stands where personal data stood.
type Placeholder string

// The placeholders of the design's section 4. They only ever show that something was removed; whether it was
// is known from a flag, never from this text, which a customer may have typed.
const (
	PhoneNumberPlaceholder    Placeholder = "[anonphonenumber]"
	DigitalAddressPlaceholder Placeholder = "[anondigitaladdress]"
	ContentPlaceholder        Placeholder = "[anonconversationcontent]"
	MetadataPlaceholder       Placeholder = "[anonymized]"
)

// Over returns what stands where value stood, and whether anything was overwritten. An empty value stays
// empty, because a placeholder in its place would invent data (design, section 4).
func (p Placeholder) Over(value string) (text string, overwritten bool) {
	if value == "" {
		return "", false
	}
	return string(p), true
}
