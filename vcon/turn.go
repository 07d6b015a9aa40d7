package vcon

import (
	"encoding/json"
	"strings"
)

// turn is what one speaker said, as a tool wrote it down. Speaker and start are what the format has, nil
// where nothing.
type turn struct {
	text           string
	speaker, start any
	// byNumber is set where the format refers to a party by number; elsewhere a number is only a label that a
	// tool gave a voice.
	byNumber bool
}

// label names a speaker who is no participant.
func (t turn) label() string {
	switch v := t.speaker.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		if !t.byNumber {
			return "Speaker " + v.String()
		}
	}
	return ""
}

// listMembers, textMembers and innerMembers are the members by which the formats in use hold the list of
// turns, the text, and what is around them, in the order in which they are looked for.
func listMembers() []string {
	return []string{
		"segments", "utterances", "turns", "messages", "dialog", "monologues", "chunks", "lines", "entries", "cues",
		"phrases", "recognizedPhrases", "combinedRecognizedPhrases",
	}
}

func textMembers() []string {
	return []string{"transcript", "text", "message", "summary", "translation", "content", "diarized", "body",
		"utterance", "sentence", "caption", "display"}
}

func innerMembers() []string {
	return []string{"results", "channels", "alternatives", "paragraphs", "sentences", "conversation", "transcripts",
		"nBest"}
}

// turnsOf takes a text apart into turns where its format tells them; else it is one. What has no known format
// comes in as JSON, so that it is not lost.
func turnsOf(body any) []turn {
	if found, understood := findTurns(body); understood {
		return found
	}
	return []turn{{text: jsonText(body)}}
}

// findTurns reports also whether it understood the format: an empty transcript is no turn, but it is a
// transcript.
func findTurns(body any) (found []turn, understood bool) {
	switch v := body.(type) {
	case nil:
		return nil, true
	case string:
		return oneTurn(v), true
	case json.Number:
		return oneTurn(v.String()), true
	case []any:
		return listTurns(v)
	case map[string]any:
		return objectTurns(v)
	}
	return nil, false
}

func oneTurn(text string) []turn {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return []turn{{text: text}}
}

func listTurns(list []any) (all []turn, understood bool) {
	understood = len(list) == 0
	for _, element := range list {
		found, ok := findTurns(element)
		all, understood = append(all, found...), understood || ok
	}
	return all, understood
}

func objectTurns(o map[string]any) (found []turn, understood bool) {
	for _, member := range listMembers() {
		if list, isList := o[member].([]any); isList && len(list) > 0 {
			if found, ok := listTurns(list); ok && len(found) > 0 {
				return nameSpeakers(o, found), true
			}
		}
	}
	for _, member := range append(textMembers(), innerMembers()...) {
		value, there := o[member]
		if !there {
			continue
		}
		if list, isList := value.([]any); isList && (member == "alternatives" || member == "nBest") && len(list) > 0 {
			value = list[0] // the most likely of several readings of the same words
		}
		inner, ok := findTurns(value)
		if understood = understood || ok; len(inner) > 0 {
			return attribute(o, inner), true
		}
	}
	if words, isList := o["words"].([]any); isList {
		return nameSpeakers(o, wordTurns(words)), true
	}
	return nil, understood || len(o) == 0
}

// attribute gives turns the speaker and the start of the object they were found in, where they have none of
// their own.
func attribute(o map[string]any, turns []turn) []turn {
	for i := range turns {
		t := &turns[i]
		for _, member := range []string{"party", "parties", "speaker", "role", "author", "name", "speaker_label",
			"speaker_name", "speaker_id"} {
			if t.speaker == nil && o[member] != nil {
				t.speaker, t.byNumber = o[member], strings.HasPrefix(member, "part")
			}
		}
		for _, member := range []string{"start", "start_time", "timestamp"} {
			if t.start == nil {
				t.start = o[member]
			}
		}
	}
	return turns
}

// nameSpeakers gives turns the names that the object they were found in has for the numbers of its speakers.
func nameSpeakers(o map[string]any, turns []turn) []turn {
	speakers, _ := o["speakers"].(map[string]any)
	for i := range turns {
		speaker, _ := speakers[strings.Join(texts(turns[i].speaker), "")].(map[string]any)
		if name, _ := (object{members: speaker}).text("label", "name"); name != "" && !turns[i].byNumber {
			turns[i].speaker = name
		}
	}
	return turns
}

// wordTurns joins words that follow each other from the same speaker.
func wordTurns(words []any) []turn {
	var all []turn
	for _, word := range words {
		o, _ := word.(map[string]any)
		text, _ := object{members: o}.text("punctuated_word", "word", "text")
		if plain, isText := word.(string); isText {
			text = plain
		}
		for _, t := range attribute(o, oneTurn(strings.TrimSpace(text))) {
			if last := len(all) - 1; last >= 0 && jsonText(all[last].speaker) == jsonText(t.speaker) {
				all[last].text += " " + t.text
			} else {
				all = append(all, t)
			}
		}
	}
	return all
}
