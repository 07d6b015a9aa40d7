package graph

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/db"
)

// The sizes of a page (design, section 8).
const (
	defaultPage = 20
	maxPage     = 100
	// maxList is how many items a list has that is no connection, and maxTotal how far is counted.
	maxList, maxTotal = 10_000, 100_000
)

// upTo returns the beginning of a list that is no connection.
func upTo[T any](first int, items []T) ([]T, error) {
	if err := checkList(first); err != nil {
		return nil, err
	}
	return append([]T{}, items[:min(first, len(items))]...), nil
}

// checkList refuses a beginning of a list that is no connection.
func checkList(first int) error {
	if first < 1 || first > maxList {
		return compliance.Invalid(fmt.Sprintf("first is %d; a list has 1 to %d items", first, maxList), "first")
	}
	return nil
}

// checkTotal refuses to count further than is allowed.
func checkTotal(upTo int) error {
	if upTo < 1 || upTo > maxTotal {
		return compliance.Invalid(fmt.Sprintf("upTo is %d; it is 1 to %d", upTo, maxTotal), "upTo")
	}
	return nil
}

// checkFirst refuses a page of a connection that goes forward only and is too small or too large.
func checkFirst(first int) error {
	if first < 1 || first > maxPage {
		return compliance.Invalid(fmt.Sprintf("first is %d; a page has 1 to %d items", first, maxPage), "first")
	}
	return nil
}

// cursorList names the list that a cursor belongs to, with its order; a cursor of another list or order
// is refused.
type cursorList string

const (
	auditCursors     cursorList = "audit"
	operationCursors cursorList = "operations"
	// operationEventCursors are of the events of one operation, historyCursors of those of one conversation.
	operationEventCursors cursorList = "operation-events"
	historyCursors        cursorList = "history"
	jobCursors            cursorList = "jobs"
	versionCursors        cursorList = "versions"
)

// problemCursors are of the problems of one job.
func problemCursors(job int64) cursorList { return cursorList(fmt.Sprintf("problems-%d", job)) }

func conversationCursors(order db.Order) cursorList {
	return cursorList(fmt.Sprintf("conversations-%d-%t", order.Field, order.Descending))
}

// cursor writes a place in a list. The version in front lets a later one refuse what it does not understand.
func (l cursorList) cursor(key db.Key) string {
	own := strconv.FormatInt(key.ID, 10)
	if key.UUID != uuid.Nil {
		own = key.UUID.String()
	}
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "1 %s %d %s", l, key.Sort, own))
}

func (l cursorList) key(cursor, field string) (*db.Key, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, errCursor(field)
	}
	var key db.Key
	var list cursorList
	var own string
	if _, err := fmt.Sscanf(string(raw), "1 %s %d %s", &list, &key.Sort, &own); err != nil {
		return nil, errCursor(field)
	}
	if list != l {
		return nil, compliance.Invalid("the cursor belongs to another list or order", field)
	}
	if l.ofUUIDs() {
		key.UUID, err = uuid.Parse(own)
	} else {
		key.ID, err = strconv.ParseInt(own, 10, 64)
	}
	if err != nil {
		return nil, errCursor(field)
	}
	if l.cursor(key) != cursor {
		return nil, errCursor(field)
	}
	return &key, nil
}

// ofUUIDs reports whether the things in the list have UUIDs: those of the audit log do.
func (l cursorList) ofUUIDs() bool {
	return l == auditCursors || l == operationCursors || l == operationEventCursors || l == historyCursors
}

func errCursor(field string) error {
	return compliance.Invalid("this is not a valid cursor", field)
}

// pageOf reads the four arguments of a Relay connection.
func pageOf(order db.Order, first *int, after *string, last *int, before *string) (db.Page, error) {
	page := db.Page{}
	if first != nil && last != nil {
		return page, compliance.Invalid("first and last are both given; give one of them", "last")
	}
	if first == nil && last == nil {
		first = new(int)
		*first = defaultPage
	}
	if err := sizes(&page, first, last); err != nil {
		return page, err
	}
	return page, places(&page, conversationCursors(order), after, before)
}

func sizes(page *db.Page, first, last *int) error {
	for name, size := range map[string]*int{"first": first, "last": last} {
		if size != nil && (*size < 1 || *size > maxPage) {
			return compliance.Invalid(fmt.Sprintf("%s is %d; a page has 1 to %d items", name, *size, maxPage), name)
		}
	}
	page.First, page.Last = given(first), given(last)
	return nil
}

func places(page *db.Page, list cursorList, after, before *string) (err error) {
	if after != nil {
		if page.After, err = list.key(*after, "after"); err != nil {
			return err
		}
	}
	if before != nil {
		page.Before, err = list.key(*before, "before")
	}
	return err
}

// ConversationConnection is a page of conversations.
type ConversationConnection struct {
	shown                []*Conversation
	hasNext, hasPrevious bool
	order                db.Order
	count                func(ctx context.Context, upTo int) (int, error)
}

// Edges are the conversations of the page with their cursors.
func (c *ConversationConnection) Edges() []*ConversationEdge {
	return mapped(c.shown, func(one *Conversation) *ConversationEdge { return &ConversationEdge{c.cursor(one), one} })
}

func (c *ConversationConnection) cursor(of *Conversation) string {
	return conversationCursors(c.order).cursor(c.order.Key(of.Conversation))
}

// Nodes are the conversations of the page.
func (c *ConversationConnection) Nodes() []*Conversation { return c.shown }

// PageInfo tells where the page begins and ends.
func (c *ConversationConnection) PageInfo() *PageInfo {
	return newPageInfo(c.hasPrevious, c.hasNext, len(c.shown), func(i int) string { return c.cursor(c.shown[i]) })
}

// TotalCount counts what matches the filter, at most up to a number; it costs a statement of its own.
func (c *ConversationConnection) TotalCount(ctx context.Context, upTo int) (int, error) {
	if err := checkTotal(upTo); err != nil {
		return 0, err
	}
	return c.count(ctx, upTo)
}

func newPageInfo(hasPrevious, hasNext bool, size int, cursor func(i int) string) *PageInfo {
	info := &PageInfo{HasPreviousPage: hasPrevious, HasNextPage: hasNext}
	if size > 0 {
		start, end := cursor(0), cursor(size-1)
		info.StartCursor, info.EndCursor = &start, &end
	}
	return info
}
