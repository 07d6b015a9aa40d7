package graph_test

import (
	"math/rand/v2"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// known is what random documents ask for: ids and cursors that the API has answered.
type known struct {
	// ids are global ids by type.
	ids map[string][]string
	// messages are cursors by the segment that they are of; a cursor of one is refused by the others.
	messages map[string][]string
	// ordered are cursors of conversations by field and direction of the order.
	ordered map[[2]string][]string
	// cursors are all others, by the field that they are of.
	cursors map[string][]string
	// metadata are keys and values, to filter by.
	metadata [][2]string
}

// values draws values for the arguments of one field, such that they go together.
func (a *author) values(ofType string, field *ast.FieldDefinition) func(*ast.ArgumentDefinition) any {
	order := [2]string{one(a, "STARTED_AT", "DURATION"), one(a, "ASC", "DESC")}
	kind := one(a, "Conversation", "Conversation", "CallSegment", "EmailSegment", "ChatSegment", "MediaFile",
		"AuditEvent", "AuditOperation")
	if field.Name == "conversation" {
		kind = "Conversation"
	}
	id := a.id(kind)
	if field.Name == "node" {
		a.found = kind
		if _, isSegment := a.known.messages[id]; isSegment {
			a.segment = id
		}
	}
	return func(argument *ast.ArgumentDefinition) any {
		switch argument.Name {
		case "first", "last":
			return a.size(argument)
		case "upTo":
			return one(a, 1, 2, 3, 10_000, 100_000, a.badly(3, 0), a.badly(5, 100_001))
		case "after", "before":
			return a.cursor(ofType+"."+field.Name, order)
		case "id":
			if a.chance(a.wrong) {
				return a.badID()
			}
			return id
		case "kinds":
			return a.kinds()
		case "orderBy":
			return map[string]any{"field": enum(order[0]), "direction": enum(order[1])}
		case "filter":
			return a.filter(argument.Type.Name())
		case "input":
			return map[string]any{"conversationIds": a.ids("Conversation")}
		}
		return a.ofType(argument.Type)
	}
}

// badly is a value, or, once in a while, one that is refused.
func (a *author) badly(value, refused int) int {
	if a.chance(a.wrong) {
		return refused
	}
	return value
}

// size is a number of items. Pages are mostly small, so that there are several.
func (a *author) size(argument *ast.ArgumentDefinition) any {
	if a.chance(a.wrong) {
		return one(a, 0, -1, 101, 10_001, 20_000)
	}
	if argument.Type.NonNull && argument.DefaultValue != nil && argument.DefaultValue.Raw != "20" && a.chance(15) {
		return 100
	}
	return one(a, 1, 1, 2, 2, 3, 4, 7)
}

func (a *author) cursor(field string, order [2]string) any {
	if a.chance(a.wrong) {
		return one(a, "x", "", "MSBtZXNzYWdlcyAwIDE", a.oneOf(a.known.cursors["Query.auditEvents"]))
	}
	switch field {
	case "Query.conversations":
		return a.oneOf(a.known.ordered[order])
	case "CallSegment.messages", "EmailSegment.messages", "ChatSegment.messages", "Segment.messages":
		segment := a.segment
		if segment == "" && !a.chance(a.wrong*5) {
			return nil
		}
		for _, other := range a.known.ids["Segment"] {
			if segment == "" && a.chance(20) {
				segment = other
			}
		}
		return a.oneOf(a.known.messages[segment])
	}
	return a.oneOf(a.known.cursors[field])
}

// oneOf is one of the texts, nil where there is none.
func (a *author) oneOf(texts []string) any {
	if len(texts) == 0 {
		return nil
	}
	return one(a, texts...)
}

func (a *author) id(kind string) string {
	if list := a.known.ids[kind]; len(list) > 0 {
		return one(a, list...)
	}
	return ""
}

// badID is of nothing, of something else, or no id at all.
func (a *author) badID() string {
	return one(a, "x", "", "Q29udmVyc2F0aW9uOjk5OTk5", "U2VnbWVudDo5OTk5OQ", a.id("MediaFile"), a.id("Conversation"))
}

func (a *author) ids(kind string) []any {
	list := []any{}
	for range a.badly(1+a.IntN(4), 0) {
		if a.chance(a.wrong) {
			list = append(list, a.badID())
			continue
		}
		list = append(list, a.id(kind))
	}
	return list
}

func (a *author) kinds() any {
	all := []any{}
	for range a.badly(1+a.IntN(3), 0) {
		all = append(all, one(a, enum("CHAT_MESSAGE"), enum("EMAIL_BODY"), enum("TRANSCRIPT"), enum("DIARIZED"),
			enum("SUMMARY"), enum("TRANSLATION")))
	}
	if len(all) == 1 && a.chance(40) {
		return all[0]
	}
	return all
}

func (a *author) filter(ofType string) any {
	filter := map[string]any{}
	fields := slices.Clone(a.schema.Types[ofType].Fields)
	a.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	for _, field := range fields[:a.IntN(3)] {
		filter[field.Name] = a.ofField(field)
	}
	return filter
}

func (a *author) ofField(field *ast.FieldDefinition) any {
	switch field.Name {
	case "startedFrom", "occurredFrom":
		return one(a, "2026-11-01T00:00:00Z", "2026-11-05T10:30:00.5+02:00")
	case "startedTo", "occurredTo":
		return one(a, "2026-12-01T00:00:00Z", "2026-11-10T00:00:00Z")
	case "participantPhoneNumber":
		return one(a, "777 123", "420", "12")
	case "participantDigitalAddress":
		return one(a, "example", "ADA@", "x")
	case "metadata":
		entry := one(a, a.known.metadata...)
		return []any{map[string]any{"key": entry[0], "value": entry[1]}}
	case "userId":
		return one(a, "demo-manager", "nobody")
	case "conversationId":
		return a.id("Conversation")
	}
	return a.ofType(field.Type)
}

// ofType is any value of a type.
func (a *author) ofType(of *ast.Type) any {
	if of.Elem != nil {
		list := []any{}
		for range 1 + a.IntN(3) {
			list = append(list, a.ofType(of.Elem))
		}
		return list
	}
	definition := a.schema.Types[of.Name()]
	switch {
	case definition.Kind == ast.Enum:
		return enum(one(a, definition.EnumValues...).Name)
	case of.Name() == "Boolean":
		return a.chance(50)
	case of.Name() == "Int":
		return a.IntN(10)
	}
	return one(a, "", "x", "[anonymized]", string(rune(rand.N(0x3000))))
}
