package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/notify"
)

// Settings are the compliance settings as they were saved last (design, section 3).
type Settings struct {
	Version int
	// SavedAt, SavedBy and SavedByName are nil and empty for the first version, which nobody saved.
	SavedAt              *time.Time
	SavedBy, SavedByName string
	Selection            compliance.Selection
	// Keys are all the metadata keys that the system knows, sorted by name.
	Keys []*MetadataKey
}

// Key finds a metadata key by its name, nil where the system does not know it.
func (s *Settings) Key(name string) *MetadataKey {
	for _, key := range s.Keys {
		if key.Name == name {
			return key
		}
	}
	return nil
}

func (s *Settings) known(name string) bool { return s.Key(name) != nil }

func (s *Settings) isCorrelation(name string) bool {
	key := s.Key(name)
	return key != nil && key.IsCorrelation
}

// settingsRow is a version of the settings; versions are added and never changed.
type settingsRow struct {
	bun.BaseModel `bun:"table:compliance_settings,alias:cs"`

	Version                   int `bun:",pk"`
	SavedAt                   *time.Time
	SavedBy                   string `bun:",nullzero"`
	SavedByName               string `bun:",nullzero"`
	ParticipantPhoneNumber    bool
	ParticipantDigitalAddress bool
	SubjectAndBody            bool
	MediaFiles                bool
	Keys                      []string `bun:",array"`
}

func (r *settingsRow) selection() compliance.Selection {
	return compliance.Selection{
		ParticipantPhoneNumber: r.ParticipantPhoneNumber, ParticipantDigitalAddress: r.ParticipantDigitalAddress,
		SubjectAndBody: r.SubjectAndBody, MediaFiles: r.MediaFiles, Keys: r.Keys,
	}
}

func (r *settingsRow) settings(keys []*MetadataKey) *Settings {
	return &Settings{
		Version: r.Version, SavedAt: r.SavedAt, SavedBy: r.SavedBy, SavedByName: r.SavedByName,
		Selection: r.selection(), Keys: keys,
	}
}

// Settings returns the settings in force.
func (s *Store) Settings(ctx context.Context) (*Settings, error) {
	return readSettings(ctx, s.db)
}

func readSettings(ctx context.Context, db bun.IDB) (*Settings, error) {
	row, err := latestSettings(ctx, db)
	if err != nil {
		return nil, err
	}
	var keys []*MetadataKey
	err = db.NewSelect().Model(&keys).OrderExpr("name").Scan(ctx)
	return row.settings(keys), err
}

func latestSettings(ctx context.Context, db bun.IDB) (*settingsRow, error) {
	row := new(settingsRow)
	err := db.NewSelect().Model(row).OrderExpr("version DESC").Limit(1).Scan(ctx)
	return row, err
}

// addVersion stores a selection as the next version, notifies all listeners, and returns the settings then in
// force.
func (s *Store) addVersion(
	ctx context.Context, tx bun.IDB, actor audit.Actor, current *Settings, selection compliance.Selection,
) (*Settings, error) {
	now := s.now().Truncate(time.Microsecond)
	row := &settingsRow{
		Version: current.Version + 1, SavedAt: &now, SavedBy: actor.ID, SavedByName: actor.Name,
		ParticipantPhoneNumber:    selection.ParticipantPhoneNumber,
		ParticipantDigitalAddress: selection.ParticipantDigitalAddress,
		SubjectAndBody:            selection.SubjectAndBody, MediaFiles: selection.MediaFiles,
		Keys: append([]string{}, selection.Keys...),
	}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return nil, err
	}
	if _, err := tx.NewRaw("SELECT pg_notify(?, ?::text)", notify.SettingsChannel, row.Version).Exec(ctx); err != nil {
		return nil, err
	}
	return row.settings(current.Keys), nil
}

// lockSettings lets one transaction at a time decide about the settings and the keys; reading goes on
// meanwhile.
func lockSettings(ctx context.Context, tx bun.IDB) error {
	_, err := tx.NewRaw("LOCK TABLE compliance_settings IN SHARE ROW EXCLUSIVE MODE").Exec(ctx)
	return err
}

// Staged is what a user has chosen but not saved. It has no effect on anything (design, section 3, "Staged
// edits and Reset").
type Staged struct {
	bun.BaseModel `bun:"table:staged_settings,alias:st"`

	Subject string `bun:",pk"`
	// BaseVersion is the version that was in force when the user began.
	BaseVersion int
	// Edit names the switches that the user moved.
	Edit     compliance.Edit `bun:"type:jsonb"`
	StagedAt time.Time
}

// Staged returns what the user has staged, nil where there is nothing.
func (s *Store) Staged(ctx context.Context, actor audit.Actor) (*Staged, error) {
	return readStaged(ctx, s.db, actor)
}

