package graph

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/db"
)

// ComplianceSettings shows a version of the settings.
type ComplianceSettings struct {
	Version   int
	SavedAt   *time.Time
	SavedBy   *string
	BasicData *BasicData
	keySections[*KeySwitch]
	keptKinds
	Staged *StagedSettings
}

// StagedSettings shows a selection that is not saved.
type StagedSettings struct {
	BaseVersion int
	StagedAt    time.Time
	BasicData   *BasicData
	keySections[*KeySwitch]
	keptKinds
}

// keptKinds says what a selection leaves.
type keptKinds struct {
	KeptKinds  []compliance.KeptKind
	IsTextKept bool
}

func keptBy(keys []*db.MetadataKey, selection compliance.Selection) keptKinds {
	off := func(key *db.MetadataKey) bool { return !selection.Key(key.Name) }
	return keptKinds{selection.KeptBy(!slices.ContainsFunc(keys, off)), selection.KeptText()}
}

// ComplianceSettings answers the settings in force.
func (q query) ComplianceSettings(ctx context.Context) (*ComplianceSettings, error) {
	actor, err := q.actor(ctx)
	if err != nil {
		return nil, err
	}
	return q.settings(ctx, actor)
}

func (r *Resolver) settings(ctx context.Context, actor audit.Actor) (*ComplianceSettings, error) {
	settings, err := r.store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return r.withStaged(ctx, actor, settings)
}

// withStaged shows settings with what the viewer has staged.
func (r *Resolver) withStaged(ctx context.Context, actor audit.Actor, settings *db.Settings) (*ComplianceSettings, error) {
	staged, err := r.store.Staged(ctx, actor)
	if err != nil {
		return nil, err
	}
	return showSettings(settings, staged), nil
}

func showSettings(settings *db.Settings, staged *db.Staged) *ComplianceSettings {
	return &ComplianceSettings{
		Version: settings.Version, SavedAt: settings.SavedAt, SavedBy: orNull(settings.SavedByName),
		BasicData: basicData(settings.Selection), Staged: showStaged(settings, staged),
		keySections: keySwitches(settings.Keys, settings.Selection), keptKinds: keptBy(settings.Keys, settings.Selection),
	}
}

func showStaged(settings *db.Settings, staged *db.Staged) *StagedSettings {
	if staged == nil {
		return nil
	}
	selection := staged.Edit.Apply(settings.Selection)
	return &StagedSettings{
		BaseVersion: staged.BaseVersion, StagedAt: staged.StagedAt,
		BasicData: basicData(selection), keySections: keySwitches(settings.Keys, selection),
		keptKinds: keptBy(settings.Keys, selection),
	}
}

func basicData(s compliance.Selection) *BasicData {
	return &BasicData{
		ParticipantPhoneNumber: s.ParticipantPhoneNumber, ParticipantDigitalAddress: s.ParticipantDigitalAddress,
		SubjectAndBody: s.SubjectAndBody, MediaFiles: s.MediaFiles,
	}
}

// keySections are things about metadata keys, those about filter keys in Custom Data, all others in Other Data.
type keySections[T any] struct{ custom, other []T }

func (s *keySections[T]) add(isFilter bool, about T) {
	if isFilter {
		s.custom = append(s.custom, about)
	} else {
		s.other = append(s.other, about)
	}
}

// CustomData is the section of filter keys.
func (s keySections[T]) CustomData(first int) ([]T, error) { return upTo(first, s.custom) }

// CustomDataKeyCount counts all of it.
func (s keySections[T]) CustomDataKeyCount() int { return len(s.custom) }

// OtherData is the section of all other keys.
func (s keySections[T]) OtherData(first int) ([]T, error) { return upTo(first, s.other) }

// OtherDataKeyCount counts all of it.
func (s keySections[T]) OtherDataKeyCount() int { return len(s.other) }

// keySwitches sorts the switches of keys into the sections.
func keySwitches(keys []*db.MetadataKey, s compliance.Selection) (sections keySections[*KeySwitch]) {
	for _, key := range keys {
		shown := &KeySwitch{Key: key.Name, IsAnonymized: s.Key(key.Name), IsCorrelationKey: key.IsCorrelation}
		sections.add(key.IsFilter, shown)
	}
	return sections
}

// wantedOf reads the switches of an input. A key may be given in either list, since the section that it
// belongs to can change at any time.
func wantedOf(basic *BasicDataInput, custom, other []*KeySwitchInput) (db.Wanted, error) {
	wanted := db.Wanted{Basic: basicOf(basic)}
	for _, list := range []struct {
		name string
		keys []*KeySwitchInput
	}{{"customData", custom}, {"otherData", other}} {
		if len(list.keys) > maxList {
			message := fmt.Sprintf("%s has %d switches; give at most %d", list.name, len(list.keys), maxList)
			return wanted, compliance.Invalid(message, list.name)
		}
		for i, key := range list.keys {
			field := []string{list.name, strconv.Itoa(i), "key"}
			wanted.Keys = append(wanted.Keys, compliance.KeySwitch{Key: key.Key, On: key.IsAnonymized, Field: field})
		}
	}
	return wanted, nil
}

