package graph

import (
	"context"

	"qm-compliance/db"
)

// ConversationConnection is a page of conversations.
type ConversationConnection struct {
	Edges    []*ConversationEdge
	PageInfo *PageInfo
	count    func(context.Context) (int, error)
}

func newConversationConnection(shown []*Conversation, page db.ConversationPage, order db.Order, count func(context.Context) (int, error)) *ConversationConnection {
	list := conversationCursors(order)
	connection := &ConversationConnection{count: count, Edges: mapped(shown, func(c *Conversation) *ConversationEdge {
		return &ConversationEdge{Cursor: list.cursor(order.Key(c.Conversation)), Node: c}
	})}
	connection.PageInfo = newPageInfo(page.HasPrevious, page.HasNext, len(shown), func(i int) string { return connection.Edges[i].Cursor })
	return connection
}

// Nodes are the conversations of the page.
func (c *ConversationConnection) Nodes() []*Conversation {
	return mapped(c.Edges, func(edge *ConversationEdge) *Conversation { return edge.Node })
}

// TotalCount counts what matches the filter; it costs a statement of its own.
func (c *ConversationConnection) TotalCount(ctx context.Context) (int, error) { return c.count(ctx) }

func newPageInfo(hasPrevious, hasNext bool, size int, cursor func(i int) string) *PageInfo {
	info := &PageInfo{HasPreviousPage: hasPrevious, HasNextPage: hasNext}
	if size > 0 {
		start, end := cursor(0), cursor(size-1)
		info.StartCursor, info.EndCursor = &start, &end
	}
	return info
}
