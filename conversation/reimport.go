package conversation

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
)

// Importing is what an import depends on besides the vCons and what is stored of them.
type Importing struct {
	Now time.Time
	// Keys knows all metadata keys of the vCons.
	Keys KeyIndex
	// Hash stands for e-mail addresses and urls.
	Hash Hash
}

// Import is what importing vCons into one conversation changes. Its new rows have no id yet: package
// db inserts them and fills in the ids, and with them where the rows belong.
type Import struct {
	// Before is what was stored; it has the id 0 where the conversation is new.
	Before *Conversation
	// After is the conversation with all its vCons. Participants and Metadata are in Parts.
	After *Conversation
	// Parts are the vCons that are new or changed.
	Parts []PartChange
	// Moved are segments of other vCons that have another position in the conversation now.
	Moved []*Segment
	// Joined counts the stored conversations that joined this one just now.
	Joined int
	// Versions are what is new about the versions of the vCons.
	Versions []*VconVersion
	// Added, Updated and Unchanged count the vCons. Added are those that come in for the first time, other
	// versions of known ones included.
	Added, Updated, Unchanged int
}

// PartChange is what one vCon changes.
type PartChange struct {
	// Before is what was stored of the vCon; it is empty, without a Vcon, for one that is new.
	Before *Part
	After  *Part
	// Retired are the other versions of the vCon that were stored; their data gives way.
	Retired []uuid.UUID
}

// Plan works out what the vCons of a group change (design, section 5, "Reimport" and "Versions"). New data
// replaces old, but what was anonymized stays so, and so do new values of an anonymized kind; what became of
// media stays; media that is new is planned at once where that is owed. Base is the group's, with its Vcons,
// Versions, Segments and Media, and with the participants, messages and metadata of every version of the
// incoming vCons; principals are the stored ones of these. Plan leaves both as they are. It fails with
// ErrMediaMoved where a recording was taken for a stored one that is no longer there.
func (i Importing) Plan(
	group MergeGroup, base *Conversation, principals map[uuid.UUID][]string,
) (Import, error) {
	result := Import{Before: base, Joined: len(group.Joining())}
	stored := base.parts()
	for id, part := range stored {
		part.Principals = principals[id]
	}
	for _, l := range lineagesOf(group.Incoming, stored, base.Versions) {
		if err := i.planLineage(&result, l, base); err != nil {
			return Import{}, err
		}
	}
	result.After, result.Moved = i.assemble(base, stored, result.Parts)
	return result, nil
}

// planLineage works out what becomes of the versions of one vCon.
func (i Importing) planLineage(result *Import, l *lineage, base *Conversation) (err error) {
	winner, stays := l.settle()
	var change PartChange
	if winner != nil {
		change.Before = l.before(winner.UUID)
		change.After, err = i.part(winner, base, change.Before)
	} else {
		change.Before = l.before(stays.Vcon.UUID)
		change.After = stays.giveWay(change.Before)
	}
	if err != nil {
		return err
	}
	id := change.After.Vcon.UUID
	change.Retired = l.retired(id)
	result.Versions = append(result.Versions, l.changedVersions(id, base.Versions)...)
	isChanged := len(change.Retired) > 0 ||
		stays == nil && (change.Before.Vcon == nil || !change.Before.same(change.After))
	for _, in := range l.incoming {
		switch {
		case l.isNew(in, base.Versions):
			result.Added++
		case in == winner && isChanged:
			result.Updated++
		default:
			result.Unchanged++
		}
	}
	if isChanged {
		result.Parts = append(result.Parts, change)
	}
	return nil
}

// assemble puts the changed parts together with the stored ones that stay as they are, and returns the
// segments of those that have moved.
func (i Importing) assemble(
	base *Conversation, stored map[uuid.UUID]*Part, changes []PartChange,
) (after *Conversation, moved []*Segment) {
	all, positions := map[uuid.UUID]*Part{}, map[*Segment]int{}
	for id, part := range stored {
		copied := *part
		copied.Segments = slices.Clone(part.Segments)
		for n, segment := range copied.Segments {
			row := *segment.Segment
			copied.Segments[n].Segment = &row
			positions[&row] = row.Position
		}
		all[id] = &copied
	}
	for _, change := range changes {
		for _, id := range change.Retired {
			delete(all, id)
		}
		all[change.After.Vcon.UUID] = change.After
	}
	after = combine(base, all)
	for _, segment := range after.Segments {
		if position, is := positions[segment]; is && position != segment.Position {
			moved = append(moved, segment)
		}
	}
	return after, moved
}

