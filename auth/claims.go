package auth

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// maxText is how many characters a name, an id or an address may have; OpenID Connect allows 255 for sub.
	maxText = 255
	// maxGroups is how many groups a person may belong to.
	maxGroups = 500
	// maxLifetime is how far ahead a token may end.
	maxLifetime = 10 * 366 * 24 * time.Hour
)

// claims are what a token says, as JSON.
type claims map[string]any

func parseClaims(content []byte) (claims, error) {
	var all claims
	err := json.Unmarshal(content, &all)
	return all, err
}

// has reports whether a claim is there; null is as good as absent.
func (c claims) has(name string) bool { return c[name] != nil }

// text returns a claim that is a string, or "" if it is absent or something else.
func (c claims) text(name string) string {
	value, _ := c[name].(string)
	return value
}

// audience returns whom the token is meant for.
func (c claims) audience() []string {
	if one, ok := c["aud"].(string); ok {
		return []string{one}
	}
	return c.at("aud")
}

// time returns a claim in seconds since 1970, or the zero time if it is absent. ok is false if it is
// something else than a time.
func (c claims) time(name string) (at time.Time, ok bool) {
	if !c.has(name) {
		return time.Time{}, true
	}
	seconds, ok := c[name].(float64)
	if !ok || seconds < 0 || seconds > float64(maxSeconds) {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// maxSeconds is the end of the year 9999.
const maxSeconds = 253_402_300_799

// list returns the values of a claim, given by its path: the claim of that very name, else the names
// between the dots from the outermost.
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

// printable reports whether a text may be shown, stored and compared: it is no longer than maxText, and
// has no control characters, line separators or characters that turn the direction of what follows.
func printable(text string) bool {
	return utf8.RuneCountInString(text) <= maxText && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) ||
			(r >= '\u202A' && r <= '\u202E') || (r >= '\u2066' && r <= '\u2069')
	})
}
