package graph

import (
	"io"
	"time"
	"unicode"

	"github.com/99designs/gqlgen/graphql"

	"qm-compliance/compliance"
)

// MarshalDateTime writes an instant in RFC 3339.
func MarshalDateTime(at time.Time) graphql.Marshaler { return graphql.MarshalTime(at) }

// UnmarshalDateTime reads an instant in RFC 3339. It fails with an error that the client can fix.
func UnmarshalDateTime(value any) (time.Time, error) {
	at, err := graphql.UnmarshalTime(value)
	if err != nil || at.IsZero() { // gqlgen takes an empty text for the zero time, which is written as null
		return at, compliance.Invalid("not a time; use RFC 3339, such as 2026-11-23T12:00:00Z")
	}
	return at, nil
}

// VCon is a vCon as JSON, ready to be sent.
type VCon []byte

// MarshalGQL writes the JSON as it is, or null if there is none.
func (v VCon) MarshalGQL(w io.Writer) {
	if len(v) == 0 {
		v = VCon("null")
	}
	_, _ = w.Write(v)
}

// UnmarshalGQL fails: no input is a vCon; they are imported over /import.
func (v *VCon) UnmarshalGQL(any) error {
	return compliance.Invalid("vCons are imported over /import")
}

var _ graphql.Marshaler = VCon(nil)

// seconds turns stored milliseconds into the seconds of the API.
func seconds(ms int64) float64 { return float64(ms) / 1000 }

// knownSeconds is like seconds, but nil for zero, which is stored where the length is not known.
func knownSeconds(ms int64) *float64 { return orNull(seconds(ms)) }

// orNull shows the zero value, which stands for an absent value, as null.
func orNull[T comparable](value T) *T {
	var none T
	if value == none {
		return nil
	}
	return &value
}

// mapped shows each element of a list; the result is never nil.
func mapped[From, To any](list []From, show func(From) To) []To {
	shown := make([]To, 0, len(list))
	for _, element := range list {
		shown = append(shown, show(element))
	}
	return shown
}

// given returns the value of an optional input, or the zero value if it is omitted or null.
func given[T any](value *T) T {
	if value == nil {
		var none T
		return none
	}
	return *value
}

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
			return compliance.Invalid("it contains invisible characters; write it without them", field...)
		}
	}
	return nil
}
