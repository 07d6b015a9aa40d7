package db

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

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
	// maximumListed is the number of values of which one has to match.
	maximumListed = 100
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
	// AnonymizedBefore asks for conversations that were never anonymized, or not with everything that this version of the
	// settings has on.
	AnonymizedBefore *int
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
	checkList(&errs, f.MediaStatuses != nil, len(f.MediaStatuses), "mediaStatuses")
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
		errs.Invalid(field+" is an empty list; give at least one value, or leave it out", field)
	}
	if length > maximumListed {
		errs.Invalid(fmt.Sprintf("%s names %d; name at most %d", field, length, maximumListed), field)
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
			const message = "the name of the metadata key is empty"
			errs.Invalid(message, "metadata", at, "key")
		}
		errs.CheckText(match.Key, "metadata", at, "key")
		errs.CheckText(match.Value, "metadata", at, "value")
	}
}

// indexedValue is the number of characters of a metadata value that its index and its facet hold; see the migrations.
const indexedValue = 100

// condition is a filter that can be asked of the database: of its metadata the ids of the keys are known, and the
// facets.
type condition struct {
	Filter
	keys     map[string]int
	metadata []int32
	// lacks is the selection of the version of AnonymizedBefore.
	lacks *compliance.Selection
}

// write narrows a statement over conversations (alias conversation). The expressions are those of the indexes in
// the migrations, to the letter.
func (f condition) write(to *statement) {
	f.writePeriod(to, "conversation.started_at")
	f.writeColumns(to)
	for _, search := range f.searches() {
		to.varies = true
		to.and("EXISTS (SELECT FROM participants AS p WHERE p.conversation_id = conversation.id AND "+search.holds+")",
			search.pattern, search.pattern)
	}
	f.writeMetadata(to)
}

// writeLacks asks for conversations that anonymizing under a selection would not leave as they are: the selection has
// something on that was not on when they were anonymized.
func (f condition) writeLacks(to *statement) {
	if f.lacks == nil {
		return
	}
	to.varies = true
	to.and(`(conversation.anonymized_at IS NULL OR NOT ((NOT ? OR conversation.done_phone_number)
		AND (NOT ? OR conversation.done_digital_address) AND (NOT ? OR conversation.done_content)
		AND (NOT ? OR conversation.done_media) AND conversation.done_keys @> ?))`,
		f.lacks.ParticipantPhoneNumber, f.lacks.ParticipantDigitalAddress, f.lacks.SubjectAndBody, f.lacks.MediaFiles,
		append([]string{}, f.lacks.Keys...))
}

// writeColumns narrows by the columns of conversations.
func (f condition) writeColumns(to *statement) {
	f.Filter.writeColumns(to)
	f.writeLacks(to)
}

// writePeriod narrows by a column that holds the start.
func (f Filter) writePeriod(to *statement, column string) {
	if f.StartedFrom != nil {
		to.and(column+" >= ?", *f.StartedFrom)
	}
	if f.StartedTo != nil {
		to.and(column+" < ?", *f.StartedTo)
	}
	to.varies = to.varies || f.StartedFrom != nil || f.StartedTo != nil
}

func (f Filter) writeColumns(to *statement) {
	if f.Types != nil {
		to.and("conversation.types && ?", plain(f.Types))
	}
	if f.MediaStatuses != nil {
		to.and("conversation.media_status = ANY(?)", plain(f.MediaStatuses))
	}
	if f.Reviewable != nil {
		to.and("conversation.reviewable = ?", *f.Reviewable)
	}
	if f.Anonymized != nil && *f.Anonymized {
		to.and("conversation.anonymized_at IS NOT NULL")
	} else if f.Anonymized != nil {
		to.and("conversation.anonymized_at IS NULL")
	}
	to.varies = to.varies || to.narrowed
}

func plain[T ~string](values []T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}

// valueSearch looks inside values of participants (alias p): for a pattern of LIKE, twice. What is the word for the
// values in their facet.
type valueSearch struct{ what, holds, pattern string }