// part is what is wanted of a vCon, given what is stored of it.
func (i Importing) part(in *Incoming, base *Conversation, stored *Part) (*Part, error) {
	done := compliance.Selection{}
	if before := base.Done(); before != nil {
		done = *before
	}
	part := &Part{
		Vcon: &Vcon{
			UUID: in.UUID, ConversationID: base.ID, StartedAt: in.StartedAt, EndedAt: in.EndedAt,
			Direction: in.Direction,
		},
		Participants: participantsOf(in, base.ID, done, stored.Participants),
		Metadata:     i.metadataOf(in, base.ID, done, stored.Metadata),
		Principals:   principalsOf(in, i.Hash),
	}
	if done.ParticipantDigitalAddress {
		part.Principals = keepMail(part.Principals, stored.Principals)
	}
	segments, gone := segmentsOf(in, base.ID, done, stored.Segments)
	before := stored.Files()
	arrivals, err := i.settle(placeFiles(i.arrivals(in, segments), before), base.Done(), before)
	if err != nil {
		return nil, err
	}
	part.Segments = keepFiles(in.UUID, segments, gone, arrivals, leftFiles(before, arrivals))
	return part, nil
}

// over is the value that is stored: the placeholder where the kind of the value is anonymized.
func over(placeholder compliance.Placeholder, value string, covered bool) (stored string, anonymized bool) {
	if !covered {
		return value, false
	}
	return placeholder.Over(value)
}

// keep leaves what was anonymized as it is, whatever the new file has in its place.
func keep(value *string, anonymized *bool, before string, was bool) {
	if was {
		*value, *anonymized = before, true
	}
}

// participantsOf finds each participant among the stored ones by the place in the vCon.
func participantsOf(
	in *Incoming, conversationID int64, done compliance.Selection, stored []*Participant,
) []*Participant {
	rows := make([]*Participant, 0, len(in.Participants))
	for i, p := range in.Participants {
		row := &Participant{
			ConversationID: conversationID, VconUUID: in.UUID, Position: i,
			Role: p.Role, Name: p.Name, UserID: p.UserID,
		}
		row.PhoneNumber, row.PhoneNumberAnonymized =
			over(compliance.PhoneNumberPlaceholder, p.PhoneNumber, done.ParticipantPhoneNumber)
		row.DigitalAddress, row.DigitalAddressAnonymized =
			over(compliance.DigitalAddressPlaceholder, p.DigitalAddress, done.ParticipantDigitalAddress)
		row.PhoneAddress, row.PhoneAddressAnonymized =
			over(compliance.DigitalAddressPlaceholder, p.PhoneAddress, done.CoversPhoneAddress())
		if i < len(stored) {
			was := stored[i]
			keep(&row.PhoneNumber, &row.PhoneNumberAnonymized, was.PhoneNumber, was.PhoneNumberAnonymized)
			keep(&row.DigitalAddress, &row.DigitalAddressAnonymized, was.DigitalAddress, was.DigitalAddressAnonymized)
			keep(&row.PhoneAddress, &row.PhoneAddressAnonymized, was.PhoneAddress, was.PhoneAddressAnonymized)
		}
		rows = append(rows, row)
	}
	return rows
}

// metadataOf keeps an anonymized value whose key the new file has no longer.
func (i Importing) metadataOf(
	in *Incoming, conversationID int64, done compliance.Selection, stored []*Metadatum,
) []*Metadatum {
	rows := make([]*Metadatum, 0, len(in.Metadata))
	there := map[int]bool{}
	for _, m := range in.Metadata {
		row := &Metadatum{ConversationID: conversationID, VconUUID: in.UUID, KeyID: i.Keys.IDs[m.Key], Key: m.Key}
		row.Value, row.ValueAnonymized = over(compliance.MetadataPlaceholder, m.Value, done.Key(m.Key))
		rows, there[row.KeyID] = append(rows, row), true
	}
	for _, before := range stored {
		if before.ValueAnonymized && !there[before.KeyID] {
			row := *before
			row.VconUUID = in.UUID
			rows = append(rows, &row)
		}
	}
	return rows
}

