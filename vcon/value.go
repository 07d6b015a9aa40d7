package vcon

import (
	"encoding/json"
	"math"
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
		return 0, wrong(o.at(name), "is longer than any conversation; a number of seconds is needed")
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
