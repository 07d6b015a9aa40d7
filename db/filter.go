package db

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// What a filter may ask for, so that an index can answer it.
const (
	// MinimumSearch is the number of digits or characters that a search inside a value needs: a trigram index
	// knows nothing shorter.
	MinimumSearch = 3
	// MaximumMetadataMatches is the number of metadata values that one filter can ask for.
	MaximumMetadataMatches = 10
)

// Filter narrows conversations; everything that is given must match, and the zero Filter lets every
// conversation through. A value that was anonymized matches nothing.
type Filter struct {
	// StartedFrom is inclusive, StartedTo exclusive.
	StartedFrom, StartedTo *time.Time
	// Types lets conversations of any of these types through; nil lets through all.
	Types []compliance.ConversationType
	// PhoneNumber is looked for inside the phone numbers of participants, and inside their addresses with a phone
	// number in them. Only its digits count, of which it has at least MinimumSearch.
	PhoneNumber string
	// DigitalAddress is looked for inside the digital addresses of participants, in upper or lower case.
	DigitalAddress string
	// Metadata must match all; each by the whole value, in upper or lower case.
	Metadata   []MetadataMatch
	Reviewable *bool
	// MediaStatuses lets conversations with any of these statuses through; nil lets through all.
	MediaStatuses []compliance.MediaStatus
	// Anonymized asks for conversations that were, or never were, anonymized, whatever was overwritten in
	// them.
	Anonymized *bool
}

// MetadataMatch asks for a metadata key with this value, in upper or lower case.
type MetadataMatch struct {
	Key, Value string
}

// Validate returns everything that is wrong with a filter, nothing where it can be used. The path of each
// error starts at the filter and names its members as the API does. Whether a metadata key exists is decided
// by the query.
func (f Filter) Validate() compliance.Errors {
	var errs compliance.Errors
	checkPeriod(&errs, f.StartedFrom, f.StartedTo, "startedFrom", "startedTo")
	checkList(&errs, f.Types != nil, len(f.Types), "types")
	checkPhoneNumber(&errs, f.PhoneNumber)
	checkDigitalAddress(&errs, f.DigitalAddress)
	checkMetadata(&errs, f.Metadata)
	checkList(&errs, f.MediaStatuses != nil, len(f.MediaStatuses), "mediaStatus")
	return errs
}

func checkPeriod(errs *compliance.Errors, from, to *time.Time, fromField, toField string) {
	errs.CheckTime(from, fromField)
	errs.CheckTime(to, toField)
	if from != nil && to != nil && from.After(*to) {
		message := fmt.Sprintf("%s is later than %s; give the earlier time as %s", fromField, toField, fromField)
		errs.Invalid(message, fromField)
	}
}

// checkList refuses a list that is given and empty: as a condition nothing would match it, and taking it for
// no condition would let everything through.
func checkList(errs *compliance.Errors, given bool, length int, field string) {
	if given && length == 0 {
		errs.Invalid(field+" is an empty list, which nothing could match; name at least one, or leave it out", field)
	}
}

func checkPhoneNumber(errs *compliance.Errors, number string) {
	if number != "" && len(conversation.Digits(number)) < MinimumSearch {
		message := fmt.Sprintf("participantPhoneNumber needs at least %d digits", MinimumSearch)
		errs.Invalid(message, "participantPhoneNumber")
	}
}

func checkDigitalAddress(errs *compliance.Errors, address string) {
	if address == "" {
		return
	}
	if errs.CheckText(address, "participantDigitalAddress"); !searchable(strings.TrimSpace(address)) {
		const message = "participantDigitalAddress needs at least %d characters, two of them letters or digits"
		errs.Invalid(fmt.Sprintf(message, MinimumSearch), "participantDigitalAddress")
	}
}

// searchable reports whether a trigram index can look for a text. A single letter or digit among punctuation
// may make no trigram.
func searchable(text string) bool {
	words := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			words++
		}
	}
	return words >= 2 && utf8.RuneCountInString(text) >= MinimumSearch
}

func checkMetadata(errs *compliance.Errors, matches []MetadataMatch) {
	if len(matches) > MaximumMetadataMatches {
		const message = "metadata asks for %d values; at most %d can be asked for at once"
		errs.Invalid(fmt.Sprintf(message, len(matches), MaximumMetadataMatches), "metadata")
		return
	}
	for i, match := range matches {
		at := strconv.Itoa(i)
		if strings.TrimSpace(match.Key) == "" {
			const message = "the name of the metadata key is empty; give the key as metadataKeys lists it"
			errs.Invalid(message, "metadata", at, "key")
		}
		errs.CheckText(match.Key, "metadata", at, "key")
		errs.CheckText(match.Value, "metadata", at, "value")
	}
}
