package db

import (
	"context"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// target is a column that may hold personal data, and what anonymizing writes there (design, section 4, first table).
type target struct {
	// count is the name under which an audit event counts the values.
	count         string
	table, column bun.Ident
	placeholder   compliance.Placeholder
	on            bool
	narrow        string // further condition on the rows
	narrowBy      any
}

// targets lists every column with personal data, for what the selection has on.
func targets(s compliance.Selection) []target {
	kinds := s.CoveredKinds()
	return []target{
		{count: "phoneNumbers", table: "participants", column: "phone_number", placeholder: compliance.PhoneNumberPlaceholder, on: s.ParticipantPhoneNumber},
		{count: "digitalAddresses", table: "participants", column: "digital_address", placeholder: compliance.DigitalAddressPlaceholder, on: s.ParticipantDigitalAddress},
		{count: "subjects", table: "segments", column: "title", placeholder: compliance.ContentPlaceholder, on: len(kinds) > 0,
			narrow: "kind IN (?)", narrowBy: bun.List(kinds)},
		{count: "messages", table: "messages", column: "text", placeholder: compliance.ContentPlaceholder, on: len(kinds) > 0,
			narrow: "segment_id IN (SELECT s.id FROM segments AS s WHERE s.conversation_id = t.conversation_id AND s.kind IN (?))", narrowBy: bun.List(kinds)},
		{count: "metadataValues", table: "metadata", column: "value", placeholder: compliance.MetadataPlaceholder, on: len(s.Keys) > 0,
			narrow: "key_id IN (SELECT k.id FROM metadata_keys AS k WHERE k.name IN (?))", narrowBy: bun.List(s.Keys)},
	}
}

// overwrite puts the placeholders where the selected values stand. An empty value stays empty, and what is anonymized already stays as it is.
func (w *anonymization) overwrite(ctx context.Context) error {
	for _, t := range targets(w.selection) {
		if !t.on {
			continue
		}
		if err := w.overwriteColumn(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (w *anonymization) overwriteColumn(ctx context.Context, t target) error {
	flag := t.column + "_anonymized"
	query := w.tx.NewUpdate().TableExpr("? AS t", t.table).
		Set("? = ?, ? = true", t.column, string(t.placeholder), flag).
		Where("t.conversation_id IN (?)", bun.List(w.ids)).
		Where("t.? <> '' AND NOT t.?", t.column, flag).
		Returning("t.conversation_id")
	if t.narrow != "" {
		query = query.Where(t.narrow, t.narrowBy)
	}
	var touched []int64
	if _, err := query.Exec(ctx, &touched); err != nil {
		return err
	}
	for _, id := range touched {
		w.counts[id][t.count]++
	}
	return nil
}
