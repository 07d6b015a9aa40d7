package graph

import (
	"context"

	"qm-compliance/db"
)

// SaveComplianceSettings stores the selection given, else the staged one.
func (m mutation) SaveComplianceSettings(ctx context.Context, input SaveComplianceSettingsInput) (*SaveComplianceSettingsPayload, error) {
	actor, err := m.actor(ctx)
	if err != nil {
		return nil, err
	}
	save := db.Save{BaseVersion: input.BaseVersion, AllowCorrelationKeys: input.AllowCorrelationKeys}
	basic, custom, other := input.BasicData.Value(), input.CustomData.Value(), input.OtherData.Value()
	if basic != nil || custom != nil || other != nil {
		wanted := wantedOf(basic, custom, other)
		save.Wanted = &wanted
	}
	inForce, saveErr := m.store.SaveSettings(ctx, actor, save)
	mend, err := userErrors(saveErr, "input")
	if err != nil {
		return nil, err
	}
	settings, err := m.withStaged(ctx, actor, inForce)
	return &SaveComplianceSettingsPayload{Settings: settings, UserErrors: mend}, err
}

// StageComplianceSettings keeps a selection for the viewer.
func (m mutation) StageComplianceSettings(ctx context.Context, input StageComplianceSettingsInput) (*StageComplianceSettingsPayload, error) {
	actor, err := m.actor(ctx)
	if err != nil {
		return nil, err
	}
	stageErr := m.store.StageSettings(ctx, actor, wantedOf(input.BasicData.Value(), input.CustomData.Value(), input.OtherData.Value()))
	mend, err := userErrors(stageErr, "input")
	if err != nil {
		return nil, err
	}
	settings, err := m.settings(ctx, actor)
	return &StageComplianceSettingsPayload{Settings: settings, UserErrors: mend}, err
}

// ResetComplianceSettings throws the viewer's staged selection away.
func (m mutation) ResetComplianceSettings(ctx context.Context) (*ResetComplianceSettingsPayload, error) {
	actor, err := m.actor(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.store.ResetSettings(ctx, actor); err != nil {
		return nil, err
	}
	settings, err := m.settings(ctx, actor)
	return &ResetComplianceSettingsPayload{Settings: settings, UserErrors: []*UserError{}}, err
}
