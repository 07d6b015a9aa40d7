package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

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
	err := s.inTx(ctx, func(ctx context.Context, tx transaction) error {
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
	ctx context.Context, tx transaction, op audit.Operation, access Access, ids []int64, wanted conversation.Anonymizing,
) (Anonymized, error) {
	batch, seen, err := lookAt(ctx, tx, access, ids, wanted.Selection)
	if err != nil {
		return Anonymized{}, err
	}
	result := Anonymized{SettingsVersion: wanted.Version}
	result.Done, result.Missing = batch.split(ids)
	var refused []audit.Event
	if len(result.Missing) > 0 {
		refused = append(refused, audit.Event{
			Activity: audit.InteractionAnonymize, Result: audit.Failure, SettingsVersion: wanted.Version,
			Details: audit.Refusal{Code: audit.CodeNotFound, Conversations: len(result.Missing)},
		})
	}
	_, err = s.anonymize(ctx, tx, op, batch.rows, seen, wanted, refused...)
	return result, err
}

// seen is what the plan and its events need to know beside segments and files: how many values would be
// overwritten, and the uuids of the vCons. No text is read.
type seen struct {
	values conversation.Overwritten
	vcons  vconNames
}

// lookAt finds and locks conversations that are to be anonymized.
func lookAt(
	ctx context.Context, tx transaction, access Access, ids []int64, selection compliance.Selection,
) (found, seen, error) {
	about := seen{conversation.Overwritten{}, vconNames{}}
	batch, err := findConversations(ctx, tx, access, ids, forUpdate, func(batch *pgx.Batch, ids []int64) {
		countValues(batch, selection, ids, false, about.values)
		about.vcons.read(batch, ids)
	})
	return batch, about, err
}

// anonymize carries out the plan for conversations that lookAt has locked, and records that and more. The number
// of statements and of round trips does not depend on the number of conversations.
func (s *Store) anonymize(
	ctx context.Context, tx transaction, op audit.Operation, batch []*conversation.Conversation, about seen,
	wanted conversation.Anonymizing, more ...audit.Event,
) (conversation.Plan, error) {
	if len(batch) == 0 {
		return conversation.Plan{}, s.record(ctx, tx, op, nil, more...)
	}
	plan := wanted.Plan(batch, about.values)
	return plan, s.carryOut(ctx, tx, op, plan, about.vcons, more)
}

// carryOut writes what a plan says of values, files and conversations, with the requests, events and
// notifications that follow. Requests and events are put into words while the server overwrites the values.
func (s *Store) carryOut(
	ctx context.Context, tx transaction, op audit.Operation, plan conversation.Plan, vcons vconNames,
	events []audit.Event,
) error {
	overwriting := new(pgx.Batch)
	if plan.Selection.MediaFiles {
		releaseUploads(overwriting, plannedIDs(plan.Conversations), plan.At)
	}
	changed := plan.Changed()
	overwrite(overwriting, plan.Selection, plannedIDs(changed))
	media := plan.Media()
	updateMedia(overwriting, media)
	var rows []*conversation.Conversation
	for _, c := range changed {
		rows = append(rows, c.After)
	}
	updateConversations(overwriting, rows)

	var requests []*mediaRequest
	var entries auditEntries
	err := tx.send(ctx, overwriting, func() (err error) {
		var of []audit.Event
		of, requests = s.follow(op.Actor, media, func(int64) int { return plan.Version })
		for _, c := range changed {
			of = append(of, anonymized(plan, c))
		}
		entries, err = s.auditEntries(op, nil, append(of, events...), vcons)
		return err
	})
	if err != nil {
		return err
	}
	recording := new(pgx.Batch)
	insertRequests(recording, requests)
	entries.insert(recording)
	notifyChanged(recording, conversationIDs(rows))
	if err := tx.send(ctx, recording, nil); err != nil {
		return err
	}
	return s.enqueue(ctx, tx, requests)
}

func plannedIDs(planned []conversation.PlannedConversation) []int64 {
	ids := make([]int64, 0, len(planned))
	for _, c := range planned {
		ids = append(ids, c.Before.ID)
	}
	return ids
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

// updateConversations writes what follows from anonymizing conversations or changing their files.
func updateConversations(batch *pgx.Batch, rows []*conversation.Conversation) {
	if len(rows) == 0 {
		return
	}
	const update = `
UPDATE conversations AS c
   SET anonymized_at = v.anonymized_at, settings_version = v.settings_version,
       done_phone_number = v.done_phone_number, done_digital_address = v.done_digital_address,
       done_content = v.done_content, done_media = v.done_media, done_keys = v.done_keys::text[],
       reviewable = v.reviewable, media_status = v.media_status, types = v.types::text[], revision = c.revision + 1
  FROM unnest($1::bigint[], $2::timestamptz[], $3::integer[], $4::boolean[], $5::boolean[], $6::boolean[],
       $7::boolean[], $8::text[], $9::boolean[], $10::text[], $11::text[])
    AS v (id, anonymized_at, settings_version, done_phone_number, done_digital_address, done_content, done_media,
       done_keys, reviewable, media_status, types)
 WHERE c.id = v.id`
	batch.Queue(update, conversationIDs(rows),
		each(rows, func(c *conversation.Conversation) *time.Time { return c.AnonymizedAt }),
		each(rows, func(c *conversation.Conversation) *int { return c.SettingsVersion }),
		each(rows, func(c *conversation.Conversation) bool { return c.DonePhoneNumber }),
		each(rows, func(c *conversation.Conversation) bool { return c.DoneDigitalAddress }),
		each(rows, func(c *conversation.Conversation) bool { return c.DoneContent }),
		each(rows, func(c *conversation.Conversation) bool { return c.DoneMedia }),
		each(rows, func(c *conversation.Conversation) string { return arrayText(c.DoneKeys) }),
		each(rows, func(c *conversation.Conversation) bool { return c.Reviewable }),
		each(rows, func(c *conversation.Conversation) string { return string(c.MediaStatus) }),
		each(rows, func(c *conversation.Conversation) string { return arrayText(c.Types) }))
	batch.Queue(settleFacets, conversationIDs(rows))
}

// notifyConversations notifies all listeners, once the transaction commits, that these conversations changed.
// It carries ids and nothing else.
func notifyConversations(ctx context.Context, tx transaction, ids []int64) error {
	batch := new(pgx.Batch)
	notifyChanged(batch, ids)
	return tx.send(ctx, batch, nil)
}

// notifyChanged puts as many ids into a notification as have room in one, which has less than 8,000 bytes. One for
// each id would take each listener as many messages.
func notifyChanged(batch *pgx.Batch, ids []int64) {
	const most, query = 8_000/len("9223372036854775807,") - 1, `
SELECT pg_notify($1::text, string_agg(id::text, ','))
  FROM unnest($2::bigint[]) WITH ORDINALITY AS changed (id, number) GROUP BY (number - 1) / $3::integer`
	if len(ids) > 0 {
		batch.Queue(query, notify.ConversationChannel, ids, most)
	}
}

// target is a column that a selection covers, and what anonymizing writes there (design, section 4, first
// table).
type target struct {
	count       compliance.ValueKind
	column      string
	placeholder compliance.Placeholder
	narrow      string   // further condition on the row (alias t) of the conversations $1; empty for none
	narrowBy    []string // its argument, ?
	detail      string   // the Detail of a compliance.Value; empty where the kind of values has none
}

// flag is the column that says whether the target is anonymized.
func (t target) flag() string { return t.column + "_anonymized" }

// due is the condition on a row (alias t) under which its value is overwritten: an empty value stays empty,
// and what is anonymized already stays as it is.
func (t target) due(arguments *arguments) string {
	due := fmt.Sprintf("t.%s <> '' AND NOT t.%s", t.column, t.flag())
	if t.narrow != "" {
		due += " AND " + strings.Replace(t.narrow, "?", arguments.add(t.narrowBy), 1)
	}
	return "(" + due + ")"
}

// arguments are those of a statement that is put together.
type arguments []any

// add adds an argument, and returns how the statement names it.
func (a *arguments) add(value any) string {
	*a = append(*a, value)
	return fmt.Sprintf("$%d", len(*a))
}

// countValues counts, in one statement for each table, the values that overwrite would overwrite, and adds them to
// values once the batch is sent. Detailed tells apart what has a Detail.
func countValues(
	batch *pgx.Batch, selection compliance.Selection, ids []int64, detailed bool, values conversation.Overwritten,
) {
	for _, table := range storedTables() {
		covered := table.targets(selection)
		if len(covered) == 0 {
			continue
		}
		given, detail := arguments{ids}, "''::text"
		var due []string
		for _, t := range covered {
			due = append(due, t.due(&given))
			if detailed && t.detail != "" {
				detail = t.detail
			}
		}
		queueCounts(batch, table.name, given, detail, due, func(id int64, detail string, at, count int) {
			values.Add(id, compliance.Value{Kind: covered[at].count, Detail: detail}, count)
		})
	}
}

// overwrite puts the placeholders where the selected values stand, in one statement for each table.
func overwrite(batch *pgx.Batch, selection compliance.Selection, ids []int64) {
	for _, table := range storedTables() {
		covered := table.targets(selection)
		if len(covered) == 0 || len(ids) == 0 {
			continue
		}
		given := arguments{ids}
		var set, due []string
		for _, t := range covered {
			isDue, placeholder := t.due(&given), given.add(string(t.placeholder))
			due = append(due, isDue)
			if len(covered) == 1 {
				set = append(set, fmt.Sprintf("%s = %s, %s = true", t.column, placeholder, t.flag()))
				continue
			}
			set = append(set, fmt.Sprintf("%[1]s = CASE WHEN %[3]s THEN %[4]s ELSE t.%[1]s END, %[2]s = t.%[2]s OR %[3]s",
				t.column, t.flag(), isDue, placeholder))
		}
		batch.Queue("UPDATE "+table.name+" AS t SET "+strings.Join(set, ", ")+
			" WHERE t.conversation_id = ANY ($1) AND ("+strings.Join(due, " OR ")+")", given...)
	}
}
