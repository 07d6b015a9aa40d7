package graph

import (
	"time"

	"github.com/99designs/gqlgen/graphql"

	"qm-compliance/compliance"
)

// MarshalTime writes a time as RFC 3339 has it.
func MarshalTime(at time.Time) graphql.Marshaler { return graphql.MarshalTime(at) }

// UnmarshalTime reads one. Anything else is what the client can mend, and no failure of the server.
func UnmarshalTime(value any) (time.Time, error) {
	at, err := graphql.UnmarshalTime(value)
	if err != nil {
		return at, compliance.Invalid("not a time; give it as RFC 3339 has it, such as 2026-11-23T12:00:00Z")
	}
	return at, nil
}
