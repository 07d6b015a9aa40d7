package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/notify"
)

// Anonymized says what became of the conversations that were to be anonymized.
type Anonymized struct {
	// SettingsVersion is the version whose selection was applied.
	SettingsVersion int
	// Done are the conversations that are anonymized now, Missing those that do not exist for the
	// caller; both in the order of the ids given.
	Done, Missing []int64
}

// Anonymize overwrites what the saved settings select in the given conversations, plans their media for
// deletion, and writes the audit events, all in one transaction: after a crash at any instant it has happened
// entirely or not at all (design, section 4). Repeating it is harmless, and covers what was switched on
// since. With nothing switched on it fails with NOTHING_SELECTED.
func (s *Store) Anonymize(
	ctx context.Context, op audit.Operation, access Access, ids []int64,
) (Anonymized, error) {
	return s.AnonymizeUnder(ctx, op, access, ids, nil)
}

// AnonymizeUnder anonymizes as Anonymize does, and fails with CONFLICT where another version of the settings
// than the one that is meant is in force: what cannot be undone must not be done under a selection that
// nobody has seen. Without a version it takes whichever is in force.
func (s *Store) AnonymizeUnder(
	ctx context.Context, op audit.Operation, access Access, ids []int64, meant *int,
) (Anonymized, error) {
	var result Anonymized
	err := s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		settings, err := latestSettings(ctx, tx)
		if err != nil {
			return err
		}
		if err := refuseOther(settings, meant); err != nil {
			return err
		}
		wanted := conversation.Anonymizing{Selection: settings.selection(), Version: settings.Version, At: s.now()}
		result, err = s.anonymizeAll(ctx, tx, op, access, ids, wanted)
		return err
	})
	if refused := compliance.CodeOf(err); refused != "" {
		details := audit.Refusal{Code: audit.Code(refused), Conversations: len(ids)}
		failure := audit.Event{Activity: audit.InteractionAnonymize, Result: audit.Failure, Details: details}
		err = errors.Join(err, s.Record(ctx, op, failure))
	}
	return result, err
}

func refuseOther(settings *settingsRow, meant *int) error {
	if meant != nil && *meant != settings.Version {
		return compliance.Conflict(fmt.Sprintf(
			"version %d of the settings is in force, not version %d; review the new preview before you anonymize",
			settings.Version, *meant), "settingsVersion")
	}
	if settings.selection().Empty() {
		return compliance.ErrNothingSelected()
	}
	return nil
}

// anonymizeAll anonymizes those of the given conversations that exist for the caller, and records the number
// of the others without their ids.
func (s *Store) anonymizeAll(
	ctx context.Context, tx bun.Tx, op audit.Operation, access Access, ids []int64, wanted conversation.Anonymizing,
) (Anonymized, error) {
	batch, err := findConversations(ctx, tx, access, ids, forUpdate)
	if err != nil {
		return Anonymized{}, err
	}
	result := Anonymized{SettingsVersion: wanted.Version}
	result.Done, result.Missing = batch.split(ids)
	_, events, err := s.anonymize(ctx, tx, op.Actor, batch.rows, wanted)
	if err != nil {
		return Anonymized{}, err
	}
	if len(result.Missing) > 0 {
		events = append(events, audit.Event{
			Activity: audit.InteractionAnonymize, Result: audit.Failure, SettingsVersion: wanted.Version,
			Details: audit.Refusal{Code: audit.CodeNotFound, Conversations: len(result.Missing)},
		})
	}
	return result, s.record(ctx, tx, op, nil, events...)
}

// anonymize overwrites what is selected in locked conversations, whose segments and files are loaded, and
// carries out the plan that follows. It returns the events that are to be recorded. The number of statements
// does not depend on the number of conversations.
func (s *Store) anonymize(
	ctx context.Context, tx bun.Tx, actor audit.Actor,
	batch []*conversation.Conversation, wanted conversation.Anonymizing,
) (conversation.Plan, []audit.Event, error) {
	if len(batch) == 0 {
		return conversation.Plan{}, nil, nil
	}
	overwritten, err := overwrite(ctx, tx, wanted.Selection, conversationIDs(batch))
	if err != nil {
		return conversation.Plan{}, nil, err
	}
	if wanted.Selection.MediaFiles {
		if err := releaseUploads(ctx, tx, conversationIDs(batch), wanted.At); err != nil {
			return conversation.Plan{}, nil, err
		}
	}
	plan := wanted.Plan(batch, overwritten)
	events, err := s.carryOut(ctx, tx, actor, plan)
	return plan, events, err
}

