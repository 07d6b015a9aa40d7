package audit

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"qm-compliance/compliance"
)

const (
	// EncodingVersion is the member version of every encoding. A reader refuses versions that it does not know.
	EncodingVersion = 1
	// MaxEncoding is how many bytes an encoding has at most: as many as an entry of a log in tiles.
	MaxEncoding = 65_535
)

// ErrTooLong says that the encoding of an event is longer than MaxEncoding; see Split.
var ErrTooLong = fmt.Errorf("the encoding of the event is longer than %d bytes", MaxEncoding)

// document is the encoding of an event.
type document struct {
	Version         int            `json:"version"`
	ID              uuid.UUID      `json:"id"`
	OperationID     uuid.UUID      `json:"operationId"`
	OccurredAt      instant        `json:"occurredAt"`
	Actor           Actor          `json:"actor"`
	Activity        Activity       `json:"activity"`
	Result          Result         `json:"result"`
	ConversationID  int64          `json:"conversationId,omitzero"`
	Vcons           []string       `json:"vcons,omitempty"`
	SettingsVersion int            `json:"settingsVersion,omitzero"`
	Details         jsontext.Value `json:"details"`
}

// instant is a time as encodings have it: RFC 3339, UTC, always with six digits of the second's fraction.
type instant time.Time

const instantForm = "2006-01-02T15:04:05.000000Z"

// MarshalText writes the time.
func (i instant) MarshalText() ([]byte, error) {
	return time.Time(i).AppendFormat(nil, instantForm), nil
}

// UnmarshalText reads the time.
func (i *instant) UnmarshalText(text []byte) error {
	at, err := time.Parse(instantForm, string(text))
	*i = instant(at)
	return err
}

// times writes and reads the times in details.
var times = json.JoinOptions(
	json.WithMarshalers(json.MarshalToFunc(func(out *jsontext.Encoder, at time.Time) error {
		return json.MarshalEncode(out, instant(at))
	})),
	json.WithUnmarshalers(json.UnmarshalFromFunc(func(in *jsontext.Decoder, at *time.Time) error {
		return json.UnmarshalDecode(in, (*instant)(at))
	})),
	json.RejectUnknownMembers(true),
)

// Encode returns the canonical encoding of an event: JSON as RFC 8785 (JCS) writes it. Events that are equal
// have the same bytes. It fails where a member has a value that it cannot have, and with ErrTooLong.
func Encode(e Event) ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("an event of the activity %s cannot be encoded: %w", e.Activity, err)
	}
	details, err := json.Marshal(e.Details, times)
	if err != nil {
		return nil, err
	}
	var encoding jsontext.Value
	encoding, err = json.Marshal(document{
		Version: EncodingVersion, ID: e.ID, OperationID: e.OperationID, OccurredAt: instant(e.OccurredAt),
		Actor: e.Actor, Activity: e.Activity, Result: e.Result,
		ConversationID: e.ConversationID, Vcons: e.Vcons, SettingsVersion: e.SettingsVersion, Details: details,
	})
	if err != nil {
		return nil, err
	}
	if err := encoding.Canonicalize(); err != nil {
		return nil, err
	}
	if len(encoding) > MaxEncoding {
		return nil, ErrTooLong
	}
	return encoding, nil
}

// check returns what keeps the event from being encoded.
func (e Event) check() error {
	err := errors.Join(checkID(e.ID), checkID(e.OperationID), checkTime(e.OccurredAt))
	if e.ConversationID < 0 || e.ConversationID > maxInteger {
		err = errors.Join(err, errors.New("the id of the conversation is none"))
	}
	for _, hash := range e.Vcons {
		if !IsHash(hash) {
			err = errors.Join(err, errors.New("the hash of a vCon is none"))
		}
	}
	empty := NewDetails(e.Activity, e.Result)
	if empty == nil || reflect.TypeOf(empty) != reflect.TypeOf(e.Details) {
		return errors.Join(err, fmt.Errorf("it cannot have the result %s with details of the type %T", e.Result, e.Details))
	}
	return errors.Join(err, checkCounts(e.SettingsVersion), e.Details.check())
}

