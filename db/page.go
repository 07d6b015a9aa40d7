package db

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// Page asks for a window of a list: the First rows after After, or the Last rows before Before. Exactly one
// of First and Last is above zero. After and Before leave out the rows up to and including theirs, and may be
// given together.
type Page struct {
	First, Last   int
	After, Before *Key
}

// Key is the place of a row in its list. It stays a valid place when the row is gone, and rows that come in
// later never move it.
type Key struct {
	// Sort is what the list is sorted by: a time in microseconds since 1970, or a duration in milliseconds.
	Sort int64
	// ID tells rows with the same Sort apart; UUID does in the audit log, whose ids are UUIDs.
	ID   int64
	UUID uuid.UUID
}

// id is what the column of the ids is compared with.
func (k Key) id() any {
	if k.UUID != uuid.Nil {
		return k.UUID
	}
	return k.ID
}

func (p Page) check() error {
	if (p.First > 0) == (p.Last > 0) || p.First < 0 || p.Last < 0 {
		return errors.New("a page needs exactly one of First and Last, above zero")
	}
	return nil
}

func (p Page) size() int { return max(p.First, p.Last) }

// sorting is the order of a list: by a column, and by id where that is equal.
type sorting struct {
	column, id bun.Ident
	descending bool
	// value is the column's value for the Sort of a Key.
	value func(sort int64) any
}

// apply narrows a query to the page and one row more, which tells whether there are more. Comparing whole
// rows lets one index find the first of them, however far down the list it is (design, section 10).
func (p Page) apply(query *bun.SelectQuery, by sorting) *bun.SelectQuery {
	if p.After != nil {
		query = by.beyond(query, *p.After, by.descending)
	}
	if p.Before != nil {
		query = by.beyond(query, *p.Before, !by.descending)
	}
	if by.descending != (p.Last > 0) {
		query = query.OrderExpr("? DESC, ? DESC", by.column, by.id)
	} else {
		query = query.OrderExpr("?, ?", by.column, by.id)
	}
	return query.Limit(int64(p.size()) + 1)
}

// write does to a statement what apply does to a query of bun.
func (p Page) write(to *statement, by sorting) {
	p.narrow(to, by)
	// The number stands in the text: for one that it does not know PostgreSQL expects a tenth of all rows.
	to.write(fmt.Sprintf("%s\nLIMIT %d", p.direction(string(by.column), string(by.id), by.descending), p.size()+1))
}

// narrow leaves out what is not between the keys.
func (p Page) narrow(to *statement, by sorting) {
	for _, bound := range []struct {
		key   *Key
		below bool
	}{{p.After, by.descending}, {p.Before, !by.descending}} {
		if bound.key == nil {
			continue
		}
		comparison := " > "
		if bound.below {
			comparison = " < "
		}
		row := "(" + string(by.column) + ", " + string(by.id) + ")"
		to.and(row+comparison+"(?, ?)", by.value(bound.key.Sort), bound.key.ID)
	}
}

// direction sorts by two columns so that the rows of the page come first.
func (p Page) direction(column, id string, descending bool) string {
	direction := ""
	if descending != (p.Last > 0) {
		direction = " DESC"
	}
	return "\nORDER BY " + column + direction + ", " + id + direction
}

func (by sorting) beyond(query *bun.SelectQuery, key Key, below bool) *bun.SelectQuery {
	comparison := bun.Safe(">")
	if below {
		comparison = "<"
	}
	return query.Where("(?, ?) ? (?, ?)", by.column, by.id, comparison, by.value(key.Sort), key.id())
}

// window turns the rows of apply's query into the page's, and says whether there are rows beyond it. At the
// end that the key given stands for there are, as far as a client can tell without another query; Relay's
// specification allows that.
func window[T any](p Page, rows []T) (page []T, hasNext, hasPrevious bool) {
	more := len(rows) > p.size()
	if more {
		rows = rows[:p.size()]
	}
	if p.Last > 0 {
		slices.Reverse(rows)
		return rows, p.Before != nil, more
	}
	return rows, more, p.After != nil
}

// microseconds is the time of a Key.
func microseconds(sort int64) any { return nearest(time.UnixMicro(sort)) }

func milliseconds(sort int64) any { return sort }

// nearest moves a time that they leave out to their edge, where it is beyond every row just as well.
func nearest(at time.Time) time.Time {
	if at.Before(compliance.EarliestTime()) {
		return compliance.EarliestTime()
	}
	if at.After(compliance.LatestTime()) {
		return compliance.LatestTime()
	}
	return at
}
