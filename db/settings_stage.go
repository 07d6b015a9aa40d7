package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// Staged is what a user has chosen but not saved. It has no effect on anything (design, section 3, "Staged edits and Reset").
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
func (s *Store) Staged(ctx context.Context, actor Actor) (*Staged, error) {
	return readStaged(ctx, s.db, actor)
}

func readStaged(ctx context.Context, db bun.IDB, actor Actor) (*Staged, error) {
	staged := new(Staged)
	err := db.NewSelect().Model(staged).Where("subject = ?", actor.ID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return staged, err
}

// StageSettings adds to what the user has staged; items that are not named keep their staged value. Moving every switch back to where
// it is saved leaves nothing staged. An unknown key, one given twice, or an empty name is a compliance.Errors, and nothing is staged.
func (s *Store) StageSettings(ctx context.Context, actor Actor, wanted Wanted) error {
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockSettings(ctx, tx); err != nil {
			return err
		}
		current, err := readSettings(ctx, tx)
		if err != nil {
			return err
		}
		edit, errs := compliance.NewEdit(wanted.Basic, wanted.Keys, current.known)
		if len(errs) > 0 {
			return compliance.Errors(errs)
		}
		return s.stage(ctx, tx, actor, current, edit)
	})
}

func (s *Store) stage(ctx context.Context, tx bun.Tx, actor Actor, current *Settings, edit compliance.Edit) error {
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
	_, err = tx.NewInsert().Model(staged).On("CONFLICT (subject) DO UPDATE").Set("edit = EXCLUDED.edit, staged_at = EXCLUDED.staged_at").Exec(ctx)
	return err
}

// ResetSettings throws the user's staged selection away; it is no error where there is none.
func (s *Store) ResetSettings(ctx context.Context, actor Actor) error {
	return unstage(ctx, s.db, actor)
}

func unstage(ctx context.Context, db bun.IDB, actor Actor) error {
	_, err := db.NewDelete().Model((*Staged)(nil)).Where("subject = ?", actor.ID).Exec(ctx)
	return err
}
