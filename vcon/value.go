package vcon

import (
	"encoding/json"
	"errors"
	"math"
	netmail "net/mail"
	"strings"
	"time"
)

// object is a JSON object with its place in the document. Its accessors return an *Error that names the place
// of what has the wrong type.
type object struct {
	path    string
	members map[string]any
}

func (o object) at(name string) string {
	if o.path == "" {
		return name
	}
	return o.path + "." + name
}

// has reports whether a member is there and not null.
func (o object) has(name string) bool { return o.members[name] != nil }

// text is the first of some members that is not empty, "" where all are absent, null or empty.
func (o object) text(names ...string) (string, error) {
	for _, name := range names {
		switch value := o.members[name].(type) {
		case nil:
		case string:
			if value != "" {
				return value, nil
			}
		default:
			return "", wrong(o.at(name), "is %s; text is needed", kindOf(value))
		}
	}
	return "", nil
}

// scalar is a text, or a number as it is written: tools write ids and phone numbers as either. Anything else
// is none.
func (o object) scalar(name string) string {
	switch value := o.members[name].(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	}
	return ""
}

// seconds is a length of time, zero where it is absent.
func (o object) seconds(name string) (time.Duration, error) {
	if !o.has(name) {
		return 0, nil
	}
	number, ok := o.members[name].(json.Number)
	if !ok {
		return 0, wrong(o.at(name), "is %s; a number of seconds is needed", kindOf(o.members[name]))
	}
	seconds, err := number.Float64()
	if err == nil && seconds < 0 {
		return 0, wrong(o.at(name), "is negative; a number of seconds is needed")
	}
	if err != nil || seconds > math.MaxInt32 {
		return 0, wrong(o.at(name), "is longer than any conversation; a number of seconds is required")
	}
	return time.Duration(math.Round(seconds*1000)) * time.Millisecond, nil
}

// timestamp is the zero time where it is absent.
func (o object) timestamp(name string) (time.Time, error) {
	text, err := o.text(name)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	at, ok := parseTime(text)
	if !ok {
		return at, wrong(o.at(name), "is not a date; RFC 3339 is needed, such as 2026-03-01T09:30:00Z")
	}
	return at, nil
}

// objects is a list of objects; absent and null are no objects.
func (o object) objects(name string) ([]object, error) {
	if !o.has(name) {
		return nil, nil
	}
	list, ok := o.members[name].([]any)
	if !ok {
		return nil, wrong(o.at(name), "is %s; a list is needed", kindOf(o.members[name]))
	}
	found := make([]object, 0, len(list))
	for i, value := range list {
		path := element(o.at(name), i)
		members, ok := value.(map[string]any)
		if !ok {
			return nil, wrong(path, "is %s; an object is needed", kindOf(value))
		}
		found = append(found, object{path, members})
	}
	return found, nil
}

// object is a member that is an object, an empty one where it is absent or something else.
func (o object) object(name string) object {
	members, _ := o.members[name].(map[string]any)
	return object{o.at(name), members}
}

// texts are a text, or all the texts of a list; numbers count as texts.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		if v != "" {
			return []string{v}
		}
	case json.Number:
		return []string{v.String()}
	case []any:
		var list []string
		for _, element := range v {
			list = append(list, texts(element)...)
		}
		return list
	}
	return nil
}

func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case json.Number:
		return "a number"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	}
	return "an object"
}

// latestYear leaves room below year 10000, which RFC 3339 cannot write, for the longest duration.
const latestYear = 9900

// timeLayouts are RFC 3339 and what older tools write; without a zone a time is in UTC.
func timeLayouts() []string {
	return []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999",
		"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
		"2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	}
}

// parseTime returns a time in UTC, to the microsecond, as PostgreSQL keeps it. RFC 3339 allows its letters in
// lower case too.
func parseTime(text string) (time.Time, bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	for _, layout := range timeLayouts() {
		if at, err := time.Parse(layout, text); err == nil {
			return storableTime(at)
		}
	}
	if at, err := parseMailDate(text); err == nil {
		return storableTime(at)
	}
	return time.Time{}, false
}

// storableTime is a time in UTC, to the microsecond, where it is in the years that are taken.
func storableTime(at time.Time) (time.Time, bool) {
	at = at.UTC()
	return at.Truncate(time.Microsecond), at.Year() >= 1 && at.Year() <= latestYear
}

// parseMailDate reads the dates of mail and HTTP (RFC 5322, RFC 9110), with the zones that they name.
func parseMailDate(text string) (time.Time, error) {
	text, _, _ = strings.Cut(text, "(") // a comment
	fields := strings.Fields(text)
	if len(fields) < 4 {
		return time.Time{}, errNoDate
	}
	zone := map[string]string{
		"GMT": "+0000", "UTC": "+0000", "UT": "+0000", "Z": "+0000", "EST": "-0500", "EDT": "-0400",
		"CST": "-0600", "CDT": "-0500", "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
	}[fields[len(fields)-1]]
	if zone != "" {
		fields[len(fields)-1] = zone
	}
	text = strings.Join(fields, " ")
	if at, err := netmail.ParseDate(text); err == nil {
		return at, nil
	}
	if at, err := time.Parse("Monday, 02-Jan-06 15:04:05 -0700", text); err == nil {
		return at, nil
	}
	return time.Parse("Mon Jan 2 15:04:05 2006", text)
}

var errNoDate = errors.New("not a date")

// earlier is the earlier of two times that are known.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// dialogRefs reads which of so many dialogs something is about: a number or a list of them.
func dialogRefs(path string, value any, count int) ([]int, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case json.Number:
		index, err := reference(path, v, "dialog", "dialogs", count)
		return []int{index}, err
	case []any:
		var refs []int
		for i, member := range v {
			number, ok := member.(json.Number)
			if !ok {
				return nil, wrong(element(path, i), "is %s; the number of a dialog is needed", kindOf(member))
			}
			index, err := reference(element(path, i), number, "dialog", "dialogs", count)
			if err != nil {
				return nil, err
			}
			refs = append(refs, index)
		}
		return refs, nil
	default:
		return nil, wrong(path, "is %s; the number of a dialog is needed", kindOf(v))
	}
}

// reference is an index into a list of the vCon. A number that is long is not repeated in the error: it may
// be a phone number.
func reference(path string, number json.Number, one, many string, count int) (int, error) {
	index, err := number.Int64()
	switch {
	case err == nil && index >= 0 && index < int64(count):
		return int(index), nil
	case err == nil && index >= 0 && index < 10_000:
		return 0, wrong(path, "there is no %s %d; the vCon has %d %s", one, index, count, many)
	}
	return 0, wrong(path, "is not the number of a %s; the vCon has %d %s, counted from 0", one, count, many)
}
