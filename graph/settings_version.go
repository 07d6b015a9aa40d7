package graph

import (
	"context"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/db"
)

// ComplianceSettingsVersion shows a version of the settings.
type ComplianceSettingsVersion struct {
	Version   int
	SavedAt   *time.Time
	SavedBy   *string
	IsInForce bool
	BasicData *BasicData
	keyNames  []string
}

// MetadataKeys are the keys that are on.
func (v *ComplianceSettingsVersion) MetadataKeys(first int) ([]string, error) {
	return upTo(first, v.keyNames)
}

// MetadataKeyCount counts all of them.
func (v *ComplianceSettingsVersion) MetadataKeyCount() int { return len(v.keyNames) }

func showVersion(settings *db.Settings, inForce int) *ComplianceSettingsVersion {
	return &ComplianceSettingsVersion{
		Version: settings.Version, SavedAt: settings.SavedAt, SavedBy: orNull(settings.SavedByName),
		IsInForce: settings.Version == inForce, BasicData: basicData(settings.Selection),
		keyNames: settings.Selection.Keys,
	}
}

// ComplianceSettingsVersions lists the versions, the newest first.
func (q query) ComplianceSettingsVersions(
	ctx context.Context, first int, after *string,
) (*ComplianceSettingsVersionConnection, error) {
	page, err := auditPage(versionCursors, first, after)
	if err != nil {
		return nil, err
	}
	found, err := q.store.SettingsVersions(ctx, page)
	if err != nil {
		return nil, err
	}
	connection := &ComplianceSettingsVersionConnection{}
	for _, row := range found.Rows {
		shown := showVersion(row, found.InForce)
		connection.Nodes = append(connection.Nodes, shown)
		connection.Edges = append(connection.Edges,
			&ComplianceSettingsVersionEdge{Cursor: versionCursors.cursor(row.Place()), Node: shown})
	}
	connection.PageInfo = newPageInfo(found.HasPrevious, found.HasNext, len(found.Rows),
		func(i int) string { return connection.Edges[i].Cursor })
	return connection, nil
}

// ComplianceSettingsDiff shows the switches that differ between two versions.
type ComplianceSettingsDiff struct {
	From, To  *ComplianceSettingsVersion
	BasicData []*BasicDataChange
	keys      []*KeySwitchChange
}

// MetadataKeys are the keys whose switches differ.
func (d *ComplianceSettingsDiff) MetadataKeys(first int) ([]*KeySwitchChange, error) {
	return upTo(first, d.keys)
}

// MetadataKeyCount counts all of them.
func (d *ComplianceSettingsDiff) MetadataKeyCount() int { return len(d.keys) }

// ComplianceSettingsDiff compares two versions; it is nil where one of them does not exist.
func (q query) ComplianceSettingsDiff(ctx context.Context, from, to int) (*ComplianceSettingsDiff, error) {
	inForce, err := q.store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	old, err := q.store.SettingsVersion(ctx, from)
	if old == nil || err != nil {
		return nil, err
	}
	current, err := q.store.SettingsVersion(ctx, to)
	if current == nil || err != nil {
		return nil, err
	}
	diff := &ComplianceSettingsDiff{
		From: showVersion(old, inForce.Version), To: showVersion(current, inForce.Version),
		BasicData: []*BasicDataChange{},
	}
	for _, change := range compliance.Changes(old.Selection, current.Selection) {
		if change.Metadata {
			diff.keys = append(diff.keys, &KeySwitchChange{Key: change.Item, IsOnBefore: change.Old, IsOnAfter: change.New})
			continue
		}
		item := basicDataItem(compliance.BasicItem(change.Item))
		diff.BasicData = append(diff.BasicData,
			&BasicDataChange{Item: item, IsOnBefore: change.Old, IsOnAfter: change.New})
	}
	return diff, nil
}
