package db

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/notify"
)

// KeyConfiguration says what a metadata key is used for; a nil member keeps its value.
type KeyConfiguration struct {
	Key                   string
	IsFilter, Correlation *bool
	// AllowAnonymized says that making a correlation key of one that is switched on is meant.
	AllowAnonymized bool
}

// ConfigureMetadataKey makes a key a filter or a correlation key, or no longer one; its switch in the settings stays as it is. Making a
// correlation key of one that is anonymized fails with CORRELATION_KEY unless that is meant; an unknown key is INVALID. Nothing is written
// where nothing changes.
func (s *Store) ConfigureMetadataKey(ctx context.Context, actor Actor, wanted KeyConfiguration) (*MetadataKey, error) {
	var key *MetadataKey
	err := s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockSettings(ctx, tx); err != nil {
			return err
		}
		settings, err := readSettings(ctx, tx)
		if err != nil {
			return err
		}
		if key = settings.Key(wanted.Key); key == nil {
			return compliance.Invalid(fmt.Sprintf("there is no metadata key %q; metadataKeys lists the keys that are known", wanted.Key), "key")
		}
		return s.configure(ctx, tx, actor, settings, key, wanted)
	})
	if err != nil {
		return nil, err
	}
	return key, nil
}

func (s *Store) configure(ctx context.Context, tx bun.Tx, actor Actor, settings *Settings, key *MetadataKey, wanted KeyConfiguration) error {
	if becomes(key.IsCorrelation, wanted.Correlation) && settings.Selection.Key(key.Name) && !wanted.AllowAnonymized {
		merged, err := mergedBy(ctx, tx, []string{key.Name})
		if err != nil {
			return err
		}
		return compliance.CorrelationKey(fmt.Sprintf("the values of %q are anonymized, and anonymized values never match: %s; "+
			"switch it off in the compliance settings first, or set allowAnonymized if that is meant", key.Name, compliance.MergedBy(merged[key.Name])), "isCorrelationKey")
	}
	events := []*AuditEvent{}
	move(&key.IsFilter, wanted.IsFilter, key.Name+" (filter key)", &events)
	move(&key.IsCorrelation, wanted.Correlation, key.Name+" (correlation key)", &events)
	if len(events) == 0 {
		return nil
	}
	if _, err := tx.NewUpdate().Model(key).Column("is_filter", "is_correlation").WherePK().Exec(ctx); err != nil {
		return err
	}
	if _, err := tx.NewRaw("SELECT pg_notify(?, ?::text)", notify.SettingsChannel, settings.Version).Exec(ctx); err != nil {
		return err
	}
	return s.record(ctx, tx, actor, events...)
}

func becomes(is bool, wanted *bool) bool { return !is && wanted != nil && *wanted }

// move sets a switch where that changes it, and adds the event that says so.
func move(is *bool, wanted *bool, item string, events *[]*AuditEvent) {
	if wanted == nil || *wanted == *is {
		return
	}
	old := *is
	*is = *wanted
	*events = append(*events, &AuditEvent{Activity: MetadataKeyUpdate, Result: Success, Details: AuditDetails{Item: item, Old: &old, New: wanted}})
}
