package conversation

import (
	"strings"
	"unicode"
)

// FoldDigits writes a text so that its numbers can be recognised: every decimal digit of Unicode (Arabic-Indic,
// Devanagari, full-width, ...) as the ASCII digit, full-width punctuation as its ASCII sign, and without the
// characters that cannot be seen and may stand between two digits.
func FoldDigits(text string) string {
	if isASCII(text) {
		return text
	}
	return strings.Map(foldDigit, text)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] > unicode.MaxASCII {
			return false
		}
	}
	return true
}

func foldDigit(r rune) rune {
	const (
		wideFirst, wideLast = '！', '～' // the full-width forms of ! to ~
		keycap              = '\u20e3'
	)
	switch {
	case r <= unicode.MaxASCII:
		return r
	case r == '\u2010' || r == '\u2011' || r == '\u2012' || r == '\u2013' || r == '\u2212':
		return '-'
	case unicode.Is(unicode.Nd, r):
		return '0' + digitValue(r)
	case r >= wideFirst && r <= wideLast && !unicode.IsLetter(r):
		return r - wideFirst + '!'
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r), r == keycap:
		return -1
	}
	return r
}

// digitValue is the value of a decimal digit. Unicode keeps the digits of a script together, from 0 to 9, and
// one set may follow another.
func digitValue(r rune) rune {
	for _, set := range unicode.Nd.R16 {
		if low := rune(set.Lo); r >= low && r <= rune(set.Hi) {
			return (r - low) % 10
		}
	}
	for _, set := range unicode.Nd.R32 {
		if low := rune(set.Lo); r >= low && r <= rune(set.Hi) {
			return (r - low) % 10
		}
	}
	return 0
}

// Digits returns the digits of a number alone, as ASCII digits, in whatever script they are written.
func Digits(number string) string {
	return strings.Map(func(r rune) rune {
		if r = foldDigit(r); r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}
