package vcon

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// object is a JSON object with its place in the document. Its accessors return an *Error that names the place of what has the wrong type.
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

// text is a string, "" where it is absent or null.
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
	if err != nil || seconds < 0 || seconds > math.MaxInt32 {
		return 0, wrong(o.at(name), "is not a length of time; a number of seconds that is not negative is needed")
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

// parseTime takes a time without a zone for UTC, as the older tools wrote it.
func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999Z0700", time.RFC1123Z} {
		if at, err := time.Parse(layout, strings.TrimSpace(text)); err == nil && at.Year() >= 1 && at.Year() <= 9999 {
			return at.UTC().Truncate(time.Microsecond), true
		}
	}
	return time.Time{}, false
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
	for i, element := range list {
		path := fmt.Sprintf("%s[%d]", o.at(name), i)
		members, ok := element.(map[string]any)
		if !ok {
			return nil, wrong(path, "is %s; an object is needed", kindOf(element))
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
