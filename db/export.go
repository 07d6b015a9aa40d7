package db

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// ExportConversations reads conversations as the vCons that they are made of, one list for each of the ids that the access covers, in the order of the ids. The values
// are as they are stored; recordings have their StoreKey and no body. All is read at the same instant.
func (s *Store) ExportConversations(ctx context.Context, access Access, ids []int64) (exports [][]*conversation.Incoming, err error) {
	err = s.db.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, func(ctx context.Context, tx bun.Tx) error {
		var rows []*Conversation
		if len(ids) == 0 || access.none() {
			return nil
		}
		if err := tx.NewSelect().Model(&rows).Where("c.id IN (?)", bun.List(ids)).Apply(access.restrict).Scan(ctx); err != nil || len(rows) == 0 {
			return err
		}
		rows = inOrder(ids, nil, rows)
		loader := relationLoader{db: tx, conversations: rows}
		for _, c := range rows {
			loader.ids = append(loader.ids, c.ID)
		}
		if err := loader.all(ctx, Relations{Vcons: true, Participants: true, Segments: true, Messages: true, Metadata: true, Media: true}); err != nil {
			return err
		}
		groups, err := groupsOf(ctx, tx, loader.ids)
		for _, c := range rows {
			exports = append(exports, c.sources(groups))
		}
		return err
	})
	return exports, err
}

// CurrentID is the id under which a conversation is found now: its own, or that of the one that it joined.
func (s *Store) CurrentID(ctx context.Context, id int64) (int64, error) {
	into, err := mergedInto(ctx, s.db, []int64{id})
	if target := into[id]; target != 0 {
		return target, err
	}
	return id, err
}

// groupsOf reads the groups that see each vCon.
func groupsOf(ctx context.Context, db bun.IDB, conversations []int64) (map[uuid.UUID][]string, error) {
	var rows []*principal
	err := db.NewSelect().Model(&rows).Where("conversation_id IN (?) AND principal LIKE 'group:%'", bun.List(conversations)).OrderExpr(`principal COLLATE "C"`).Scan(ctx)
	groups := map[uuid.UUID][]string{}
	for _, row := range rows {
		groups[row.VconUUID] = append(groups[row.VconUUID], strings.TrimPrefix(row.Principal, GroupPrincipal("")))
	}
	return groups, err
}

func (c *Conversation) sources(groups map[uuid.UUID][]string) []*conversation.Incoming {
	parts := c.split()
	var sources []*conversation.Incoming
	for _, v := range c.Vcons {
		sources = append(sources, parts[v.UUID].source(v.UUID, groups[v.UUID]))
	}
	return sources
}

// source is the reverse of rowsOf: what is stored of one vCon, as a vCon.
func (c *Conversation) source(id uuid.UUID, groups []string) *conversation.Incoming {
	out := &conversation.Incoming{UUID: id, StartedAt: c.StartedAt, EndedAt: c.EndedAt, Direction: c.Direction, Signature: conversation.Unsigned}
	for _, p := range c.Participants {
		participant := conversation.IncomingParticipant{Role: p.Role, Name: p.Name, PhoneNumber: p.PhoneNumber, DigitalAddress: p.DigitalAddress, UserID: p.UserID}
		if p.Role == compliance.RoleAgent || p.Role == compliance.RoleSupervisor {
			participant.Groups, groups = groups, nil
		}
		out.Participants = append(out.Participants, participant)
	}
	for _, s := range c.Segments {
		out.Segments = append(out.Segments, c.sourceSegment(s))
	}
	for _, m := range c.Metadata {
		out.Metadata = append(out.Metadata, conversation.IncomingMetadatum{Key: m.Key, Value: m.Value})
	}
	if done := c.Done(); done != nil {
		out.Anonymization = &conversation.IncomingAnonymization{At: *c.AnonymizedAt, SettingsVersion: *c.SettingsVersion, Selection: *done}
	}
	return out
}

func (c *Conversation) sourceSegment(s *Segment) conversation.IncomingSegment {
	segment := conversation.IncomingSegment{Kind: s.Kind, StartedAt: s.StartedAt, Duration: time.Duration(s.DurationMs) * time.Millisecond, Attachments: s.Attachments}
	switch s.Kind {
	case compliance.SegmentEmail:
		segment.Subject = s.Title
	case compliance.SegmentChat:
		segment.RoomName = s.Title
	}
	for _, m := range s.Messages {
		message := conversation.IncomingMessage{Kind: m.Kind, Author: conversation.NoAuthor, Text: m.Text}
		if m.AuthorPosition != nil {
			message.Author = *m.AuthorPosition
		}
		if m.SentAt != nil {
			message.SentAt = *m.SentAt
		}
		segment.Messages = append(segment.Messages, message)
	}
	for _, f := range c.Media {
		if f.SegmentID == s.ID {
			segment.Media = append(segment.Media, sourceMedia(f))
		}
	}
	return segment
}

func sourceMedia(f *MediaFile) conversation.IncomingMedia {
	file := conversation.IncomingMedia{
		Kind: f.Kind, MediaType: f.MediaType, Duration: time.Duration(f.DurationMs) * time.Millisecond, URL: f.SourceURL, ContentHash: f.ContentHash, Status: f.Status,
		StoreKey: f.StoreKey, Size: f.SizeBytes,
	}
	if f.StartedAt != nil {
		file.StartedAt = *f.StartedAt
	}
	if f.Protected {
		file.Protection = &conversation.IncomingProtection{Reason: f.ProtectedReason}
		if f.ProtectedUntil != nil {
			file.Protection.Until = *f.ProtectedUntil
		}
	}
	return file
}
