package db

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// writeSegments keeps the ids of segments that stay, and moves those of other vCons whose place in the conversation is another one now.
func (w *importation) writeSegments(ctx context.Context) error {
	var added, changed, moved []*Segment
	for _, p := range w.pending {
		moved = append(moved, p.moved...)
		for _, part := range p.parts {
			for _, segment := range part.wanted.Segments {
				if segment.ConversationID = p.wanted.ID; segment.ID == 0 {
					added = append(added, segment)
				} else {
					changed = append(changed, segment)
				}
			}
		}
	}
	if err := updateRows(ctx, w.tx, moved, "position"); err != nil {
		return err
	}
	if err := updateRows(ctx, w.tx, changed, "position", "started_at", "duration_ms", "title", "title_anonymized", "attachments"); err != nil {
		return err
	}
	return insertNew(ctx, w.tx, added)
}

// dropSegments comes after the files were written, since one may have moved out of a segment that goes: segments take their files with them.
func (w *importation) dropSegments(ctx context.Context) error {
	var gone []int64
	for _, p := range w.pending {
		for _, part := range p.parts {
			for _, segment := range part.stored.Segments {
				if !slices.ContainsFunc(part.wanted.Segments, func(s *Segment) bool { return s.ID == segment.ID }) {
					gone = append(gone, segment.ID)
				}
			}
		}
	}
	return deleteRows[Segment](ctx, w.tx, gone)
}

// writeMedia comes after the segments, whose ids the files of new ones need.
func (w *importation) writeMedia(ctx context.Context) error {
	var added, changed []*MediaFile
	var gone []int64
	for _, p := range w.pending {
		for _, part := range p.parts {
			part.placeMedia(p.wanted.ID)
			for _, file := range part.wanted.Media {
				if file.ID == 0 {
					added = append(added, file)
				} else {
					changed = append(changed, file)
				}
			}
			gone = append(gone, part.goneMedia()...)
		}
	}
	if err := deleteRows[MediaFile](ctx, w.tx, gone); err != nil {
		return err
	}
	columns := []string{"segment_id", "position", "kind", "media_type", "started_at", "duration_ms", "source_url", "origin", "content_hash", "store_key", "size_bytes"}
	if err := updateRows(ctx, w.tx, changed, columns...); err != nil {
		return err
	}
	return insertNew(ctx, w.tx, added)
}

func (p *part) placeMedia(conversationID int64) {
	for _, segment := range p.wanted.Segments {
		for _, file := range segment.Wanted {
			file.ConversationID, file.SegmentID = conversationID, segment.ID
		}
	}
}

func (p *part) goneMedia() []int64 {
	var gone []int64
	for _, file := range p.stored.Media {
		if !slices.ContainsFunc(p.wanted.Media, func(f *MediaFile) bool { return f.ID == file.ID }) {
			gone = append(gone, file.ID)
		}
	}
	return gone
}

func updateRows[T any](ctx context.Context, tx bun.IDB, rows []*T, columns ...string) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewUpdate().Model(&rows).Column(columns...).Bulk().Exec(ctx)
	return err
}

func deleteRows[T any](ctx context.Context, tx bun.IDB, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.NewDelete().Model((*T)(nil)).Where("id IN (?)", bun.List(ids)).Exec(ctx)
	return err
}
