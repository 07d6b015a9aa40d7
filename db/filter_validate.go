package db

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"qm-compliance/compliance"
)

// Validate returns everything that is wrong with a filter, nothing where it can be used. The path of each error starts at the
// filter and names its members as the API does. Whether a metadata key exists is decided by the query.
func (f Filter) Validate() []*compliance.Error {
	var errs problems
	errs.checkPeriod(f.StartedFrom, f.StartedTo, "startedFrom", "startedTo")
	errs.checkList(f.Types != nil, len(f.Types), "types")
	errs.checkPhoneNumber(f.PhoneNumber)
	errs.checkDigitalAddress(f.DigitalAddress)
	errs.checkMetadata(f.Metadata)
	errs.checkList(f.MediaStatuses != nil, len(f.MediaStatuses), "mediaStatus")
	return errs
}

// problems collects what is wrong with an input. Their messages repeat no value that was given: it may be personal data.
type problems []*compliance.Error

func (p *problems) add(message string, field ...string) {
	*p = append(*p, compliance.Invalid(message, field...))
}

func (p *problems) checkPeriod(from, to *time.Time, fromField, toField string) {
	p.checkTime(from, fromField)
	p.checkTime(to, toField)
	if from != nil && to != nil && from.After(*to) {
		p.add(fmt.Sprintf("%s is later than %s; give the earlier time as %s", fromField, toField, fromField), fromField)
	}
}

func (p *problems) checkTime(at *time.Time, field string) {
	if at != nil && (at.Before(earliest()) || at.After(latest())) {
		p.add(fmt.Sprintf("%s lies outside the years 1 to 9999 (UTC); give a time within them", field), field)
	}
}

// checkList refuses a list that is given and empty: as a condition nothing would match it, and taking it for no condition would let
// everything through.
func (p *problems) checkList(given bool, length int, field string) {
	if given && length == 0 {
		p.add(field+" is an empty list, which nothing could match; name at least one, or leave it out", field)
	}
}

func (p *problems) checkPhoneNumber(number string) {
	if number != "" && len(digits(number)) < MinimumSearch {
		p.add(fmt.Sprintf("participantPhoneNumber needs at least %d digits", MinimumSearch), "participantPhoneNumber")
	}
}

func (p *problems) checkDigitalAddress(address string) {
	if address == "" {
		return
	}
	if p.checkText(address, "participantDigitalAddress"); !searchable(strings.TrimSpace(address)) {
		p.add(fmt.Sprintf("participantDigitalAddress needs at least %d characters, two of them letters or digits", MinimumSearch), "participantDigitalAddress")
	}
}

// searchable reports whether a trigram index can look for a text. A single letter or digit among punctuation may make no trigram.
func searchable(text string) bool {
	words := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			words++
		}
	}
	return words >= 2 && utf8.RuneCountInString(text) >= MinimumSearch
}

func (p *problems) checkMetadata(matches []MetadataMatch) {
	if len(matches) > MaximumMetadataMatches {
		p.add(fmt.Sprintf("metadata asks for %d values; at most %d can be asked for at once", len(matches), MaximumMetadataMatches), "metadata")
		return
	}
	for i, match := range matches {
		at := strconv.Itoa(i)
		if strings.TrimSpace(match.Key) == "" {
			p.add("the name of the metadata key is empty; give the key as metadataKeys lists it", "metadata", at, "key")
		}
		p.checkText(match.Key, "metadata", at, "key")
		p.checkText(match.Value, "metadata", at, "value")
	}
}

// checkText refuses what no stored text can hold.
func (p *problems) checkText(text string, field ...string) {
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		p.add(field[len(field)-1]+" holds a NUL character or is not valid UTF-8; no stored text does", field...)
	}
}

// digits leaves out everything but the digits of a phone number, as the index on phone numbers does.
func digits(number string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}
