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

// Effect counts what anonymizing does: the values that it overwrites, and what becomes of the media files. A count that is missing is zero.
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
