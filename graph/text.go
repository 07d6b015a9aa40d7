package graph

import (
	"unicode"

	"qm-compliance/compliance"
)

// The joiners are invisible, but parts of words in some scripts and of emoji.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// plainText refuses characters that are not seen but change how a text is shown, in the audit log and
// wherever it is exported to: controls, the escapes of terminals among them, and those that turn the
// direction of writing.
func plainText(text string, field ...string) error {
	for _, c := range text {
		if c == 0 {
			continue // the store says more about it
		}
		hidden := unicode.Is(unicode.Cf, c) && c != zeroWidthJoiner && c != zeroWidthNonJoiner
		if hidden || (unicode.IsControl(c) && c != '\n' && c != '\t') || c == '\u2028' || c == '\u2029' {
			return compliance.Invalid("there are characters in it that cannot be seen; write it with plain ones", field...)
		}
	}
	return nil
}
