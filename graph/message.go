package graph

import (
	"fmt"

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
	return &MessageConnection{s, window.After != nil, s.conversation.messages.page(window, s.Segment.ID)}, nil
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
	segment     segment
	hasPrevious bool
	page        db.MessagePage
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

// Edges are the messages of the page with their cursors.
func (c *MessageConnection) Edges() []*MessageEdge {
	return mapped(c.page.Rows, func(m *conversation.Message) *MessageEdge {
		return &MessageEdge{messageCursors.cursor(db.MessageKey(m)), c.show(m)}
	})
}

// Nodes are the messages of the page.
func (c *MessageConnection) Nodes() []*Message { return mapped(c.page.Rows, c.show) }

func (c *MessageConnection) show(m *conversation.Message) *Message {
	return &Message{m, c.segment.author(m.AuthorPosition)}
}

// PageInfo tells where the page begins and ends.
func (c *MessageConnection) PageInfo() *PageInfo {
	return newPageInfo(c.hasPrevious, c.page.HasNext, len(c.page.Rows),
		func(i int) string { return messageCursors.cursor(db.MessageKey(c.page.Rows[i])) })
}

// TotalCount counts the messages of the segment, at most up to a number.
func (c *MessageConnection) TotalCount(upTo int) (int, error) {
	if err := checkTotal(upTo); err != nil {
		return 0, err
	}
	return min(upTo, c.page.Count), nil
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
