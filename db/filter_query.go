package db

import (
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// indexedValue is the number of characters of a metadata value that its index holds; see the migrations.
const indexedValue = 100

// condition is a filter that can be asked of the database: its metadata keys are known by their ids.
type condition struct {
	Filter
	keys map[string]int
}

// apply narrows a query over conversations (alias c). The expressions are those of the indexes in the migrations, to the letter.
func (f condition) apply(query *bun.SelectQuery) *bun.SelectQuery {
	return query.Apply(f.applyColumns, f.applyParticipants, f.applyMetadata)
}

func (f Filter) applyColumns(query *bun.SelectQuery) *bun.SelectQuery {
	if f.StartedFrom != nil {
		query = query.Where("c.started_at >= ?", *f.StartedFrom)
	}
	if f.StartedTo != nil {
		query = query.Where("c.started_at < ?", *f.StartedTo)
	}
	if f.Types != nil {
		query = query.Where("c.types && ARRAY[?]::text[]", bun.List(f.Types))
	}
	if f.MediaStatuses != nil {
		query = query.Where("c.media_status IN (?)", bun.List(f.MediaStatuses))
	}
	return f.applySwitches(query)
}

func (f Filter) applySwitches(query *bun.SelectQuery) *bun.SelectQuery {
	if f.Reviewable != nil {
		query = query.Where("c.reviewable = ?", *f.Reviewable)
	}
	switch {
	case f.Anonymized == nil:
		return query
	case *f.Anonymized:
		return query.Where("c.anonymized_at IS NOT NULL")
	}
	return query.Where("c.anonymized_at IS NULL")
}

func (f Filter) applyParticipants(query *bun.SelectQuery) *bun.SelectQuery {
	if f.PhoneNumber != "" {
		query = query.Where(`EXISTS (SELECT FROM participants AS p WHERE p.conversation_id = c.id
			AND NOT p.phone_number_anonymized AND p.phone_number <> '' AND regexp_replace(p.phone_number, '\D', '', 'g') LIKE ?)`,
			"%"+digits(f.PhoneNumber)+"%")
	}
	if f.DigitalAddress != "" {
		query = query.Where(`EXISTS (SELECT FROM participants AS p WHERE p.conversation_id = c.id
			AND NOT p.digital_address_anonymized AND p.digital_address <> '' AND lower(p.digital_address) LIKE lower(?))`,
			"%"+literal(strings.TrimSpace(f.DigitalAddress))+"%")
	}
	return query
}

// literal makes the wildcards of LIKE stand for themselves.
func literal(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// applyMetadata names keys by their ids: were they looked up in the same statement, the planner would not know which key it plans for, and
// take one that is rare for one that is frequent.
func (f condition) applyMetadata(query *bun.SelectQuery) *bun.SelectQuery {
	for _, match := range f.Metadata {
		query = query.Where("EXISTS (SELECT FROM metadata AS md WHERE md.conversation_id = c.id AND NOT md.value_anonymized AND md.key_id = ? AND ?)",
			f.keys[match.Key], sameValue(match.Value))
	}
	return query
}

// sameValue compares a metadata value. One that the index holds whole is compared once only: two conditions would make the planner
// expect far fewer rows than there are.
func sameValue(value string) schema.QueryWithArgs {
	if utf8.RuneCountInString(value) < indexedValue {
		return bun.SafeQuery("left(md.value, ?) = ?", indexedValue, value)
	}
	return bun.SafeQuery("left(md.value, ?0) = left(?1, ?0) AND md.value = ?1", indexedValue, value)
}