func (f Filter) searches() (all []valueSearch) {
	if f.PhoneNumber != "" {
		const holds = `(
			NOT p.phone_number_anonymized AND p.phone_number <> ''
			AND regexp_replace(p.phone_number, '\D', '', 'g') LIKE ?
			OR NOT p.phone_address_anonymized AND p.phone_address <> ''
			AND regexp_replace(p.phone_address, '\D', '', 'g') LIKE ?)`
		all = append(all, valueSearch{"number", holds, "%" + conversation.Digits(f.PhoneNumber) + "%"})
	}
	if f.DigitalAddress != "" {
		const holds = `(
			NOT p.digital_address_anonymized AND p.digital_address <> ''
			AND fold_case(p.digital_address) LIKE fold_case(?)
			OR NOT p.phone_address_anonymized AND p.phone_address <> ''
			AND fold_case(p.phone_address) LIKE fold_case(?))`
		all = append(all, valueSearch{"address", holds, "%" + literal(strings.TrimSpace(f.DigitalAddress)) + "%"})
	}
	return all
}

// literal makes the wildcards of LIKE stand for themselves.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// writeMetadata compares the values of one conversation after the other.
func (f condition) writeMetadata(to *statement) {
	for _, match := range f.Metadata {
		to.varies = true
		to.and(`(SELECT true FROM metadata AS md WHERE md.conversation_id = conversation.id
			AND NOT md.value_anonymized AND md.key_id = ? AND fold_case(md.value) = fold_case(?) LIMIT 1)`,
			int32(f.keys[match.Key]), match.Value)
	}
}

// prepare makes a condition of a filter. What is wrong with it is a compliance.Errors with the code INVALID,
// which names the metadata keys that the system does not know. Only a filter that asks for metadata, or for what
// is to be anonymized yet, takes statements.
func (f Filter) prepare(ctx context.Context, db bun.IDB) (condition, error) {
	if err := f.Validate().OrNil(); err != nil {
		return condition{}, err
	}
	prepared := condition{Filter: f}
	if f.AnonymizedBefore != nil {
		selection, err := selectionOf(ctx, db, *f.AnonymizedBefore)
		if err != nil {
			return condition{}, err
		}
		if prepared.lacks = selection; selection == nil {
			message := fmt.Sprintf("there is no version %d of the settings", *f.AnonymizedBefore)
			return condition{}, compliance.Errors{compliance.Invalid(message, "anonymizedBefore", "settingsVersion")}
		}
	}
	if len(f.Metadata) == 0 {
		return prepared, nil
	}
	known, err := f.knownKeys(ctx, db)
	if err != nil {
		return condition{}, err
	}
	known.lacks = prepared.lacks
	return known, f.checkKeys(known.keys)
}

// knownKeys finds the keys of the metadata, and the facets. The database makes them: it alone folds case as it does.
func (f Filter) knownKeys(ctx context.Context, db bun.IDB) (condition, error) {
	found := condition{Filter: f, keys: map[string]int{}}
	var names, values []string
	for _, match := range f.Metadata {
		names, values = append(names, match.Key), append(values, match.Value)
	}
	const query = `
SELECT k.id, k.name, facet(i.value, 'metadata ' || k.id || ' ' || left(fold_case(m.value), ?)) AS facet
  FROM unnest(ARRAY[?]::text[], ARRAY[?]::text[]) AS m (name, value) JOIN metadata_keys AS k ON k.name = m.name,
       installation AS i
 WHERE i.name = 'facets'`
	var rows []struct {
		ID    int
		Name  string
		Facet int32
	}
	err := db.NewRaw(query, indexedValue, bun.List(names), bun.List(values)).Scan(ctx, &rows)
	for _, row := range rows {
		found.keys[row.Name] = row.ID
		found.metadata = append(found.metadata, row.Facet)
	}
	return found, err
}

func (f Filter) checkKeys(known map[string]int) error {
	var errs compliance.Errors
	for i, match := range f.Metadata {
		if _, is := known[match.Key]; !is {
			message := fmt.Sprintf("there is no metadata key %q", match.Key)
			errs.Invalid(message, "metadata", strconv.Itoa(i), "key")
		}
	}
	return errs.OrNil()
}

// CaseFolding returns the collation by which filters ignore case, as the migration found it on the server;
// empty where the server had none that knows letters beyond ASCII, so that the case of others may count.
func (s *Store) CaseFolding(ctx context.Context) (collation string, err error) {
	const query = "SELECT coalesce(obj_description('fold_case(text)'::regprocedure, 'pg_proc'), '')"
	err = s.db.NewRaw(query).Scan(ctx, &collation)
	return collation, err
}