func readStaged(ctx context.Context, db bun.IDB, actor audit.Actor) (*Staged, error) {
	staged := new(Staged)
	err := db.NewSelect().Model(staged).Where("subject = ?", actor.ID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return staged, err
}

// StageSettings adds to what the user has staged; items that are not named keep their staged value. Moving
// every switch back to where it is saved leaves nothing staged. An unknown key, one given twice, or an empty
// name is a compliance.Errors, and nothing is staged.
func (s *Store) StageSettings(ctx context.Context, actor audit.Actor, wanted Wanted) error {
	return s.inTx(ctx, func(ctx context.Context, tx transaction) error {
		if err := lockSettings(ctx, tx); err != nil {
			return err
		}
		current, err := readSettings(ctx, tx)
		if err != nil {
			return err
		}
		edit, errs := compliance.NewEdit(wanted.Basic, wanted.Keys, current.known)
		if len(errs) > 0 {
			return errs
		}
		return s.stage(ctx, tx, actor, current, edit)
	})
}

func (s *Store) stage(
	ctx context.Context, tx transaction, actor audit.Actor, current *Settings, edit compliance.Edit,
) error {
	staged, err := readStaged(ctx, tx, actor)
	if err != nil {
		return err
	}
	if staged == nil {
		staged = &Staged{Subject: actor.ID, BaseVersion: current.Version}
	}
	wanted := edit.Apply(staged.Edit.Apply(current.Selection))
	staged.Edit, staged.StagedAt = compliance.EditBetween(current.Selection, wanted), s.now()
	if staged.Edit.Empty() {
		return unstage(ctx, tx, actor)
	}
	_, err = tx.NewInsert().Model(staged).On("CONFLICT (subject) DO UPDATE").
		Set("edit = EXCLUDED.edit, staged_at = EXCLUDED.staged_at").Exec(ctx)
	return err
}

// ResetSettings throws the user's staged selection away; it is no error where there is none.
func (s *Store) ResetSettings(ctx context.Context, actor audit.Actor) error {
	return unstage(ctx, s.db, actor)
}

func unstage(ctx context.Context, db bun.IDB, actor audit.Actor) error {
	_, err := db.NewDelete().Model((*Staged)(nil)).Where("subject = ?", actor.ID).Exec(ctx)
	return err
}

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
func (s *Store) SaveSettings(ctx context.Context, op audit.Operation, save Save) (*Settings, error) {
	var inForce *Settings
	err := s.inTx(ctx, func(ctx context.Context, tx transaction) error {
		if err := lockSettings(ctx, tx); err != nil {
			return err
		}
		current, err := readSettings(ctx, tx)
		if err != nil {
			return err
		}
		inForce = current
		saved, err := s.saveOver(ctx, tx, op, current, save)
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
	ctx context.Context, tx transaction, op audit.Operation, current *Settings, save Save,
) (*Settings, error) {
	if err := compliance.CheckBase(save.BaseVersion, current.Version); err != nil {
		return nil, err
	}
	edit, err := wantedEdit(ctx, tx, op.Actor, current, save.Wanted)
	if err != nil {
		return nil, err
	}
	next := edit.Apply(current.Selection)
	if err := guardCorrelation(ctx, tx, current, next, save.AllowCorrelationKeys); err != nil {
		return nil, err
	}
	if err := unstage(ctx, tx, op.Actor); err != nil {
		return nil, err
	}
	return s.storeChanges(ctx, tx, op, current, next)
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
	ctx context.Context, tx bun.IDB, actor audit.Actor, current *Settings, wanted *Wanted,
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
	ctx context.Context, tx transaction, op audit.Operation, current *Settings, next compliance.Selection,
) (*Settings, error) {
	changes := compliance.Changes(current.Selection, next)
	if len(changes) == 0 {
		return current, nil
	}
	if !slices.ContainsFunc(changes, func(c compliance.Change) bool { return !c.Metadata }) {
		op.Activity = audit.MetadataKeyUpdate
	}
	saved, err := s.addVersion(ctx, tx, op.Actor, current, next)
	if err != nil {
		return nil, err
	}
	return saved, s.record(ctx, tx, op, nil, changeEvents(changes, saved.Version)...)
}

func changeEvents(changes []compliance.Change, version int) []audit.Event {
	events := make([]audit.Event, 0, len(changes))
	for _, change := range changes {
		event := audit.Event{
			Activity: audit.FieldConfigUpdate, Result: audit.Success, SettingsVersion: version,
			Details: audit.BasicDataChange{Item: compliance.BasicItem(change.Item), Old: change.Old, New: change.New},
		}
		if change.Metadata {
			event.Activity = audit.MetadataKeyUpdate
			event.Details = audit.MetadataKeyChange{
				Key: change.Item, Property: audit.KeyAnonymized, Old: change.Old, New: change.New,
			}
		}
		events = append(events, event)
	}
	return events
}