func basicOf(input *BasicDataInput) map[compliance.BasicItem]bool {
	basic := map[compliance.BasicItem]bool{}
	if input == nil {
		return basic
	}
	for item, value := range map[compliance.BasicItem]*bool{
		compliance.ParticipantPhoneNumber:    input.ParticipantPhoneNumber.Value(),
		compliance.ParticipantDigitalAddress: input.ParticipantDigitalAddress.Value(),
		compliance.SubjectAndBody:            input.SubjectAndBody.Value(),
		compliance.MediaFiles:                input.MediaFiles.Value(),
	} {
		if value != nil {
			basic[item] = *value
		}
	}
	return basic
}

// SaveComplianceSettings stores the selection given, else the staged one.
func (m mutation) SaveComplianceSettings(
	ctx context.Context, input SaveComplianceSettingsInput,
) (*SaveComplianceSettingsPayload, error) {
	actor, err := m.actor(ctx)
	if err != nil {
		return nil, err
	}
	save := db.Save{BaseVersion: input.BaseVersion, AllowCorrelationKeys: input.AllowCorrelationKeys}
	basic, custom, other := input.BasicData.Value(), input.CustomData.Value(), input.OtherData.Value()
	if basic != nil || custom != nil || other != nil {
		wanted, wantedErr := wantedOf(basic, custom, other)
		if wantedErr != nil {
			errs, err := userErrors(wantedErr, "input")
			return &SaveComplianceSettingsPayload{UserErrors: errs}, err
		}
		save.Wanted = &wanted
	}
	inForce, saveErr := m.store.SaveSettings(ctx, audit.Begin(actor, audit.FieldConfigUpdate), save)
	errs, err := userErrors(saveErr, "input")
	if err != nil {
		return nil, err
	}
	settings, err := m.withStaged(ctx, actor, inForce)
	return &SaveComplianceSettingsPayload{Settings: settings, UserErrors: errs}, err
}

// StageComplianceSettings keeps a selection for the viewer.
func (m mutation) StageComplianceSettings(
	ctx context.Context, input StageComplianceSettingsInput,
) (*StageComplianceSettingsPayload, error) {
	actor, err := m.actor(ctx)
	if err != nil {
		return nil, err
	}
	wanted, stageErr := wantedOf(input.BasicData.Value(), input.CustomData.Value(), input.OtherData.Value())
	if stageErr == nil {
		stageErr = m.store.StageSettings(ctx, actor, wanted)
	}
	errs, err := userErrors(stageErr, "input")
	if err != nil {
		return nil, err
	}
	settings, err := m.settings(ctx, actor)
	return &StageComplianceSettingsPayload{Settings: settings, UserErrors: errs}, err
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

// MetadataKeys lists the keys that the system knows.
func (q query) MetadataKeys(ctx context.Context, first int) ([]*MetadataKey, error) {
	keys, err := q.store.MetadataKeys(ctx)
	if err != nil {
		return nil, err
	}
	keys, err = upTo(first, keys)
	return mapped(keys, showKey), err
}

// MetadataKeyCount counts the keys that the system knows.
func (q query) MetadataKeyCount(ctx context.Context) (int, error) {
	return q.store.CountMetadataKeys(ctx)
}

func showKey(key *db.MetadataKey) *MetadataKey {
	return &MetadataKey{Key: key.Name, IsFilterKey: key.IsFilter, IsCorrelationKey: key.IsCorrelation,
		FirstSeenAt: key.FirstSeenAt}
}

// ConfigureMetadataKey makes a key a filter or a correlation key, or no longer one.
func (m mutation) ConfigureMetadataKey(
	ctx context.Context, input ConfigureMetadataKeyInput,
) (*ConfigureMetadataKeyPayload, error) {
	actor, err := m.actor(ctx)
	if err != nil {
		return nil, err
	}
	key, configureErr := m.store.ConfigureMetadataKey(ctx, audit.Begin(actor, audit.MetadataKeyUpdate), db.KeyConfiguration{
		Key: input.Key, IsFilter: input.IsFilterKey.Value(), Correlation: input.IsCorrelationKey.Value(),
		AllowAnonymized: input.AllowAnonymized,
	})
	errs, err := userErrors(configureErr, "input")
	if err != nil {
		return nil, err
	}
	payload := &ConfigureMetadataKeyPayload{UserErrors: errs}
	if key != nil {
		payload.MetadataKey = showKey(key)
	}
	return payload, nil
}
