package demo

// callTurns returns what is said in a call: who it is, what it is about, questions and answers, a solution, goodbye.
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

// escalation brings the supervisor into the call: into some of the complaints, and into a few that her own group takes.
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
	return []turn{{hers, b.say(speech["supervisor"])}, {customerParty, b.say(speech["wait"])}, {hers, b.say(speech["supervisor-close"])}}
}

// internalTurns lets the agent ring a colleague of the support group about a customer. There is no customer among the parties then.
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
