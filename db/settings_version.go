package db

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// SettingsPage is a window of the versions of the settings.
type SettingsPage struct {
	Rows                 []*Settings
	HasNext, HasPrevious bool
	// InForce is the number of the version in force.
	InForce int
}

// Place is the place of a version among the versions.
func (s *Settings) Place() Key { return Key{Sort: int64(s.Version), ID: int64(s.Version)} }

// SettingsVersions lists the versions of the settings, the newest first, without the metadata keys that the system
// knows.
func (s *Store) SettingsVersions(ctx context.Context, p Page) (page SettingsPage, err error) {
	if err := p.check(); err != nil {
		return page, err
	}
	var rows []*settingsRow
	by := sorting{
		column: "cs.version", id: "cs.version", descending: true, value: func(sort int64) any { return sort },
	}
	if err := p.apply(s.db.NewSelect().Model(&rows), by).Scan(ctx); err != nil {
		return page, err
	}
	rows, page.HasNext, page.HasPrevious = window(p, rows)
	for _, row := range rows {
		page.Rows = append(page.Rows, row.settings(nil))
	}
	inForce, err := latestSettings(ctx, s.db)
	if err != nil {
		return page, err
	}
	page.InForce = inForce.Version
	return page, nil
}

// SettingsVersion returns a version of the settings, nil where there is none, without the metadata keys that the system
// knows.
func (s *Store) SettingsVersion(ctx context.Context, version int) (*Settings, error) {
	row, err := readVersion(ctx, s.db, version)
	if row == nil || err != nil {
		return nil, err
	}
	return row.settings(nil), nil
}

func readVersion(ctx context.Context, db bun.IDB, version int) (*settingsRow, error) {
	row := new(settingsRow)
	err := db.NewSelect().Model(row).Where("version = ?", version).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return row, err
}

// selectionOf returns the selection of a version of the settings, nil where there is none.
func selectionOf(ctx context.Context, db bun.IDB, version int) (*compliance.Selection, error) {
	row, err := readVersion(ctx, db, version)
	if row == nil || err != nil {
		return nil, err
	}
	selection := row.selection()
	return &selection, nil
}
