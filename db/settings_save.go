package db

import (
	"context"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// Wanted is what somebody asks to be switched, as it was given.
type Wanted struct {
	Basic map[compliance.BasicItem]bool
	Keys  []compliance.KeySwitch
}

// Save is a request to store a selection as a new version (design, section 3, "Save").
type Save struct {
	// BaseVersion is the version that the selection was made from; another one in force is a CONFLICT.
	BaseVersion int
	// Wanted is the selection given with the request; nil saves what the user has staged.
	Wanted *Wanted
	// AllowCorrelationKeys says that switching on a correlation key is meant.
	AllowCorrelationKeys bool
}

// SaveSettings stores a selection and answers with the settings in force afterwards. Each changed switch is
// an audit event in the same transaction; saving what is in force already writes no version. The user's
// staged selection is used up. What the caller can fix is a compliance.Error or compliance.Errors (INVALID,
// CONFLICT, CORRELATION_KEY); the settings in force come with it, and nothing is saved.
func (s *Store) SaveSettings(ctx context.Context, actor Actor, save Save) (*Settings, error) {
	var inForce *Settings
	err := s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockSettings(ctx, tx); err != nil {
			return err
		}
		current, err := readSettings(ctx, tx)
		if err != nil {
			return err
		}
		inForce = current
		saved, err := s.saveOver(ctx, tx, actor, current, save)
		if err != nil {
			return err
		}
		inForce = saved
		return nil
	})
	if err != nil && compliance.UserErrors(err) == nil {
		return nil, err
	}
	return inForce, err
}

// saveOver saves a selection over the current settings, and returns those in force afterwards.
func (s *Store) saveOver(
	ctx context.Context, tx bun.Tx, actor Actor, current *Settings, save Save,
) (*Settings, error) {
	if err := compliance.CheckBase(save.BaseVersion, current.Version); err != nil {
		return nil, err
	}
	edit, err := wantedEdit(ctx, tx, actor, current, save.Wanted)
	if err != nil {
		return nil, err
	}
	next := edit.Apply(current.Selection)
	if err := guardCorrelation(ctx, tx, current, next, save.AllowCorrelationKeys); err != nil {
		return nil, err
	}
	if err := unstage(ctx, tx, actor); err != nil {
		return nil, err
	}
	return s.storeChanges(ctx, tx, actor, current, next)
}

// guardCorrelation counts what was merged by the correlation keys that would be switched on, and refuses them
// unless that is meant.
func guardCorrelation(
	ctx context.Context, tx bun.IDB, current *Settings, next compliance.Selection, meant bool,
) error {
	var keys []string
	for _, change := range compliance.Changes(current.Selection, next) {
		if change.Metadata && change.New && current.isCorrelation(change.Item) && !meant {
			keys = append(keys, change.Item)
		}
	}
	merged, err := mergedBy(ctx, tx, keys)
	if err != nil {
		return err
	}
	count := func(key string) int { return merged[key] }
	return compliance.GuardCorrelation(current.Selection, next, current.isCorrelation, count, meant).OrNil()
}

// wantedEdit is the edit given with the request, else the staged one; an empty edit where there is neither.
func wantedEdit(
	ctx context.Context, tx bun.IDB, actor Actor, current *Settings, wanted *Wanted,
) (compliance.Edit, error) {
	if wanted == nil {
		staged, err := readStaged(ctx, tx, actor)
		if staged == nil || err != nil {
			return compliance.Edit{}, err
		}
		return staged.Edit, nil
	}
	edit, errs := compliance.NewEdit(wanted.Basic, wanted.Keys, current.known)
	return edit, errs.OrNil()
}

// storeChanges stores a selection as the next version where it differs from the current one, with the events
// that say so.
func (s *Store) storeChanges(
	ctx context.Context, tx bun.Tx, actor Actor, current *Settings, next compliance.Selection,
) (*Settings, error) {
	changes := compliance.Changes(current.Selection, next)
	if len(changes) == 0 {
		return current, nil
	}
	saved, err := s.addVersion(ctx, tx, actor, current, next)
	if err != nil {
		return nil, err
	}
	return saved, s.record(ctx, tx, actor, changeEvents(changes, saved.Version)...)
}

func changeEvents(changes []compliance.Change, version int) []*AuditEvent {
	events := make([]*AuditEvent, 0, len(changes))
	for _, change := range changes {
		activity := FieldConfigUpdate
		if change.Metadata {
			activity = MetadataKeyUpdate
		}
		events = append(events, &AuditEvent{
			Activity: activity, Result: Success, SettingsVersion: &version,
			Details: AuditDetails{Item: change.Item, Old: &change.Old, New: &change.New},
		})
	}
	return events
}
