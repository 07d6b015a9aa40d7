package vcon

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"qm-compliance/compliance"
)

// content takes the value of an analysis apart: what somebody said or wrote, which goes with the content of its
// dialog, from what was found out about it, which is metadata.
type content struct {
	// turns are what was said, as lists of turns have it; prose is any other text.
	turns []turn
	prose []string
}

// contentOf takes a body apart. Name is the type of the analysis; rest is what is left for the metadata, nil
// where that is nothing.
func contentOf(name string, body any) (c content, rest any) {
	rest = c.split(name, body, isResult(name))
	return c, rest
}

// split takes the text out of a value and returns what is left of it, nil where that is nothing. Member is the
// name under which the value stands; inResult says that it stands under the name of a result.
func (c *content) split(member string, value any, inResult bool) any {
	switch v := value.(type) {
	case string:
		if isProse(member, v, inResult) {
			c.prose = append(c.prose, v)
			return nil
		}
	case []any:
		return c.splitList(member, v, inResult)
	case map[string]any:
		return c.splitObject(v, inResult)
	}
	return value
}

func (c *content) splitList(member string, list []any, inResult bool) any {
	if !inResult && slices.ContainsFunc(list, isTurn) {
		found, _ := listTurns(list)
		c.turns = append(c.turns, found...)
		return nil
	}
	rest := []any{}
	for _, element := range list {
		if left := c.split(member, element, inResult); left != nil {
			rest = append(rest, left)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return rest
}

func (c *content) splitObject(members map[string]any, inResult bool) any {
	rest := map[string]any{}
	said := hasTurns(members)
	if said {
		found, _ := objectTurns(members)
		c.turns = append(c.turns, found...)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) { // sorted, so that importing again finds the same
		if said && slices.Contains(envelopeMembers(), name) {
			continue
		}
		if left := c.split(name, members[name], inResult || isResult(name)); left != nil {
			rest[name] = left
		}
	}
	if len(rest) == 0 {
		return nil
	}
	return rest
}

// envelopeMembers hold, beside a list of turns, the same text once more, or who spoke.
func envelopeMembers() []string {
	return slices.Concat(listMembers(), textMembers(), innerMembers(), []string{"words", "speakers"})
}

// hasTurns reports whether an object holds a list of what was said.
func hasTurns(members map[string]any) bool {
	for _, name := range append(listMembers(), "words") {
		list, _ := members[name].([]any)
		if slices.ContainsFunc(list, isTurn) {
			return true
		}
		if name == "words" && len(list) > 0 && len(texts(list)) == len(list) {
			return true
		}
	}
	for _, name := range innerMembers() {
		inner := members[name]
		if list, isList := inner.([]any); isList && len(list) > 0 {
			inner = list[0]
		}
		if o, isObject := inner.(map[string]any); isObject && (hasTurns(o) || name != "conversation" && isTurn(o)) {
			return true
		}
	}
	transcript, _ := members["transcript"].(map[string]any)
	return transcript != nil && isTurn(transcript)
}

// isTurn reports whether an element of a list is an object with a text.
func isTurn(element any) bool {
	o, _ := element.(map[string]any)
	for _, name := range append(textMembers(), "word", "punctuated_word", "words") {
		switch value := o[name].(type) {
		case string:
			if strings.TrimSpace(value) != "" {
				return true
			}
		case map[string]any:
			if isTurn(value) {
				return true
			}
		case []any:
			if name == "words" && len(value) > 0 {
				return true
			}
		}
	}
	return hasAny(o, listMembers()) && hasTurns(o)
}

func hasAny(members map[string]any, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return members[name] != nil })
}

// A text of fewer words than fewestWords is a label, unless its name says that it is a text; under the name of
// a result so is one of up to longestLabel words.
const (
	fewestWords  = 4
	longestLabel = 8
)

// isProse reports whether a member is a text that somebody said or wrote, not a label such as positive.
func isProse(member, text string, inResult bool) bool {
	words := len(strings.Fields(text))
	switch {
	case words == 0 || isAddressOrTime(text):
		return false
	case inResult:
		return words > longestLabel
	case isTextName(member):
		return true
	}
	return words >= fewestWords
}

// isAddressOrTime reports whether a text is plainly something else than words: a url, or a time.
func isAddressOrTime(text string) bool {
	_, isTime := parseTime(text)
	return isTime || len(strings.Fields(text)) == 1 && strings.Contains(text, "://")
}

// isTextName reports whether the name of a member, or of an analysis, says that it is a text.
func isTextName(name string) bool {
	return nameHas(name, "text", "transcript", "transcription", "summary", "summaries", "message", "messages",
		"content", "body", "note", "notes", "comment", "comments", "utterance", "utterances", "sentence",
		"sentences", "quote", "quotes", "translation", "translations", "paragraph", "paragraphs", "excerpt",
		"snippet", "narrative", "recap", "wrapup", "verbatim", "caption", "captions", "subtitles", "entities",
		"pii", "diarized", "description", "explanation", "rationale", "feedback", "remark", "remarks")
}

// isResult reports whether a name says that what stands under it was found out about a text: a score, or
// labels of a closed list.
func isResult(name string) bool {
	return nameHas(name, "sentiment", "sentiments", "topic", "topics", "score", "scores", "label", "labels",
		"category", "categories", "classification", "intent", "intents", "emotion", "emotions", "mood", "tag",
		"tags", "keyword", "keywords", "language", "rating", "ratings", "csat", "nps", "disposition", "outcome",
		"model", "confidence", "metrics", "statistics")
}

// nameHas reports whether one of the words of a name, which is written one_way-orAnother, is among some.
func nameHas(name string, words ...string) bool {
	var split strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z' {
			split.WriteByte(' ')
		}
		split.WriteRune(r)
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(split.String()), isNoLetter) {
		if slices.Contains(words, word) {
			return true
		}
	}
	return false
}

func isNoLetter(r rune) bool { return r < 'a' || r > 'z' }

// holdsWords reports whether there is a text of more than one word in a value.
func holdsWords(value any) bool {
	switch v := value.(type) {
	case string:
		return len(strings.Fields(v)) > 1 && !isAddressOrTime(v)
	case []any:
		return slices.ContainsFunc(v, holdsWords)
	case map[string]any:
		for _, member := range v {
			if holdsWords(member) {
				return true
			}
		}
	}
	return false
}

// kindByName understands the names of texts that are made of a segment, wherever the word stands in the name
// (call_transcript, transcript-redacted, wtf_transcription).
func kindByName(name string) compliance.MessageKind {
	name = strings.ToLower(name)
	for _, one := range []struct {
		part string
		kind compliance.MessageKind
	}{
		{"transcri", compliance.Transcript}, {"diari", compliance.Diarized},
		{"translat", compliance.Translation}, {"summar", compliance.Summary},
	} {
		if strings.Contains(name, one.part) {
			return one.kind
		}
	}
	return ""
}

// isScalarText reports whether a text holds a number or a truth value and nothing else.
func isScalarText(text string) bool {
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return false
	}
	switch value.(type) {
	case float64, bool:
		return true
	}
	return false
}