func checkID(id uuid.UUID) error {
	if id.Version() != 7 || id.Variant() != uuid.RFC4122 {
		return errors.New("an id is not a UUID of version 7")
	}
	return nil
}

func checkTime(at time.Time) error {
	if at.Location() != time.UTC || at.Nanosecond()%1000 != 0 ||
		at.Before(compliance.EarliestTime()) || at.After(compliance.LatestTime()) {
		return errors.New("a time is not in UTC, not of whole microseconds, or not in the years 1 to 9999")
	}
	return nil
}

// Decode reads an encoding. It accepts only what Encode writes: Encode returns the same bytes for the event.
func Decode(encoding []byte) (Event, error) {
	if len(encoding) > MaxEncoding {
		return Event{}, ErrTooLong
	}
	var read document
	if err := json.Unmarshal(encoding, &read, json.RejectUnknownMembers(true)); err != nil {
		return Event{}, fmt.Errorf("not the encoding of an event: %w", err)
	}
	if read.Version != EncodingVersion {
		return Event{}, fmt.Errorf("the encoding has version %d, which is not known", read.Version)
	}
	details, err := decodeDetails(read)
	if err != nil {
		return Event{}, fmt.Errorf("not the encoding of an event: %w", err)
	}
	event := Event{
		ID: read.ID, OperationID: read.OperationID, OccurredAt: time.Time(read.OccurredAt), Actor: read.Actor,
		Activity: read.Activity, Result: read.Result,
		ConversationID: read.ConversationID, Vcons: read.Vcons, SettingsVersion: read.SettingsVersion, Details: details,
	}
	again, err := Encode(event)
	if err == nil && !bytes.Equal(again, encoding) {
		err = errors.New("the encoding is not canonical")
	}
	if err != nil {
		return Event{}, err
	}
	return event, nil
}

func decodeDetails(read document) (Details, error) {
	empty := NewDetails(read.Activity, read.Result)
	if empty == nil {
		return nil, errors.New("no event has this activity and this result")
	}
	details := reflect.New(reflect.TypeOf(empty))
	if err := json.Unmarshal(read.Details, details.Interface(), times); err != nil {
		return nil, err
	}
	return details.Elem().Interface().(Details), nil
}

// Encoded is an event with its encoding.
type Encoded struct {
	Event
	Encoding []byte
}

// Split returns an event encoded: itself, or where it is too long several, each whole in itself, so that applying
// all of them does what applying it would: each of its vCons, by its hash, meets each of its keys and files. The
// first keeps the id, and with it the counts; the others get ids from newID.
func Split(e Event, newID func() uuid.UUID) ([]Encoded, error) {
	encoding, err := Encode(e)
	if err == nil {
		return []Encoded{{e, encoding}}, nil
	}
	first, second, divided := e.halves()
	if !errors.Is(err, ErrTooLong) || !divided {
		return nil, err
	}
	second.ID = newID()
	firsts, err := Split(first, newID)
	if err != nil {
		return nil, err
	}
	seconds, err := Split(second, newID)
	return append(firsts, seconds...), err
}

// halves divides what is longer, the details or the vCons.
func (e Event) halves() (first, second Event, divided bool) {
	first, second = e, e
	vcons := 0
	for _, hash := range e.Vcons {
		vcons += len(hash)
	}
	details, _ := json.Marshal(e.Details, times)
	one, other, divided := e.Details.halves()
	if divided && len(details) >= vcons {
		first.Details, second.Details = one, other
		return first, second, true
	}
	first.Vcons, second.Vcons, divided = halve(e.Vcons)
	second.Details = uncounted(e.Details)
	return first, second, divided
}

// uncounted returns details without the counts that another event has.
func uncounted(details Details) Details {
	switch d := details.(type) {
	case Anonymization:
		return Anonymization{Items: d.Items, Keys: d.Keys}
	case Import:
		return Import{IsNew: d.IsNew}
	case Refusal:
		return Refusal{Code: d.Code, Files: d.Files}
	}
	return details
}
