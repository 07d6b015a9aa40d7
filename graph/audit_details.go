package graph

import (
	"context"
	"time"

	"qm-compliance/audit"
	"qm-compliance/compliance"
)

// Details shows what the activity did; it is nil where there is nothing to say.
func (e *AuditEvent) Details() AuditDetails {
	switch d := e.Event.Details.(type) {
	case audit.BasicDataChange:
		return &BasicDataChange{Item: basicDataItem(d.Item), IsOnBefore: d.Old, IsOnAfter: d.New}
	case audit.MetadataKeyChange:
		return &MetadataKeyChange{Key: d.Key, Property: d.Property, IsOnBefore: d.Old, IsOnAfter: d.New}
	case audit.Anonymization:
		return &AnonymizationDetails{
			Items:        mapped(d.Items, basicDataItem),
			MetadataKeys: mapped(d.Keys, func(key string) string { return key }),

			PhoneNumberCount: d.PhoneNumbers, DigitalAddressCount: d.DigitalAddresses, SubjectCount: d.Subjects,
			MessageCount: d.Messages, MetadataValueCount: d.MetadataValues, MediaFileCount: d.MediaFiles,
		}
	case audit.MediaFiles:
		return &MediaFilesDetails{e.files()}
	case audit.Protection:
		return &ProtectionDetails{eventFiles: e.files(), Reason: d.Reason, ProtectedUntil: d.Until}
	case audit.Release:
		return &ReleaseDetails{eventFiles: e.files(), Cause: d.Cause}
	case audit.Import:
		return &ImportDetails{
			IsNew: d.IsNew, ParticipantCount: d.Participants, SegmentCount: d.Segments, MessageCount: d.Messages,
			MetadataValueCount: d.MetadataValues, MediaFileCount: d.MediaFiles, MergedCount: d.Merged,
		}
	case audit.Export:
		return &ExportDetails{HasMedia: d.IncludesMedia, IsRedacted: d.IsRedacted}
	case audit.Refusal:
		return &Refusal{
			eventFiles: e.files(), Code: d.Code, ConversationCount: d.Conversations, refused: d.MediaFiles,
		}
	case audit.AccessDenial:
		return &AccessDenial{Operation: d.Operation, Code: d.Code, Count: d.Count}
	}
	return nil
}

func basicDataItem(item compliance.BasicItem) BasicDataItem {
	return map[compliance.BasicItem]BasicDataItem{
		compliance.ParticipantPhoneNumber:    BasicDataItemParticipantPhoneNumber,
		compliance.ParticipantDigitalAddress: BasicDataItemParticipantDigitalAddress,
		compliance.SubjectAndBody:            BasicDataItemSubjectAndBody,
		compliance.MediaFiles:                BasicDataItemMediaFiles,
	}[item]
}

// filesOf are the media files that details name.
func filesOf(details audit.Details) []audit.MediaFile {
	switch d := details.(type) {
	case audit.MediaFiles:
		return d.Files
	case audit.Protection:
		return d.Files
	case audit.Release:
		return d.Files
	case audit.Refusal:
		return d.Files
	}
	return nil
}

// eventFiles are the media files of an event.
type eventFiles struct {
	files []audit.MediaFile
	batch *eventBatch
}

func (e *AuditEvent) files() eventFiles { return eventFiles{filesOf(e.Event.Details), e.batch} }

// MediaFiles are the first of the files, without those that the viewer may not see.
func (f eventFiles) MediaFiles(ctx context.Context, first int) ([]*MediaFile, error) {
	return f.batch.mediaFiles(ctx, f.files, first)
}

// MediaFileCount is the number of files.
func (f eventFiles) MediaFileCount() int { return len(f.files) }

// MediaFilesDetails shows files that something was done with.
type MediaFilesDetails struct{ eventFiles }

// ProtectionDetails shows files that were protected.
type ProtectionDetails struct {
	eventFiles
	Reason         compliance.ProtectionReason
	ProtectedUntil *time.Time
}

// ReleaseDetails shows files whose protection ended.
type ReleaseDetails struct {
	eventFiles
	Cause audit.ReleaseCause
}

// Refusal shows what was refused.
type Refusal struct {
	eventFiles
	Code              audit.Code
	ConversationCount int
	refused           int
}

// MediaFileCount is the number of files that were refused, those that do not exist included.
func (r *Refusal) MediaFileCount() int { return r.refused }

// IsAuditDetails makes it one of the details.
func (*MediaFilesDetails) IsAuditDetails() {}

// IsAuditDetails makes it one of the details.
func (*ProtectionDetails) IsAuditDetails() {}

// IsAuditDetails makes it one of the details.
func (*ReleaseDetails) IsAuditDetails() {}

// IsAuditDetails makes it one of the details.
func (*Refusal) IsAuditDetails() {}
