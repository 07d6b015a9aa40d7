package auth

import (
	"strings"
	"time"
)

// claims are what a token says, as JSON.
type claims map[string]any

// text is a claim that is a string, "" where it is absent or something else.
func (c claims) text(name string) string {
	value, _ := c[name].(string)
	return value
}

// time is a claim in seconds since 1970, the zero time where it is absent.
func (c claims) time(name string) time.Time {
	seconds, ok := c[name].(float64)
	if !ok {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// list is a claim with several values, given by its path: the claim of that very name, else the names between the dots from the outermost.
func (c claims) list(path string) []string {
	if value, found := c[path]; found {
		return texts(value)
	}
	return c.at(strings.Split(path, ".")...)
}

func (c claims) at(names ...string) []string {
	var value any = map[string]any(c)
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return texts(value)
}

// texts reads a list of strings, or one string whose values are separated by spaces or commas.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ',' })
	case []any:
		var list []string
		for _, element := range v {
			if text, ok := element.(string); ok {
				list = append(list, text)
			}
		}
		return list
	}
	return nil
}
