package db

import (
	"context"

	"github.com/uptrace/bun"
)

func (l relationLoader) vconRows(ctx context.Context) error {
	var rows []*Vcon
	query := l.db.NewSelect().Model(&rows).Where("v.conversation_id IN (?)", bun.List(l.ids)).OrderExpr("v.conversation_id, v.started_at, v.uuid")
	groups, err := grouped(ctx, query, &rows, func(v *Vcon) int64 { return v.ConversationID })
	if err != nil {
		return err
	}
	for _, c := range l.conversations {
		c.Vcons = orEmpty(groups[c.ID])
	}
	return nil
}

// ofVcons narrows a query to the vCons that are wanted.
func (l relationLoader) ofVcons(query *bun.SelectQuery) *bun.SelectQuery {
	if l.vcons == nil {
		return query
	}
	return query.Where("v.uuid IN (?)", bun.List(l.vcons))
}

func (l relationLoader) participants(ctx context.Context) error {
	var rows []*Participant
	query := l.db.NewSelect().Model(&rows).Join("JOIN vcons AS v ON v.uuid = p.vcon_uuid").Apply(l.ofVcons).
		Where("p.conversation_id IN (?)", bun.List(l.ids)).OrderExpr("p.conversation_id, v.started_at, v.uuid, p.position")
	groups, err := grouped(ctx, query, &rows, func(p *Participant) int64 { return p.ConversationID })
	if err != nil {
		return err
	}
	for _, c := range l.conversations {
		c.Participants = orEmpty(groups[c.ID])
	}
	return nil
}

func (l relationLoader) segments(ctx context.Context) error {
	var rows []*Segment
	query := l.db.NewSelect().Model(&rows).Where("s.conversation_id IN (?)", bun.List(l.ids)).OrderExpr("s.conversation_id, s.position")
	groups, err := grouped(ctx, query, &rows, func(s *Segment) int64 { return s.ConversationID })
	if err != nil {
		return err
	}
	for _, c := range l.conversations {
		c.Segments = orEmpty(groups[c.ID])
	}
	return nil
}

// messages fills the segments, which are loaded before.
func (l relationLoader) messages(ctx context.Context) error {
	var rows []*Message
	query := l.db.NewSelect().Model(&rows).Where("m.conversation_id IN (?)", bun.List(l.ids)).OrderExpr("m.conversation_id, m.segment_id, m.position")
	if l.vcons != nil {
		query = query.Where("m.segment_id IN (SELECT s.id FROM segments AS s WHERE s.conversation_id IN (?) AND s.vcon_uuid IN (?))", bun.List(l.ids), bun.List(l.vcons))
	}
	groups, err := grouped(ctx, query, &rows, func(m *Message) int64 { return m.SegmentID })
	if err != nil {
		return err
	}
	for _, c := range l.conversations {
		for _, segment := range c.Segments {
			segment.Messages = orEmpty(groups[segment.ID])
		}
	}
	return nil
}

func (l relationLoader) metadata(ctx context.Context) error {
	var rows []*Metadatum
	query := l.db.NewSelect().Model(&rows).ColumnExpr("md.*, k.name AS key").Join("JOIN metadata_keys AS k ON k.id = md.key_id").
		Join("JOIN vcons AS v ON v.uuid = md.vcon_uuid").Apply(l.ofVcons).
		Where("md.conversation_id IN (?)", bun.List(l.ids)).OrderExpr(`md.conversation_id, k.name COLLATE "C", v.started_at, v.uuid`)
	groups, err := grouped(ctx, query, &rows, func(m *Metadatum) int64 { return m.ConversationID })
	if err != nil {
		return err
	}
	for _, c := range l.conversations {
		c.Metadata = orEmpty(groups[c.ID])
	}
	return nil
}

// media sorts files by their segment's position first: their own position counts within it.
func (l relationLoader) media(ctx context.Context) error {
	var rows []*MediaFile
	query := l.db.NewSelect().Model(&rows).Join("JOIN segments AS s ON s.id = f.segment_id").
		Where("f.conversation_id IN (?)", bun.List(l.ids)).OrderExpr("f.conversation_id, s.position, f.position")
	groups, err := grouped(ctx, query, &rows, func(f *MediaFile) int64 { return f.ConversationID })
	if err != nil {
		return err
	}
	for _, c := range l.conversations {
		c.Media = orEmpty(groups[c.ID])
	}
	return nil
}
