package graph

import (
	"context"
	"strconv"

	"qm-compliance/compliance"
	"qm-compliance/db"
)

// ComplianceSettings answers the settings in force.
func (q query) ComplianceSettings(ctx context.Context) (*ComplianceSettings, error) {
	actor, err := q.actor(ctx)
	if err != nil {
		return nil, err
	}
	return q.settings(ctx, actor)
}

func (r *Resolver) settings(ctx context.Context, actor db.Actor) (*ComplianceSettings, error) {
	settings, err := r.store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return r.withStaged(ctx, actor, settings)
}

// withStaged shows settings with what the viewer has staged.
func (r *Resolver) withStaged(ctx context.Context, actor db.Actor, settings *db.Settings) (*ComplianceSettings, error) {
	staged, err := r.store.Staged(ctx, actor)
	if err != nil {
		return nil, err
	}
	return showSettings(settings, staged), nil
}

func showSettings(settings *db.Settings, staged *db.Staged) *ComplianceSettings {
	custom, other := keySwitches(settings.Keys, settings.Selection)
	return &ComplianceSettings{
		Version: settings.Version, SavedAt: settings.SavedAt, SavedBy: orNull(settings.SavedByName),
		BasicData: basicData(settings.Selection), CustomData: custom, OtherData: other, Staged: showStaged(settings, staged),
	}
}

func showStaged(settings *db.Settings, staged *db.Staged) *StagedSettings {
	if staged == nil {
		return nil
	}
	selection := staged.Edit.Apply(settings.Selection)
	custom, other := keySwitches(settings.Keys, selection)
	return &StagedSettings{
		BaseVersion: staged.BaseVersion, StagedAt: staged.StagedAt,
		BasicData: basicData(selection), CustomData: custom, OtherData: other,
	}
}

func basicData(s compliance.Selection) *BasicData {
	return &BasicData{
		ParticipantPhoneNumber: s.ParticipantPhoneNumber, ParticipantDigitalAddress: s.ParticipantDigitalAddress,
		SubjectAndBody: s.SubjectAndBody, MediaFiles: s.MediaFiles,
	}
}

// keySwitches sorts the keys into the sections Custom Data (filter keys) and Other Data.
func keySwitches(keys []*db.MetadataKey, s compliance.Selection) (custom, other []*KeySwitch) {
	custom, other = []*KeySwitch{}, []*KeySwitch{}
	for _, key := range keys {
		shown := &KeySwitch{Key: key.Name, Anonymize: s.Key(key.Name), IsCorrelationKey: key.IsCorrelation}
		if key.IsFilter {
			custom = append(custom, shown)
		} else {
			other = append(other, shown)
		}
	}
	return custom, other
}

// wantedOf reads the switches of an input. A key may be given in either list, since the section that it belongs to can
// change at any time.
func wantedOf(basic *BasicDataInput, custom, other []*KeySwitchInput) db.Wanted {
	wanted := db.Wanted{Basic: basicOf(basic)}
	for _, list := range []struct {
		name string
		keys []*KeySwitchInput
	}{{"customData", custom}, {"otherData", other}} {
		for i, key := range list.keys {
			field := []string{list.name, strconv.Itoa(i), "key"}
			wanted.Keys = append(wanted.Keys, compliance.KeySwitch{Key: key.Key, On: key.Anonymize, Field: field})
		}
	}
	return wanted
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
