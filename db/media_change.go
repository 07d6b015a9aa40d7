package db

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// ChangedMedia says what became of files that were to be changed.
type ChangedMedia struct {
	// Conversations are those whose files could be changed, in the order of their ids; Files the ids of these
	// files, in the order given.
	Conversations, Files []int64
	// Refused tells, by file id, why a file was left as it is.
	Refused map[int64]*compliance.Error
}

// ProtectMedia protects files from deletion, or changes the protection. A file that was planned for deletion
// leaves the plan, and the Interaction service is asked to keep it. An invalid protection is a
// compliance.Errors, and nothing is done. The result says which files were refused, such as files that are
// deleted or being deleted; the others are protected. Everything happens in one transaction and is audited,
// refusals included.
func (s *Store) ProtectMedia(
	ctx context.Context, op audit.Operation, access Access, fileIDs []int64, wanted conversation.Protection,
) (ChangedMedia, error) {
	protection, err := wanted.Checked(s.now())
	if err != nil {
		return ChangedMedia{}, err
	}
	protect := func(_ context.Context, locked lockedFile) (conversation.MediaChange, error) {
		return locked.file.Protect(protection), nil
	}
	return s.changeMedia(ctx, op, access, fileIDs, audit.MediaProtected, protect)
}

// ReleaseMedia ends the protection of files. What is owed is planned for deletion at once: the files of
// conversations that were anonymized with media files on. Files that are not protected are refused one by one
// in the result. All happens in one transaction, audited.
func (s *Store) ReleaseMedia(
	ctx context.Context, op audit.Operation, access Access, fileIDs []int64,
) (ChangedMedia, error) {
	release := func(_ context.Context, locked lockedFile) (conversation.MediaChange, error) {
		return locked.file.Release(locked.done, locked.now), nil
	}
	return s.changeMedia(ctx, op, access, fileIDs, audit.MediaReleased, release)
}

// protectionEnded finds the files (alias f) whose protection ended by its date, as conversation.MediaFile's
// ProtectionEnded does.
const protectionEnded = "f.protected AND f.protected_until <= ?"

// ExpireProtections ends the protections whose date has come, of up to limit files, and reports how many
// there were; fewer than limit means that none is left.
func (s *Store) ExpireProtections(ctx context.Context, op audit.Operation, limit int) (int, error) {
	due, err := endedProtections(ctx, s.db, s.now(), limit)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	expire := func(_ context.Context, locked lockedFile) (conversation.MediaChange, error) {
		return locked.file.Expire(locked.done, locked.now), nil
	}
	_, err = s.changeMedia(ctx, op, Everything(), due, "", expire)
	return len(due), err
}

// endedProtections lists up to limit files whose protection ended, the earliest first.
func endedProtections(ctx context.Context, db bun.IDB, now time.Time, limit int) (ids []int64, err error) {
	const query = "SELECT f.id FROM media_files AS f WHERE " + protectionEnded +
		" ORDER BY f.protected_until, f.id LIMIT ?"
	err = db.NewRaw(query, now, limit).Scan(ctx, &ids)
	return ids, err
}

// lockedFile is a file that nobody else changes until the transaction ends, with what decides about it.
type lockedFile struct {
	file *conversation.MediaFile
	// done is everything that its conversation was anonymized with, nil where it never was.
	done *compliance.Selection
	now  time.Time
}

// changeMedia locks files, lets decide say what becomes of each, and writes that with what follows from it.
// Files that do not exist for the caller are refused one by one. Refusals are audited as failures of the
// activity, unless that is empty.
func (s *Store) changeMedia(
	ctx context.Context, op audit.Operation, access Access, fileIDs []int64, activity audit.Activity,
	decide func(context.Context, lockedFile) (conversation.MediaChange, error),
) (ChangedMedia, error) {
	var result ChangedMedia
	err := s.retrying(ctx, func(ctx context.Context, tx transaction) error {
		rows, err := lockMedia(ctx, tx, access, fileIDs)
		if err != nil {
			return err
		}
		changes, err := decideAll(ctx, rows, fileIDs, s.now(), decide)
		if err != nil {
			return err
		}
		events, err := s.writeChanges(ctx, tx, op.Actor, rows, changes)
		if err != nil {
			return err
		}
		result = summarize(changes, fileIDs)
		if activity != "" {
			events = append(events, refusalEvents(activity, changes, len(result.Refused))...)
		}
		return s.record(ctx, tx, op, nil, events...)
	})
	return result, err
}