// segmentsOf finds each segment among the stored ones by its kind and its number among those of its kind.
// Gone are the stored segments that the new file has no longer.
func segmentsOf(
	in *Incoming, conversationID int64, done compliance.Selection, stored []PartSegment,
) (rows []*Segment, gone []*Segment) {
	byKind := map[compliance.SegmentKind][]*Segment{}
	for _, s := range stored {
		byKind[s.Kind] = append(byKind[s.Kind], s.Segment)
	}
	for _, s := range in.Segments {
		row := segmentOf(in.UUID, s, done)
		row.ConversationID = conversationID
		if same := byKind[s.Kind]; len(same) > 0 {
			row.ID = same[0].ID
			keep(&row.Title, &row.TitleAnonymized, same[0].Title, same[0].TitleAnonymized)
			byKind[s.Kind] = same[1:]
		}
		rows = append(rows, row)
	}
	for _, s := range stored {
		if slices.Contains(byKind[s.Kind], s.Segment) {
			gone = append(gone, s.Segment)
		}
	}
	return rows, gone
}

// segmentOf is a segment as its vCon has it, with placeholders where its content is covered.
func segmentOf(vcon uuid.UUID, in IncomingSegment, done compliance.Selection) *Segment {
	covered := done.Basic(in.Kind.Content())
	row := &Segment{
		VconUUID: vcon, Kind: in.Kind, StartedAt: in.StartedAt, DurationMs: in.Duration.Milliseconds(),
		Attachments: in.Attachments,
	}
	title := in.Subject
	if in.Kind == compliance.SegmentChat {
		title = in.RoomName
	}
	row.Title, row.TitleAnonymized = over(compliance.ContentPlaceholder, title, covered)
	for i, m := range in.Messages {
		message := &Message{Position: i, Kind: m.Kind, SentAt: orNil(m.SentAt), Mixed: m.Mixed}
		if m.Author != NoAuthor {
			message.AuthorPosition = &m.Author
		}
		message.Text, message.TextAnonymized = over(
			compliance.ContentPlaceholder, m.Text, done.CoversText(in.Kind, m.Mixed))
		row.Messages = append(row.Messages, message)
	}
	return row
}

func orNil(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// Changes reports whether there is anything to write.
func (i Import) Changes() bool { return i.ChangesContent() || len(i.Versions) > 0 }

// ChangesContent reports whether there is anything to write but under which uuids vCons are known.
func (i Import) ChangesContent() bool { return len(i.Parts) > 0 || i.Joined > 0 }

// Brought counts things that vCons bring.
type Brought struct {
	Participants, Segments, Messages, MetadataValues, MediaFiles int
}

// Brought counts what the changed vCons bring.
func (i Import) Brought() Brought {
	var all Brought
	for _, part := range i.Parts {
		all.Participants += len(part.After.Participants)
		all.Segments += len(part.After.Segments)
		for _, segment := range part.After.Segments {
			all.Messages += len(segment.Messages)
		}
		all.MetadataValues += len(part.After.Metadata)
		all.MediaFiles += len(part.After.Files())
	}
	return all
}

// GoneSegments returns the ids of the segments that the vCon has no longer.
func (p PartChange) GoneSegments() []int64 {
	return missing(p.Before.Segments, p.After.Segments, func(s PartSegment) int64 { return s.ID })
}

// GoneFiles returns the ids of the files that the vCon has no longer, and that need not stay for what became
// of them.
func (p PartChange) GoneFiles() []int64 {
	return missing(p.Before.Files(), p.After.Files(), func(f *MediaFile) int64 { return f.ID })
}

func missing[T any](before, after []T, id func(T) int64) (gone []int64) {
	stays := map[int64]bool{}
	for _, row := range after {
		stays[id(row)] = true
	}
	for _, row := range before {
		if !stays[id(row)] {
			gone = append(gone, id(row))
		}
	}
	return gone
}

// PlannedFiles returns the files that the vCon brought and that are planned for deletion at once, those among
// them that were missing until now.
func (p PartChange) PlannedFiles() []*MediaFile {
	had := map[int64]bool{}
	for _, file := range p.Before.Files() {
		had[file.ID] = file.Status != compliance.MediaMissing
	}
	return slices.DeleteFunc(p.After.Files(), func(f *MediaFile) bool {
		return f.Status != compliance.MediaPlanned || had[f.ID]
	})
}
