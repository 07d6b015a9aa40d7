package db

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// ChangedMedia says what became of files that were to be changed.
type ChangedMedia struct {
	// Conversations are those whose files could be changed, in the order of their ids; Files the ids of these files, in the order given.
	Conversations, Files []int64
	// Refused tells, by file id, why a file was left as it is.
	Refused map[int64]*compliance.Error
}

// mediaChange is one transaction that changes files and what follows from them.
type mediaChange struct {
	store   *Store
	tx      bun.Tx
	actor   Actor
	now     time.Time
	byID    map[int64]*Conversation
	files   []*MediaFile
	changed []*MediaFile
	result  ChangedMedia
}

// changeMedia runs change on locked files, and writes what it changed with what follows for their conversations. Files that do not exist, or not for whoever
// asks, are refused one by one.
func (s *Store) changeMedia(ctx context.Context, actor Actor, access Access, fileIDs []int64, change func(context.Context, *mediaChange) error) (ChangedMedia, error) {
	var result ChangedMedia
	err := s.retrying(ctx, func(ctx context.Context, tx bun.Tx) error {
		w := &mediaChange{store: s, tx: tx, actor: actor, now: s.now(), result: ChangedMedia{Refused: map[int64]*compliance.Error{}}}
		if err := w.lock(ctx, access, fileIDs); err != nil {
			return err
		}
		if err := change(ctx, w); err != nil {
			return err
		}
		w.summarize()
		result = w.result
		return w.write(ctx)
	})
	return result, err
}

// lock finds the files and locks their conversations. A conversation that joins another one meanwhile takes its files along, so they are looked for until they
// stay where they are.
func (w *mediaChange) lock(ctx context.Context, access Access, fileIDs []int64) error {
	for {
		ids, err := w.conversationsOf(ctx, fileIDs)
		if err != nil {
			return err
		}
		rows, _, err := lockConversations(ctx, w.tx, access, ids)
		if err != nil {
			return err
		}
		again, err := w.conversationsOf(ctx, fileIDs)
		if err != nil {
			return err
		}
		if slices.Equal(ids, again) {
			w.find(rows, fileIDs)
			return nil
		}
	}
}

func (w *mediaChange) conversationsOf(ctx context.Context, fileIDs []int64) (ids []int64, err error) {
	if len(fileIDs) == 0 {
		return nil, nil
	}
	err = w.tx.NewRaw("SELECT DISTINCT conversation_id FROM media_files WHERE id IN (?) ORDER BY 1", bun.List(fileIDs)).Scan(ctx, &ids)
	return ids, err
}

func (w *mediaChange) find(rows []*Conversation, fileIDs []int64) {
	w.byID = map[int64]*Conversation{}
	files := map[int64]*MediaFile{}
	for _, c := range rows {
		w.byID[c.ID] = c
		for _, file := range c.Media {
			files[file.ID] = file
		}
	}
	for _, id := range fileIDs {
		if file := files[id]; file == nil {
			w.refuse(id, compliance.CodeNotFound, "there is no media file with this id that you may see")
		} else if !slices.Contains(w.files, file) {
			w.files = append(w.files, file)
		}
	}
}

func (w *mediaChange) refuse(fileID int64, code compliance.Code, message string) {
	w.result.Refused[fileID] = &compliance.Error{Code: code, Message: message}
}

// change notes that a file is to be written.
func (w *mediaChange) change(file *MediaFile) { w.changed = append(w.changed, file) }

func (w *mediaChange) summarize() {
	conversations := map[int64]bool{}
	for _, file := range w.files {
		if w.result.Refused[file.ID] == nil {
			w.result.Files = append(w.result.Files, file.ID)
			conversations[file.ConversationID] = true
		}
	}
	w.result.Conversations = slices.Sorted(maps.Keys(conversations))
}

// write stores the files that changed, and brings their conversations up to date.
func (w *mediaChange) write(ctx context.Context) error {
	if len(w.changed) == 0 {
		return nil
	}
	err := updateRows(ctx, w.tx, w.changed, "status", "planned_at", "deleting_at", "failure", "protected", "protected_until", "protected_reason", "store_key", "source_url")
	if err != nil {
		return err
	}
	touched := map[int64]*Conversation{}
	for _, file := range w.changed {
		touched[file.ConversationID] = w.byID[file.ConversationID]
	}
	ids := slices.Sorted(maps.Keys(touched))
	var rows []*Conversation
	for _, id := range ids {
		touched[id].derive()
		rows = append(rows, touched[id])
	}
	if err := updateConversations(ctx, w.tx, rows, "reviewable", "media_status", "types"); err != nil {
		return err
	}
	return notifyConversations(ctx, w.tx, ids)
}

// audit records one event for each conversation, about its files.
func (w *mediaChange) audit(ctx context.Context, activity Activity, files map[int64][]int64, details AuditDetails) error {
	var events []*AuditEvent
	for _, id := range slices.Sorted(maps.Keys(files)) {
		details.MediaFileIDs = files[id]
		events = append(events, &AuditEvent{Activity: activity, Result: Success, ConversationID: &id, Details: details})
	}
	return w.store.record(ctx, w.tx, w.actor, events...)
}
