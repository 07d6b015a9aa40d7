package audit

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"time"

	"qm-compliance/compliance"
)

// Details is what an event was about besides its conversation: one struct for each kind of activity.
type Details interface {
	// check returns what keeps the details from being encoded.
	check() error
	// halves returns two details that together say what these do, false where they cannot be divided.
	halves() (first, second Details, divided bool)
	// addTo adds to totals what an event of an activity with these details did.
	addTo(totals Totals, activity Activity)
}

// NewDetails returns the empty details of an activity and a result; it is nil where no event has both.
func NewDetails(activity Activity, result Result) Details {
	switch {
	case activity == AccessDenied && result == Failure:
		return AccessDenial{}
	case activity == AccessDenied || !slices.Contains(Activities(), activity):
		return nil
	case result == Failure:
		return Refusal{}
	case result != Success:
		return nil
	}
	switch activity {
	case FieldConfigUpdate:
		return BasicDataChange{}
	case MetadataKeyUpdate:
		return MetadataKeyChange{}
	case InteractionAnonymize:
		return Anonymization{}
	case MediaProtected:
		return Protection{}
	case MediaReleased:
		return Release{}
	case ConversationImported:
		return Import{}
	case ConversationExported:
		return Export{}
	case ConversationViewed:
		return View{}
	}
	return MediaFiles{}
}

// BasicDataChange is a switch of Basic Data that was moved.
type BasicDataChange struct {
	Item compliance.BasicItem `json:"item"`
	Old  bool                 `json:"old"`
	New  bool                 `json:"new"`
}

// KeyProperty is a property of a metadata key that can be switched.
type KeyProperty string

// The properties. KeyAnonymized is the switch of the compliance settings.
const (
	KeyAnonymized  KeyProperty = "ANONYMIZED"
	KeyFilter      KeyProperty = "FILTER_KEY"
	KeyCorrelation KeyProperty = "CORRELATION_KEY"
)

// MetadataKeyChange is a property of a metadata key that was switched.
type MetadataKeyChange struct {
	Key      string      `json:"key"`
	Property KeyProperty `json:"property"`
	Old      bool        `json:"old"`
	New      bool        `json:"new"`
}

// Anonymization is what was anonymized in a conversation: everything that the selection has on. The counts say
// how many values were overwritten, and how many media files were planned for deletion.
type Anonymization struct {
	Items            []compliance.BasicItem `json:"items,omitempty"`
	Keys             []string               `json:"keys,omitempty"`
	PhoneNumbers     int                    `json:"phoneNumbers"`
	DigitalAddresses int                    `json:"digitalAddresses"`
	Subjects         int                    `json:"subjects"`
	Messages         int                    `json:"messages"`
	MetadataValues   int                    `json:"metadataValues"`
	MediaFiles       int                    `json:"mediaFiles"`
}

// SelectionOf returns the items and the keys that a selection has on, for an Anonymization.
func SelectionOf(selection compliance.Selection) (items []compliance.BasicItem, keys []string) {
	for _, item := range compliance.BasicItems() {
		if selection.Basic(item) {
			items = append(items, item)
		}
	}
	return items, selection.Keys
}

// MediaFile is a media file as events name it. ContentHash is empty where it is not known.
type MediaFile struct {
	ID          int64  `json:"id"`
	ContentHash string `json:"contentHash,omitempty"`
}

// MediaFiles are those that something was done with.
type MediaFiles struct {
	Files []MediaFile `json:"files,omitempty"`
}

// Protection is media files that were protected, for a reason, until a time; nil where that is without an end.
type Protection struct {
	Files  []MediaFile                 `json:"files,omitempty"`
	Reason compliance.ProtectionReason `json:"reason"`
	Until  *time.Time                  `json:"until,omitempty"`
}

// ReleaseCause is why a protection ended.
type ReleaseCause string

// The causes.
const (
	ReleaseRequested ReleaseCause = "REQUESTED"
	ReleaseExpired   ReleaseCause = "EXPIRED"
)

// Release is media files whose protection ended.
type Release struct {
	Files []MediaFile  `json:"files,omitempty"`
	Cause ReleaseCause `json:"cause"`
}

// Import is what an import brought to a conversation, by the number of things in the vCons that changed
// something. Merged counts the conversations that joined it.
type Import struct {
	IsNew          bool `json:"isNew"`
	Participants   int  `json:"participants"`
	Segments       int  `json:"segments"`
	Messages       int  `json:"messages"`
	MetadataValues int  `json:"metadataValues"`
	MediaFiles     int  `json:"mediaFiles"`
	Merged         int  `json:"merged"`
}

// Export is a conversation that was exported: with recordings in it or without, and redacted where it was
// anonymized.
type Export struct {
	IncludesMedia bool `json:"includesMedia"`
	IsRedacted    bool `json:"isRedacted"`
}

// View is a conversation that was read; there is nothing more to say.
type View struct{}

// Code says why something was refused.
type Code string

// The codes: those of compliance.Code, and those of a request by somebody who may not.
const (
	CodeUnauthenticated Code = "UNAUTHENTICATED"
	CodeForbidden       Code = "FORBIDDEN"
	CodeNotFound             = Code(compliance.CodeNotFound)
	CodeInvalid              = Code(compliance.CodeInvalid)
	CodeConflict             = Code(compliance.CodeConflict)
	CodeCorrelationKey       = Code(compliance.CodeCorrelationKey)
	CodeNothingSelected      = Code(compliance.CodeNothingSelected)
)

// Codes returns every code.
func Codes() []Code {
	return []Code{
		CodeUnauthenticated, CodeForbidden, CodeNotFound, CodeInvalid, CodeConflict, CodeCorrelationKey,
		CodeNothingSelected,
	}
}

