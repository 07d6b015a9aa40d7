package db

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

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

// Settings returns the settings in force.
func (s *Store) Settings(ctx context.Context) (*Settings, error) {
	return readSettings(ctx, s.db)
}

func readSettings(ctx context.Context, db bun.IDB) (*Settings, error) {
	row, err := latestSettings(ctx, db)
	if err != nil {
		return nil, err
	}
	settings := &Settings{Version: row.Version, SavedAt: row.SavedAt, SavedBy: row.SavedBy, SavedByName: row.SavedByName, Selection: row.selection()}
	err = db.NewSelect().Model(&settings.Keys).OrderExpr("name").Scan(ctx)
	return settings, err
}

func latestSettings(ctx context.Context, db bun.IDB) (*settingsRow, error) {
	row := new(settingsRow)
	err := db.NewSelect().Model(row).OrderExpr("version DESC").Limit(1).Scan(ctx)
	return row, err
}

// addVersion stores a selection as the next version, and tells whoever listens.
func (s *Store) addVersion(ctx context.Context, tx bun.IDB, actor Actor, current *Settings, selection compliance.Selection) (int, error) {
	now := s.now()
	row := &settingsRow{
		Version: current.Version + 1, SavedAt: &now, SavedBy: actor.ID, SavedByName: actor.Name,
		ParticipantPhoneNumber: selection.ParticipantPhoneNumber, ParticipantDigitalAddress: selection.ParticipantDigitalAddress,
		SubjectAndBody: selection.SubjectAndBody, MediaFiles: selection.MediaFiles, Keys: slices.Clone(selection.Keys),
	}
	if row.Keys == nil {
		row.Keys = []string{}
	}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return 0, err
	}
	_, err := tx.NewRaw("SELECT pg_notify(?, ?::text)", notify.SettingsChannel, row.Version).Exec(ctx)
	return row.Version, err
}

// lockSettings lets one transaction at a time decide about the settings and the keys; reading goes on meanwhile.
func lockSettings(ctx context.Context, tx bun.IDB) error {
	_, err := tx.NewRaw("LOCK TABLE compliance_settings IN SHARE ROW EXCLUSIVE MODE").Exec(ctx)
	return err
}
