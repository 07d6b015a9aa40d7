package vcon

import (
	"encoding/json"
	"fmt"
	"strings"

	"qm-compliance/compliance"
)

// analysis is an analysis of the vCon. One with a kind is a text about a segment; one without is metadata.
type analysis struct {
	object
	name    string
	kind    compliance.MessageKind
	dialogs []int
	body    any
}

func (r *reader) readAnalyses() error {
	list, err := r.root.objects("analysis")
	if err != nil {
		return err
	}
	for _, o := range list {
		a, err := r.readAnalysis(o)
		if err != nil {
			return err
		}
		r.analyses = append(r.analyses, a)
	}
	return nil
}

func (r *reader) readAnalysis(o object) (a analysis, err error) {
	a = analysis{object: o}
	if a.name, err = o.text("type"); err != nil {
		return a, err
	}
	a.kind = messageKind(a.name)
	if a.dialogs, err = r.dialogRefs(o); err != nil {
		return a, err
	}
	a.body, err = jsonBody(o)
	return a, err
}

func messageKind(name string) compliance.MessageKind {
	switch name = strings.ToLower(name); {
	case strings.HasPrefix(name, "transcript"):
		return compliance.Transcript
	case strings.HasPrefix(name, "diariz"):
		return compliance.Diarized
	case strings.HasPrefix(name, "summar"):
		return compliance.Summary
	case strings.HasPrefix(name, "translat"):
		return compliance.Translation
	}
	return ""
}

// dialogRefs reads which dialogs an analysis is about: a number or a list of them.
func (r *reader) dialogRefs(o object) ([]int, error) {
	values, isList := o.members["dialog"].([]any)
	if !isList && o.has("dialog") {
		values = []any{o.members["dialog"]}
	}
	var refs []int
	for _, value := range values {
		number, ok := value.(json.Number)
		if !ok {
			return nil, wrong(o.at("dialog"), "is %s; the number of a dialog is needed", kindOf(value))
		}
		index, err := number.Int64()
		if err != nil || index < 0 || index >= int64(len(r.dialogs)) {
			return nil, wrong(o.at("dialog"), "there is no dialog %s; the vCon has %d dialogs", number, len(r.dialogs))
		}
		refs = append(refs, int(index))
	}
	return refs, nil
}

// jsonBody is a body as JSON: as it stands, or what the text of it holds.
func jsonBody(o object) (any, error) {
	text, isText := o.members["body"].(string)
	if !isText {
		return o.members["body"], nil
	}
	text, err := bodyText(o)
	if err != nil {
		return nil, err
	}
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		decoder := json.NewDecoder(strings.NewReader(trimmed))
		decoder.UseNumber()
		var value any
		if decoder.Decode(&value) == nil && !decoder.More() && checkStorable("", value) == nil {
			return value, nil
		}
	}
	return text, nil
}

// addAnalyses puts each text into the segment of the first dialog that it is about, the first segment where it names none.
func (r *reader) addAnalyses() error {
	for _, a := range r.analyses {
		if a.kind == "" {
			continue
		}
		segment := &r.result.Segments[0]
		for _, index := range a.dialogs {
			if place := r.dialogs[index].segment; place >= 0 {
				segment = &r.result.Segments[place]
				break
			}
		}
		turns := r.turns(a.body)
		for _, t := range turns {
			t.Kind = a.kind
			segment.Messages = append(segment.Messages, t)
		}
	}
	return nil
}

// textMembers are the members by which the formats in use hold their text, or the list of their turns.
func textMembers() []string {
	return []string{"transcript", "text", "message", "summary", "translation", "content", "body", "segments", "utterances", "turns", "paragraphs"}
}

// turns takes a text apart into what each speaker said, where its format tells; else it is one message.
func (r *reader) turns(body any) []Message {
	switch v := body.(type) {
	case nil:
		return nil
	case string:
		return one(v)
	case []any:
		var all []Message
		for _, element := range v {
			all = append(all, r.turn(element)...)
		}
		return all
	case map[string]any:
		for _, member := range textMembers() {
			if found := r.turns(v[member]); len(found) > 0 {
				return found
			}
		}
	}
	return one(jsonText(body))
}

func one(text string) []Message {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return []Message{{Author: NoAuthor, Text: text}}
}

// turn is what one speaker said.
func (r *reader) turn(element any) []Message {
	o, isObject := element.(map[string]any)
	if !isObject {
		return r.turns(element)
	}
	found := r.turns(element)
	if len(found) != 1 {
		return found
	}
	turn := &found[0]
	if start, ok := o["start"].(string); ok {
		turn.SentAt, _ = parseTime(start)
	}
	for _, member := range []string{"party", "parties", "speaker", "role", "author", "name"} {
		if o[member] == nil {
			continue
		}
		if turn.Author = r.speaker(o[member]); turn.Author == NoAuthor && !looksPersonal(fmt.Sprint(o[member])) && member == "speaker" {
			turn.Text = fmt.Sprintf("%v: %s", o[member], turn.Text)
		}
		break
	}
	return found
}

// speaker finds a participant by number, name or role.
func (r *reader) speaker(value any) int {
	if refs, err := r.partyRefs("", value); err == nil && len(refs) > 0 {
		return refs[0]
	}
	name, _ := value.(string)
	for i, p := range r.parties {
		if name != "" && strings.EqualFold(p.Name, name) {
			return i
		}
	}
	for i, p := range r.parties {
		if role := roleOf(name); role != compliance.RoleOther && p.Role == role {
			return i
		}
	}
	return NoAuthor
}