// lockMedia finds the conversations of files and locks them. A conversation that joins another one meanwhile
// takes its files along, so they are looked for until they stay where they are.
func lockMedia(
	ctx context.Context, tx transaction, access Access, fileIDs []int64,
) ([]*conversation.Conversation, error) {
	for {
		ids, err := conversationsOf(ctx, tx, fileIDs)
		if err != nil {
			return nil, err
		}
		batch, err := findConversations(ctx, tx, access, ids, forUpdate, nil)
		if err != nil {
			return nil, err
		}
		again, err := conversationsOf(ctx, tx, fileIDs)
		if err != nil || slices.Equal(ids, again) {
			return batch.rows, err
		}
	}
}

func conversationsOf(ctx context.Context, tx bun.IDB, fileIDs []int64) (ids []int64, err error) {
	if len(fileIDs) == 0 {
		return nil, nil
	}
	const query = "SELECT DISTINCT conversation_id FROM media_files WHERE id IN (?) ORDER BY 1"
	err = tx.NewRaw(query, bun.List(fileIDs)).Scan(ctx, &ids)
	return ids, err
}

// decideAll decides once about each of the files that the conversations have, in the order of the ids.
func decideAll(
	ctx context.Context, rows []*conversation.Conversation, fileIDs []int64, now time.Time,
	decide func(context.Context, lockedFile) (conversation.MediaChange, error),
) (changes []conversation.MediaChange, err error) {
	files := map[int64]lockedFile{}
	for _, c := range rows {
		for _, file := range c.Media {
			files[file.ID] = lockedFile{file, c.Done(), now}
		}
	}
	for _, id := range fileIDs {
		file, there := files[id]
		if !there {
			continue
		}
		delete(files, id)
		change, err := decide(ctx, file)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}

// writeChanges stores the files that changed, brings their conversations up to date, and returns the events.
func (s *Store) writeChanges(
	ctx context.Context, tx transaction, actor audit.Actor,
	rows []*conversation.Conversation, changes []conversation.MediaChange,
) ([]audit.Event, error) {
	versions, changed := map[int64]int{}, map[int64][]conversation.MediaChange{}
	for _, change := range changes {
		if change.Changed {
			changed[change.After.ConversationID] = append(changed[change.After.ConversationID], change)
		}
	}
	var after []*conversation.Conversation
	for _, c := range rows {
		if of := changed[c.ID]; len(of) > 0 {
			after, versions[c.ID] = append(after, c.WithMedia(of)), c.DoneVersion()
		}
	}
	events, requests := s.follow(actor, changes, func(id int64) int { return versions[id] })
	batch := new(pgx.Batch)
	updateMedia(batch, changes)
	insertRequests(batch, requests)
	updateConversations(batch, after)
	notifyChanged(batch, conversationIDs(after))
	if err := tx.send(ctx, batch, nil); err != nil {
		return nil, err
	}
	return events, s.enqueue(ctx, tx, requests)
}

// follow returns what follows from changes of files: the events that say what happened to them, and the requests
// to the Interaction service. Version tells the version of the settings that a conversation was anonymized under.
func (s *Store) follow(
	actor audit.Actor, changes []conversation.MediaChange, version func(conversationID int64) int,
) ([]audit.Event, []*mediaRequest) {
	kept, planned := filesBy(changes, conversation.MediaChange.Kept), filesBy(changes, conversation.MediaChange.Planned)
	requests := slices.Concat(
		s.requests(actor, RequestKeep, version, kept), s.requests(actor, RequestDelete, version, planned))
	return append(fileEvents(changes), deletionEvents(version, planned)...), requests
}

// filesByID are media files by the ids of their conversations.
type filesByID map[int64][]audit.MediaFile

// filesBy are those changed files for which something is so.
func filesBy(changes []conversation.MediaChange, is func(conversation.MediaChange) bool) filesByID {
	files := filesByID{}
	for _, change := range changes {
		if is(change) {
			id := change.After.ConversationID
			files[id] = append(files[id], auditedFile(change.After))
		}
	}
	return files
}

// auditedFile is how events name a file. A vCon may give a hash without a digest, which is none.
func auditedFile(file *conversation.MediaFile) audit.MediaFile {
	named := audit.MediaFile{ID: file.ID}
	if audit.IsHash(file.ContentHash) {
		named.ContentHash = file.ContentHash
	}
	return named
}

func fileIDs(files []audit.MediaFile) []int64 {
	ids := make([]int64, 0, len(files))
	for _, file := range files {
		ids = append(ids, file.ID)
	}
	return ids
}

// events makes one event for each conversation, about its files, in one order, so that the logs of equal runs
// are alike.
func (f filesByID) events(
	activity audit.Activity, result audit.Result, details func([]audit.MediaFile) audit.Details,
) []audit.Event {
	var events []audit.Event
	for _, id := range slices.Sorted(maps.Keys(f)) {
		events = append(events, audit.Event{
			Activity: activity, Result: result, ConversationID: id, Details: details(f[id]),
		})
	}
	return events
}

// fileEvents record releases, protections and deletions: one event for each conversation, about its files.
// All files that are protected at once have the same end.
func fileEvents(changes []conversation.MediaChange) (events []audit.Event) {
	for _, cause := range []audit.ReleaseCause{audit.ReleaseRequested, audit.ReleaseExpired} {
		released := filesBy(changes, func(c conversation.MediaChange) bool {
			return c.Released() && c.Expired == (cause == audit.ReleaseExpired)
		})
		events = append(events, released.events(audit.MediaReleased, audit.Success,
			func(files []audit.MediaFile) audit.Details { return audit.Release{Files: files, Cause: cause} })...)
	}
	if first := slices.IndexFunc(changes, conversation.MediaChange.Protected); first >= 0 {
		file := changes[first].After // the note of the protection has no place here
		details := audit.Protection{Reason: file.ProtectionReason, Until: inUTC(file.ProtectedUntil)}
		protected := filesBy(changes, conversation.MediaChange.Protected)
		events = append(events, protected.events(audit.MediaProtected, audit.Success,
			func(files []audit.MediaFile) audit.Details { details.Files = files; return details })...)
	}
	deleted := filesBy(changes, conversation.MediaChange.Deleted)
	return append(events, deleted.events(audit.MediaDeleted, audit.Success,
		func(files []audit.MediaFile) audit.Details { return audit.MediaFiles{Files: files} })...)
}

// inUTC is a time as events have it.
func inUTC(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	utc := at.UTC().Truncate(time.Microsecond)
	return &utc
}

// refusalEvents record which files were left as they are: an event for each conversation and reason, and one
// for those that do not exist for the caller, without ids. Refused counts all of them.
func refusalEvents(activity audit.Activity, changes []conversation.MediaChange, refused int) []audit.Event {
	var events []audit.Event
	missing := refused
	for _, code := range []compliance.Code{compliance.CodeInvalid, compliance.CodeConflict} {
		left := filesBy(changes, func(c conversation.MediaChange) bool {
			return c.Refused != nil && c.Refused.Code == code
		})
		for _, files := range left {
			missing -= len(files)
		}
		events = append(events, left.events(activity, audit.Failure, func(files []audit.MediaFile) audit.Details {
			return audit.Refusal{Code: audit.Code(code), MediaFiles: len(files), Files: files}
		})...)
	}
	if missing > 0 {
		details := audit.Refusal{Code: audit.CodeNotFound, MediaFiles: missing}
		events = append(events, audit.Event{Activity: activity, Result: audit.Failure, Details: details})
	}
	return events
}

func summarize(changes []conversation.MediaChange, fileIDs []int64) ChangedMedia {
	result := ChangedMedia{Refused: map[int64]*compliance.Error{}}
	for _, id := range fileIDs {
		result.Refused[id] = compliance.NotFound("there is no media file with this id that you may see")
	}
	for _, change := range changes {
		if delete(result.Refused, change.After.ID); change.Refused != nil {
			result.Refused[change.After.ID] = change.Refused
			continue
		}
		result.Files = append(result.Files, change.After.ID)
		result.Conversations = append(result.Conversations, change.After.ConversationID)
	}
	slices.Sort(result.Conversations)
	result.Conversations = slices.Compact(result.Conversations)
	return result
}
