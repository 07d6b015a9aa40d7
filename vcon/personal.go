package vcon

import (
	"regexp"
	"strings"
)

var (
	emailLike = regexp.MustCompile(`[^\s@<>,;:"]+@[^\s@<>,;:"]+`)
	phoneLike = regexp.MustCompile(`\+?\d(?:[\s().\-/]{0,2}\d){6,}`)
)

// looksPersonal reports whether a text is, or has in it, something like an e-mail address or a phone number.
func looksPersonal(text string) bool {
	return strings.Contains(text, "@") || phoneLike.MatchString(text)
}

// digits leaves everything but digits out.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
