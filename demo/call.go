package demo

import (
	"crypto/sha512"
	"encoding/base64"
	"strings"
	"time"

	"qm-compliance/demo/recording"
)

// phoneCall writes one call: its dialogs, and the texts that were made from it.
func (b *builder) phoneCall() {
	direction, turns := b.callScript()
	spoken, length := b.speak(turns)
	of := b.callDialogs(direction, length)
	b.callTexts(of, turns, spoken)
	b.now = b.now.Add(length)
}

// callScript returns which way the call went, and what was said.
func (b *builder) callScript() (direction string, turns []turn) {
	outbound := b.slot.kind == chatThenCall || b.rng.IntN(6) == 0
	switch {
	case b.isInternal():
		return "internal", b.internalTurns()
	case b.language() != "en":
		original, _ := b.foreignTurns()
		return "in", original
	case outbound:
		return "out", b.callTurns("greet-out", "open-out")
	default:
		return "in", b.callTurns("greet-in", "open")
	}
}

// speak gives each turn its time, and returns the transcript and how long the call took.
func (b *builder) speak(turns []turn) ([]spokenTurn, time.Duration) {
	var length time.Duration
	spoken := make([]spokenTurn, len(turns))
	for i, t := range turns {
		took := time.Duration(1+len(strings.Fields(t.text))*2/5) * time.Second
		spoken[i] = spokenTurn{t.party, b.speakerName(t.party), stamp(b.now.Add(length)), took.Seconds(), t.text}
		length += took + time.Duration(b.rng.IntN(3))*time.Second
	}
	return spoken, length
}

// speakerName returns the part that a party plays, as speech recognition would call it; among
// colleagues, the first name.
func (b *builder) speakerName(index int) string {
	p := b.doc.Parties[index]
	if b.isInternal() {
		return strings.Fields(p.Name)[0]
	}
	return capital(p.Role)
}

// callDialogs adds the dialogs of a call, and returns the index of the one that its texts are about.
func (b *builder) callDialogs(direction string, length time.Duration) int {
	d := dialog{Start: stamp(b.now), Duration: length.Seconds(), Parties: b.everybody(),
		Meta: &dialogMeta{Direction: direction}}
	if direction == "out" {
		d.Originator = new(agentParty)
	}
	if b.slot.kind == callUnrecorded {
		d.Type = "text"
		return b.add(d)
	}
	d.record(recording.CallMediaType, b.clips.Call(uint64(b.index), length))
	of := b.add(d)
	if b.slot.kind == callScreen {
		b.add(b.screen(length))
	}
	return of
}

// screen returns the recording of the agent's screen, which begins a little later and runs on while he
// writes his notes.
func (b *builder) screen(length time.Duration) dialog {
	length += 9 * time.Second
	d := dialog{Start: stamp(b.now.Add(2 * time.Second)), Duration: length.Seconds(), Parties: []int{agentParty}}
	d.record(recording.ScreenMediaType, b.clips.Screen(uint64(b.index), length))
	return d
}

// record puts a recording into a dialog, with its hash.
func (d *dialog) record(mediaType string, content []byte) {
	sum := sha512.Sum512(content)
	d.Type, d.MediaType, d.Encoding = "recording", mediaType, "base64url"
	d.Body = base64.RawURLEncoding.EncodeToString(content)
	d.ContentHash = "sha512-" + base64.RawURLEncoding.EncodeToString(sum[:])
}

// everybody returns the indexes of all parties.
func (b *builder) everybody() []int {
	indexes := make([]int, len(b.doc.Parties))
	for i := range indexes {
		indexes[i] = i
	}
	return indexes
}

// callTexts adds what was made from a call. A call that was not recorded always has a transcript: it is
// nothing else.
func (b *builder) callTexts(of int, turns []turn, spoken []spokenTurn) {
	if b.slot.kind == callUnrecorded || !b.chance(6) {
		b.analyse("transcript", transcriber, []int{of}, spoken)
		if b.chance(2) {
			b.analyse("diarized", transcriber, []int{of}, b.lines(turns))
		}
	}
	if !b.chance(4) {
		b.analyse("summary", summariser, []int{of}, b.summary())
	}
	b.translate([]int{of})
}

// lines writes turns as a text, each with the part of who speaks.
func (b *builder) lines(turns []turn) string {
	var text strings.Builder
	for _, t := range turns {
		text.WriteString(b.speakerName(t.party) + ": " + t.text + "\n")
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// summary sums the conversation up.
func (b *builder) summary() string {
	if b.isInternal() {
		return b.say(b.lib["internal"]["summary"])
	}
	return b.matter("summary") + " " + b.say(b.lib["speech"]["outcome"])
}

// callTurns returns what is said in a call: who it is, what it is about, questions and answers, a
// solution, goodbye.
func (b *builder) callTurns(greet, open string) []turn {
	speech := b.lib["speech"]
	turns := []turn{
		{agentParty, b.say(speech[greet])},
		{customerParty, b.say(speech[open]) + " " + b.matter("problem")},
	}
	turns = append(turns, b.pairs(speech["identify"], 1+b.rng.IntN(3))...)
	turns = append(turns, turn{agentParty, b.say(speech["found"])})
	turns = append(turns, b.pairs(b.topic.sections["exchange"], 1+b.rng.IntN(3))...)
	if b.chance(2) {
		turns = append(turns, turn{agentParty, b.say(speech["hold"])}, turn{customerParty, b.say(speech["wait"])})
	}
	turns = append(turns, b.escalation()...)
	turns = append(turns, turn{agentParty, b.matter("resolve")}, turn{customerParty, b.say(speech["react"])})
	turns = append(turns, b.pairs(speech["confirm"], 1+b.rng.IntN(2))...)
	return append(turns, turn{agentParty, b.say(speech["bye-agent"])}, turn{customerParty, b.say(speech["bye"])})
}

// pairs returns n different questions of the agent, each with the customer's answer.
func (b *builder) pairs(lines []string, n int) []turn {
	var turns []turn
	for _, line := range b.take(lines, n) {
		question, answer := b.pair(line)
		turns = append(turns, turn{agentParty, question}, turn{customerParty, answer})
	}
	return turns
}

// escalation brings the supervisor into the call: into some of the complaints, and into a few that her
// own group takes.
func (b *builder) escalation() []turn {
	const complaints, ownGroup = 2, 12
	odds := 0
	switch {
	case b.topic.category == "complaint":
		odds = complaints
	case b.topic.group == supervisor().group:
		odds = ownGroup
	}
	if odds == 0 || !b.chance(odds) {
		return nil
	}
	b.doc.Parties = append(b.doc.Parties, supervisor().party())
	hers, speech := len(b.doc.Parties)-1, b.lib["speech"]
	return []turn{{hers, b.say(speech["supervisor"])}, {customerParty, b.say(speech["wait"])},
		{hers, b.say(speech["supervisor-close"])}}
}

// internalTurns lets the agent ring a colleague of the support group about a customer. There is no
// customer among the parties then.
func (b *builder) internalTurns() []turn {
	other := colleagues("support")[0]
	b.doc.Parties = []party{other.party(), b.agent.party()}
	b.facts["agent2first"] = other.first()
	internal := b.lib["internal"]
	turns := []turn{{agentParty, b.say(internal["greet"])}}
	for _, line := range internal["turns"] {
		question, answer := b.pair(line)
		turns = append(turns, turn{customerParty, question}, turn{agentParty, answer})
	}
	return append(turns, turn{customerParty, b.say(internal["bye"])})
}
