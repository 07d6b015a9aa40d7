package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/notify"
)

// MetadataKey is a metadata key that the system knows.
type MetadataKey struct {
	bun.BaseModel `bun:"table:metadata_keys,alias:k"`

	ID            int `bun:",pk,autoincrement"`
	Name          string
	IsFilter      bool
	IsCorrelation bool
	FirstSeenAt   time.Time
}

// MetadataKeys returns every metadata key that the system knows, sorted by name: character by character, so
// that the order does not depend on how the server collates.
func (s *Store) MetadataKeys(ctx context.Context) ([]*MetadataKey, error) {
	keys := []*MetadataKey{}
	err := s.db.NewSelect().Model(&keys).OrderExpr(`k.name COLLATE "C"`).Scan(ctx)
	return keys, err
}

// CountMetadataKeys counts the keys that MetadataKeys returns.
func (s *Store) CountMetadataKeys(ctx context.Context) (count int, err error) {
	err = s.db.NewSelect().Model((*MetadataKey)(nil)).ColumnExpr("count(*)").Scan(ctx, &count)
	return count, err
}

// KeyConfiguration says what a metadata key is used for; a nil member keeps its value.
type KeyConfiguration struct {
	Key                   string
	IsFilter, Correlation *bool
	// AllowAnonymized says that making a correlation key of one that is switched on is meant.
	AllowAnonymized bool
}

// ConfigureMetadataKey makes a key a filter or a correlation key, or no longer one; its switch in the
// settings stays as it is. Making a correlation key of one that is anonymized fails with CORRELATION_KEY
// unless that is meant; an unknown key is INVALID. Nothing is written where nothing changes.
func (s *Store) ConfigureMetadataKey(
	ctx context.Context, op audit.Operation, wanted KeyConfiguration,
) (*MetadataKey, error) {
	var key *MetadataKey
	err := s.inTx(ctx, func(ctx context.Context, tx transaction) error {
		if err := lockSettings(ctx, tx); err != nil {
			return err
		}
		settings, err := readSettings(ctx, tx)
		if err != nil {
			return err
		}
		if key = settings.Key(wanted.Key); key == nil {
			const message = "there is no metadata key %q"
			return compliance.Invalid(fmt.Sprintf(message, wanted.Key), "key")
		}
		return s.configure(ctx, tx, op, settings, key, wanted)
	})
	if err != nil {
		return nil, err
	}
	return key, nil
}

func (s *Store) configure(
	ctx context.Context, tx transaction, op audit.Operation, settings *Settings, key *MetadataKey, wanted KeyConfiguration,
) error {
	isAnonymized := settings.Selection.Key(key.Name)
	if becomes(key.IsCorrelation, wanted.Correlation) && isAnonymized && !wanted.AllowAnonymized {
		merged, err := mergedBy(ctx, tx, []string{key.Name})
		if err != nil {
			return err
		}
		return compliance.AnonymizedCorrelation(key.Name, merged[key.Name])
	}
	var events []audit.Event
	move(&key.IsFilter, wanted.IsFilter, key.Name, audit.KeyFilter, &events)
	move(&key.IsCorrelation, wanted.Correlation, key.Name, audit.KeyCorrelation, &events)
	if len(events) == 0 {
		return nil
	}
	if _, err := tx.NewUpdate().Model(key).Column("is_filter", "is_correlation").WherePK().Exec(ctx); err != nil {
		return err
	}
	if _, err := tx.NewRaw("SELECT pg_notify(?, ?::text)", notify.SettingsChannel,
		settings.Version).Exec(ctx); err != nil {
		return err
	}
	return s.record(ctx, tx, op, nil, events...)
}

func becomes(is bool, wanted *bool) bool { return !is && wanted != nil && *wanted }

// move sets a switch where that changes it, and adds the event that says so.
func move(is *bool, wanted *bool, key string, property audit.KeyProperty, events *[]audit.Event) {
	if wanted == nil || *wanted == *is {
		return
	}
	details := audit.MetadataKeyChange{Key: key, Property: property, Old: *is, New: *wanted}
	*is = *wanted
	*events = append(*events, audit.Event{
		Activity: audit.MetadataKeyUpdate, Result: audit.Success, Details: details,
	})
}

// mergedBy counts, for each of the named correlation keys, the conversations of several vCons that have the
// same value of it: those that its values hold together.
func mergedBy(ctx context.Context, db bun.IDB, keys []string) (map[string]int, error) {
	counts := map[string]int{}
	if len(keys) == 0 {
		return counts, nil
	}
	const query = `
SELECT name, count(DISTINCT conversation_id) AS conversations
  FROM (SELECT k.name, md.conversation_id
          FROM metadata_keys AS k
          JOIN metadata AS md ON md.key_id = k.id AND NOT md.value_anonymized AND md.value <> ''
         WHERE k.name IN (?)
           AND EXISTS (SELECT FROM vcons AS v WHERE v.conversation_id = md.conversation_id AND v.uuid <> md.vcon_uuid)
         GROUP BY k.name, md.conversation_id, md.value HAVING count(DISTINCT md.vcon_uuid) > 1) AS held
 GROUP BY name`
	var rows []struct {
		Name          string
		Conversations int
	}
	err := db.NewRaw(query, bun.List(keys)).Scan(ctx, &rows)
	for _, row := range rows {
		counts[row.Name] = row.Conversations
	}
	return counts, err
}

// KnowKeys makes metadata keys known, switched off, before any conversation has them, so that they can be
// configured.
func (s *Store) KnowKeys(ctx context.Context, names []string) error {
	return s.inTx(ctx, func(ctx context.Context, tx transaction) error {
		_, err := knowKeys(ctx, tx, s.now(), new(pgx.Batch), names)
		return err
	})
}

// knowKeys returns the metadata keys with these names. A key that is seen for the first time becomes known,
// switched off (design, section 3). New keys are stored in alphabetical order, so that two imports never wait
// for each other. Batch is sent first.
func knowKeys(
	ctx context.Context, tx transaction, now time.Time, batch *pgx.Batch, names []string,
) (conversation.KeyIndex, error) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	known, err := readKeys(ctx, tx, batch, names)
	if err != nil || len(known.IDs) == len(names) {
		return known, err
	}
	var fresh []*MetadataKey
	for _, name := range names {
		if _, is := known.IDs[name]; !is {
			fresh = append(fresh, &MetadataKey{Name: name, FirstSeenAt: now})
		}
	}
	insert := tx.NewInsert().Model(&fresh).On("CONFLICT (name) DO NOTHING").Returning("NULL")
	if _, err := insert.Exec(ctx); err != nil {
		return conversation.KeyIndex{}, err
	}
	return readKeys(ctx, tx, new(pgx.Batch), names)
}

func readKeys(
	ctx context.Context, tx transaction, batch *pgx.Batch, names []string,
) (conversation.KeyIndex, error) {
	index := conversation.KeyIndex{IDs: map[string]int{}, Correlation: map[string]bool{}}
	const known = "SELECT id, name, is_correlation FROM metadata_keys WHERE name = ANY ($1)"
	batch.Queue(known, names).Query(func(rows pgx.Rows) error {
		var id int
		var name string
		var correlates bool
		_, err := pgx.ForEachRow(rows, []any{&id, &name, &correlates}, func() error {
			index.IDs[name] = id
			if correlates {
				index.Correlation[name] = true
			}
			return nil
		})
		return err
	})
	return index, tx.send(ctx, batch, nil)
}