// Refusal is why what an activity stands for was not done. Conversations and MediaFiles count the things that
// it was asked for; Files names those of the media files that exist.
type Refusal struct {
	Code          Code        `json:"code"`
	Conversations int         `json:"conversations"`
	MediaFiles    int         `json:"mediaFiles"`
	Files         []MediaFile `json:"files,omitempty"`
}

// AccessDenial is a request that was refused because the actor may not. Operation is a field of the schema, a
// route, or "several"; Count is the number of such requests.
type AccessDenial struct {
	Operation string `json:"operation"`
	Code      Code   `json:"code"`
	Count     int    `json:"count"`
}

func (d BasicDataChange) check() error { return known(d.Item, compliance.BasicItems()) }

func (d MetadataKeyChange) check() error {
	return errors.Join(checkKeys(d.Key), known(d.Property, []KeyProperty{KeyAnonymized, KeyFilter, KeyCorrelation}))
}

func (d Anonymization) check() error {
	errs := []error{
		checkKeys(d.Keys...),
		checkCounts(d.PhoneNumbers, d.DigitalAddresses, d.Subjects, d.Messages, d.MetadataValues, d.MediaFiles),
	}
	for _, item := range d.Items {
		errs = append(errs, known(item, compliance.BasicItems()))
	}
	return errors.Join(errs...)
}

func (d MediaFiles) check() error { return checkFiles(d.Files) }

func (d Protection) check() error {
	err := errors.Join(checkFiles(d.Files), known(d.Reason, compliance.ProtectionReasons()))
	if d.Until != nil {
		err = errors.Join(err, checkTime(*d.Until))
	}
	return err
}

func (d Release) check() error {
	return errors.Join(checkFiles(d.Files), known(d.Cause, []ReleaseCause{ReleaseRequested, ReleaseExpired}))
}

func (d Import) check() error {
	return checkCounts(d.Participants, d.Segments, d.Messages, d.MetadataValues, d.MediaFiles, d.Merged)
}

func (d Export) check() error { return nil }

func (d View) check() error { return nil }

func (d Refusal) check() error {
	return errors.Join(known(d.Code, Codes()), checkCounts(d.Conversations, d.MediaFiles), checkFiles(d.Files))
}

// operationName is what the name of a refused operation looks like; no text that somebody typed does by chance.
var operationName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,99}$`)

func (d AccessDenial) check() error {
	err := errors.Join(known(d.Code, Codes()), checkCounts(d.Count))
	if !operationName.MatchString(d.Operation) {
		err = errors.Join(err, errors.New("the operation is neither a field of the schema nor a route"))
	}
	return err
}

func known[T comparable](value T, values []T) error {
	if !slices.Contains(values, value) {
		return fmt.Errorf("a %s has a value that is not one of its own", reflect.TypeFor[T]())
	}
	return nil
}

// maxInteger is the greatest integer that every reader of JSON reads as it is.
const maxInteger = 1<<53 - 1

func checkCounts(counts ...int) error {
	for _, count := range counts {
		if count < 0 || count > maxInteger {
			return errors.New("a count is negative, or too great for JSON")
		}
	}
	return nil
}

// maxKey is how many bytes the name of a metadata key has at most in an event; an import takes shorter ones.
const maxKey = 1000

func checkKeys(keys ...string) error {
	for _, key := range keys {
		if key == "" || len(key) > maxKey {
			return errors.New("the name of a metadata key is empty or too long")
		}
	}
	return nil
}

// hashForm is what a hash of a recording looks like, or a keyed hash.
var hashForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`)

// IsHash reports whether a text is a hash as events hold it: base64url, with the name of an algorithm in front
// where it has one.
func IsHash(text string) bool { return hashForm.MatchString(text) }

func checkFiles(files []MediaFile) error {
	for _, file := range files {
		if file.ID < 1 || file.ID > maxInteger || file.ContentHash != "" && !IsHash(file.ContentHash) {
			return errors.New("a media file has an id or a hash that is none")
		}
	}
	return nil
}

func (d BasicDataChange) halves() (Details, Details, bool)   { return nil, nil, false }
func (d MetadataKeyChange) halves() (Details, Details, bool) { return nil, nil, false }
func (d Import) halves() (Details, Details, bool)            { return nil, nil, false }
func (d Export) halves() (Details, Details, bool)            { return nil, nil, false }
func (d View) halves() (Details, Details, bool)              { return nil, nil, false }
func (d AccessDenial) halves() (Details, Details, bool)      { return nil, nil, false }

// halves of an Anonymization are one of the items with half of the keys, and one of the other keys. The counts
// stay with the first, so that they count once.
func (d Anonymization) halves() (Details, Details, bool) {
	first, second, divided := halve(d.Keys)
	one := d
	one.Keys = first
	return one, Anonymization{Keys: second}, divided
}

func (d MediaFiles) halves() (Details, Details, bool) {
	first, second, divided := halve(d.Files)
	return MediaFiles{first}, MediaFiles{second}, divided
}

func (d Protection) halves() (Details, Details, bool) {
	first, second, divided := halve(d.Files)
	return Protection{first, d.Reason, d.Until}, Protection{second, d.Reason, d.Until}, divided
}

func (d Release) halves() (Details, Details, bool) {
	first, second, divided := halve(d.Files)
	return Release{first, d.Cause}, Release{second, d.Cause}, divided
}

func (d Refusal) halves() (Details, Details, bool) {
	first, second, divided := halve(d.Files)
	one := d
	one.Files = first
	return one, Refusal{Code: d.Code, Files: second}, divided
}

func halve[T any](list []T) (first, second []T, divided bool) {
	if len(list) < 2 {
		return list, nil, false
	}
	middle := len(list) / 2
	return list[:middle:middle], list[middle:], true
}