// carryOut writes what a plan says of files and conversations, with the requests and notifications that
// follow, and returns the events.
func (s *Store) carryOut(
	ctx context.Context, tx bun.Tx, actor audit.Actor, plan conversation.Plan,
) ([]audit.Event, error) {
	version := func(int64) int { return plan.Version }
	events, err := s.writeMedia(ctx, tx, actor, plan.Media(), version)
	if err != nil {
		return nil, err
	}
	var rows []*conversation.Conversation
	for _, c := range plan.Changed() {
		rows = append(rows, c.After)
		events = append(events, anonymized(plan, c))
	}
	err = updateRows(ctx, tx, rows,
		"anonymized_at", "settings_version",
		"done_phone_number", "done_digital_address", "done_content", "done_media", "done_keys",
		"reviewable", "media_status", "types")
	if err != nil {
		return nil, err
	}
	return events, notifyConversations(ctx, tx, conversationIDs(rows))
}

// anonymized is the event of one conversation of a plan.
func anonymized(plan conversation.Plan, c conversation.PlannedConversation) audit.Event {
	items, keys := audit.SelectionOf(plan.Selection)
	return audit.Event{
		Activity: audit.InteractionAnonymize, Result: audit.Success, ConversationID: c.After.ID,
		SettingsVersion: plan.Version,
		Details: audit.Anonymization{
			Items: items, Keys: keys,
			PhoneNumbers:     c.Effect.Of(compliance.PhoneNumbers),
			DigitalAddresses: c.Effect.Of(compliance.DigitalAddresses),
			Subjects:         c.Effect.Of(compliance.Subjects), Messages: c.Effect.Of(compliance.Messages),
			MetadataValues: c.Effect.Of(compliance.MetadataValues), MediaFiles: c.PlannedFiles(),
		},
	}
}

// notifyConversations notifies all listeners, once the transaction commits, that these conversations changed.
// It carries ids and nothing else.
func notifyConversations(ctx context.Context, tx bun.IDB, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	const query = "SELECT pg_notify(?, id::text) FROM unnest(ARRAY[?]::bigint[]) AS id"
	_, err := tx.NewRaw(query, notify.ConversationChannel, bun.List(ids)).Exec(ctx)
	return err
}

// target is a column that a selection covers, and what anonymizing writes there (design, section 4, first
// table).
type target struct {
	count       compliance.ValueKind
	column      bun.Ident
	placeholder compliance.Placeholder
	narrow      schema.QueryWithArgs // further condition on the row (alias t)
	detail      string               // the Detail of a compliance.Value; empty where the kind of values has none
}

// flag is the column that says whether the target is anonymized.
func (t target) flag() bun.Ident { return t.column + "_anonymized" }

// due is the condition on a row (alias t) under which its value is overwritten: an empty value stays empty,
// and what is anonymized already stays as it is.
func (t target) due() schema.QueryWithArgs {
	return bun.SafeQuery("(t.? <> '' AND NOT t.? AND ?)", t.column, t.flag(), t.narrow)
}

// overwrite puts the placeholders where the selected values stand, in one statement for each table, and
// counts them.
func overwrite(
	ctx context.Context, tx bun.IDB, selection compliance.Selection, ids []int64,
) (conversation.Overwritten, error) {
	overwritten := conversation.Overwritten{}
	for _, table := range storedTables() {
		covered := table.targets(selection)
		if len(covered) == 0 {
			continue
		}
		rows, err := table.overwrite(ctx, tx, covered, ids)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			for i, t := range covered {
				if row.Due[i] {
					overwritten.Add(row.ConversationID, compliance.Value{Kind: t.count}, 1)
				}
			}
		}
	}
	return overwritten, nil
}

// overwrittenRow is a row in which something was overwritten: which of the targets were due, in their order.
type overwrittenRow struct {
	ConversationID int64
	Due            []bool `bun:",array"`
}

// overwrite overwrites targets of the table in the rows of these conversations. It looks first for what is
// due, since an UPDATE of PostgreSQL 15 returns no old values.
func (t storedTable) overwrite(
	ctx context.Context, tx bun.IDB, covered []target, ids []int64,
) (rows []overwrittenRow, err error) {
	table := bun.Ident(t.name)
	look := tx.NewSelect().TableExpr("? AS t", table).Where("t.conversation_id IN (?)", bun.List(ids))
	update := tx.NewUpdate().TableExpr("? AS o", table).TableExpr("look")
	for _, key := range t.key {
		look.ColumnExpr("t.?", key)
		update.Where("o.? = look.?", key, key)
	}
	var due []bun.Ident
	for _, c := range covered {
		isDue := "look." + c.column + "_due"
		due = append(due, isDue)
		look.ColumnExpr("? AS ?", c.due(), c.column+"_due")
		update.Set("? = CASE WHEN ? THEN ? ELSE o.? END", c.column, isDue, string(c.placeholder), c.column)
		update.Set("? = o.? OR ?", c.flag(), c.flag(), isDue)
	}
	_, err = update.WithQuery(bun.NewWithQuery("look", look).Materialized()).
		Where("true IN (?)", bun.List(due)).
		Returning("o.conversation_id, ARRAY[?] AS due", bun.List(due)).
		Exec(ctx, &rows)
	return rows, err
}
