package graph

import (
	"context"
	"fmt"
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
func (s segment) Messages(
	first int, after *string, kinds []compliance.MessageKind,
) (*MessageConnection, error) {
	window, err := messageWindow(first, after, kinds)
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
	count    int
}

const messageCursors cursorList = "messages"

// messageWindow reads the arguments of a page of messages.
func messageWindow(first int, after *string, kinds []compliance.MessageKind) (db.MessageWindow, error) {
	if err := checkFirst(first); err != nil {
		return db.MessageWindow{}, err
	}
	if kinds != nil && len(kinds) == 0 || len(kinds) > maxPage {
		message := fmt.Sprintf("kinds names %d; name 1 to %d, or leave it out", len(kinds), maxPage)
		return db.MessageWindow{}, compliance.Invalid(message, "kinds")
	}
	window := db.MessageWindow{First: first, Kinds: kinds}
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
		count: page.Count,
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
	return min(upTo, c.count), nil
}

// messagePages are the messages that a selection asks for of the conversations in an answer.
type messagePages struct {
	windows []db.MessageWindow
	pages   []map[int64]db.MessagePage // one for each of the windows, by segment
}

func (p messagePages) page(window db.MessageWindow, segmentID int64) db.MessagePage {
	for i, loaded := range p.windows {
		if loaded.Same(window) {
			return p.pages[i][segmentID]
		}
	}
	return db.MessagePage{}
}

// loadMessages reads what the field that is being resolved selects of messages: see db.Store.MessagePages.
func (r *Resolver) loadMessages(
	ctx context.Context, rows []*conversation.Conversation, onlySegment int64,
) (pages messagePages, err error) {
	var want messageSelection
	want.collect(graphql.GetOperationContext(ctx).Variables, graphql.GetFieldContext(ctx).Field.Selections)
	pages.windows = want.windows
	pages.pages, err = r.store.MessagePages(ctx, shownSegments(rows, want.segments, onlySegment), want.windows)
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
	// segments is how many segments of a conversation are shown.
	segments int
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
	case "Segment.messages", "CallSegment.messages", "EmailSegment.messages", "ChatSegment.messages":
		var after *string
		if cursor, given := arguments["after"].(string); given {
			after = &cursor
		}
		window, err := messageWindow(number(arguments["first"]), after, kindsOf(arguments["kinds"]))
		window.UpTo = countedTo(variables, field.SelectionSet)
		if at := slices.IndexFunc(w.windows, window.Same); at >= 0 {
			w.windows[at].UpTo = max(w.windows[at].UpTo, window.UpTo)
		} else if err == nil {
			w.windows = append(w.windows, window)
		}
	}
}

// countedTo is how far a selection of a page counts, 0 where it does not.
func countedTo(variables map[string]any, set ast.SelectionSet) int {
	upTo := 0
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if s.Name == "totalCount" {
				upTo = max(upTo, min(number(s.ArgumentMap(variables)["upTo"]), maxTotal))
			}
		case *ast.InlineFragment:
			upTo = max(upTo, countedTo(variables, s.SelectionSet))
		case *ast.FragmentSpread:
			upTo = max(upTo, countedTo(variables, s.Definition.SelectionSet))
		}
	}
	return upTo
}

// kindsOf reads an argument whose values have been checked; one value stands for a list of one.
func kindsOf(argument any) []compliance.MessageKind {
	items, isList := argument.([]any)
	if !isList && argument != nil {
		items = []any{argument}
	}
	var kinds []compliance.MessageKind
	for _, item := range items {
		kinds = append(kinds, compliance.MessageKind(fmt.Sprint(item)))
	}
	return kinds
}

// number reads an Int argument, 0 where it is none.
func number(argument any) int {
	n, err := graphql.UnmarshalInt(argument)
	if err != nil {
		return 0
	}
	return n
}
