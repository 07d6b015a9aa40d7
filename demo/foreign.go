package demo

import "strings"

// foreignTurns returns a whole conversation in the conversation's language, and the same in English.
func (b *builder) foreignTurns() (original, english []turn) {
	for _, line := range b.lib["foreign"][b.language()] {
		who, text, _ := strings.Cut(line, ": ")
		theirs, ours := b.pair(text)
		speaker := customerParty
		if who == "a" {
			speaker = agentParty
		}
		original, english = append(original, turn{speaker, theirs}), append(english, turn{speaker, ours})
	}
	return original, english
}

// translate adds the translation of a conversation that was not held in English.
func (b *builder) translate(of []int) {
	if b.language() == "en" {
		return
	}
	_, english := b.foreignTurns()
	b.analyse("translation", summariser, of, b.lines(english))
}
