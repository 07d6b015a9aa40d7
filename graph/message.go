package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
)

// Message shows one piece of text.
type Message struct {
	*conversation.Message
	author *conversation.Participant
}

// Author is the participant who wrote it, nil where that is not known.
func (m *Message) Author() *Participant {
	if m.author == nil {
		return nil
	}
	return &Participant{m.author}
}

// IsAnonymized reports whether the text was overwritten.
func (m *Message) IsAnonymized() bool { return m.TextAnonymized }

// Messages is a page of the texts of the segment, in order.
func (s segment) Messages(first int, after *string) (*MessageConnection, error) {
	window, err := messageWindow(first, after)
	if err != nil {
		return nil, err
	}
	if window.After != nil && window.After.ID != s.Segment.ID {
		return nil, compliance.Invalid("the cursor is of another segment; page on with node and the id of the segment",
			"after")
	}
	return newMessageConnection(s, window), nil
}

// author is the participant at a position of the segment's vCon, nil where there is none.
func (s segment) author(position *int) *conversation.Participant {
	if position == nil {
		return nil
	}
	for _, p := range s.conversation.Conversation.Participants {
		if p.VconUUID == s.VconUUID && p.Position == *position {
			return p
		}
	}
	return nil
}

// MessageConnection is a page of the messages of a segment.
type MessageConnection struct {
	Edges    []*MessageEdge
	PageInfo *PageInfo
	count    func(upTo int) int
}

const messageCursors cursorList = "messages"

// messageWindow reads the arguments of a page of messages.
func messageWindow(first int, after *string) (db.MessageWindow, error) {
	if err := checkFirst(first); err != nil {
		return db.MessageWindow{}, err
	}
	window := db.MessageWindow{First: first}
	if after == nil {
		return window, nil
	}
	key, err := messageCursors.key(*after, "after")
	window.After = key
	return window, err
}

func newMessageConnection(s segment, window db.MessageWindow) *MessageConnection {
	page := s.conversation.messages.page(window, s.Segment.ID)
	connection := &MessageConnection{
		count: func(upTo int) int { return min(upTo, s.conversation.messages.counts[s.Segment.ID]) },
		Edges: mapped(page.Rows, func(m *conversation.Message) *MessageEdge {
			return &MessageEdge{Cursor: messageCursors.cursor(db.MessageKey(m)),
				Node: &Message{m, s.author(m.AuthorPosition)}}
		})}
	connection.PageInfo = newPageInfo(window.After != nil, page.HasNext, len(page.Rows),
		func(i int) string { return connection.Edges[i].Cursor })
	return connection
}

// Nodes are the messages of the page.
func (c *MessageConnection) Nodes() []*Message {
	return mapped(c.Edges, func(edge *MessageEdge) *Message { return edge.Node })
}

// TotalCount counts the messages of the segment, at most up to a number.
func (c *MessageConnection) TotalCount(upTo int) (int, error) {
	if err := checkTotal(upTo); err != nil {
		return 0, err
	}
	return c.count(upTo), nil
}

// messagePages are the messages that a selection asks for of the conversations in an answer.
type messagePages struct {
	windows []db.MessageWindow
	pages   []map[int64]db.MessagePage // one for each of the windows, by segment
	counts  map[int64]int              // by segment
}

func (p messagePages) page(window db.MessageWindow, segmentID int64) db.MessagePage {
	for i, loaded := range p.windows {
		if loaded.Same(window) {
			return p.pages[i][segmentID]
		}
	}
	return db.MessagePage{}
}

// loadMessages reads what the field that is being resolved selects of messages, in two statements at most.
func (r *Resolver) loadMessages(
	ctx context.Context, rows []*conversation.Conversation, onlySegment int64,
) (pages messagePages, err error) {
	var want messageSelection
	want.collect(graphql.GetOperationContext(ctx).Variables, graphql.GetFieldContext(ctx).Field.Selections)
	segments := shownSegments(rows, want.segments, onlySegment)
	pages.windows = want.windows
	if pages.pages, err = r.store.MessagePages(ctx, segments, want.windows); err != nil {
		return pages, err
	}
	pages.counts, err = r.store.CountMessages(ctx, segments, want.count)
	return pages, err
}

// shownSegments are the segments that an answer can show: the first of each conversation, or one alone.
func shownSegments(rows []*conversation.Conversation, first int, only int64) []*conversation.Segment {
	var shown []*conversation.Segment
	for _, c := range rows {
		if only == 0 {
			shown = append(shown, c.Segments[:min(first, len(c.Segments))]...)
			continue
		}
		for _, segment := range c.Segments {
			if segment.ID == only {
				shown = append(shown, segment)
			}
		}
	}
	return shown
}

// messageSelection is what a selection asks for of messages.
type messageSelection struct {
	windows []db.MessageWindow
	// count is how far they are counted, segments how many segments of a conversation are shown.
	count, segments int
}

// collect reads the arguments of the fields; those that are wrong are errors of the fields themselves.
func (w *messageSelection) collect(variables map[string]any, set ast.SelectionSet) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			w.field(variables, s)
			w.collect(variables, s.SelectionSet)
		case *ast.InlineFragment:
			w.collect(variables, s.SelectionSet)
		case *ast.FragmentSpread:
			w.collect(variables, s.Definition.SelectionSet)
		}
	}
}

func (w *messageSelection) field(variables map[string]any, field *ast.Field) {
	arguments := field.ArgumentMap(variables)
	switch field.ObjectDefinition.Name + "." + field.Name {
	case "Conversation.segments":
		w.segments = max(w.segments, number(arguments["first"]))
	case "MessageConnection.totalCount":
		w.count = max(w.count, number(arguments["upTo"]))
	case "Segment.messages", "CallSegment.messages", "EmailSegment.messages", "ChatSegment.messages":
		var after *string
		if cursor, given := arguments["after"].(string); given {
			after = &cursor
		}
		window, err := messageWindow(number(arguments["first"]), after)
		if err == nil && !slices.ContainsFunc(w.windows, window.Same) {
			w.windows = append(w.windows, window)
		}
	}
}

// number reads an Int argument, 0 where it is none.
func number(argument any) int {
	n, err := graphql.UnmarshalInt(argument)
	if err != nil {
		return 0
	}
	return n
}
