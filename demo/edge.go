package demo

import (
	"fmt"
	"strings"
)

// The conversations with values that are odd on purpose, by kind and number.

// isInternal: two agents talk, no customer takes part.
func (b *builder) isInternal() bool { return b.is(callRecorded, 0) }

// isUnusualNumber: a number that is written as no system expects it.
func (b *builder) isUnusualNumber() bool { return b.is(callRecorded, 1) }

// hasNoSubject: the e-mail's subject is there, and empty.
func (b *builder) hasNoSubject() bool { return b.is(emailThread, 0) }

// isVeryLong: the first e-mail goes on for many pages.
func (b *builder) isVeryLong() bool { return b.is(emailThread, 1) }

// oddTurns returns what the customer writes into a few of the chats: texts that read like placeholders
// (design, section 4: what was anonymized is never known from the text), pictograms, and writing from
// right to left.
func (b *builder) oddTurns() []turn {
	if b.slot.kind != chat {
		return nil
	}
	switch b.slot.nth {
	case 0:
		return []turn{{customerParty, "[anonymized]"},
			{agentParty, b.fill("Sorry, {first}, what do you mean by that?")},
			{customerParty, "that is what your form wrote where my name should be, I copied it"}}
	case 1:
		return []turn{{customerParty, "you can ring me on [anonphonenumber], haha"},
			{agentParty, "I'd need the real one, please."},
			{customerParty, b.facts["phone"]}}
	case 2:
		return []turn{{customerParty, "😡🔌💡❓ 👩‍👩‍👧 sitting in the dark 🕯️"},
			{customerParty, "مرحبا، لا توجد كهرباء في شارعنا منذ الصباح 😔"},
			{customerParty, b.fill("שלום, המספר שלי הוא {phone}")}}
	default:
		return nil
	}
}

func (b *builder) is(k kind, nth int) bool { return b.slot == slot{k, nth} }

// language returns the language of the conversation: a few are not in English, and come with a translation.
func (b *builder) language() string {
	foreign := []string{"de", "es", "fr", "cs"}
	switch {
	case b.slot.kind == callUnrecorded && b.slot.nth%5 == 3:
		return foreign[b.slot.nth/5%len(foreign)]
	case b.slot.kind == chat && b.slot.nth%10 == 5:
		return foreign[b.slot.nth/10%len(foreign)]
	default:
		return "en"
	}
}

// fixedMatter returns what the conversation is about where its words are written out, and leave no
// choice: the category, and which of its problems.
func (b *builder) fixedMatter() (category string, scenario int, fixed bool) {
	if b.isInternal() {
		return "payment", 0, true
	}
	switch b.language() {
	case "de":
		return "moving house", 0, true
	case "es":
		return "billing", 1, true
	case "fr":
		return "meter reading", 0, true
	case "cs":
		return "outage", 0, true
	default:
		return "", 0, false
	}
}

// address returns an IP address out of the blocks that are reserved for documentation.
func (b *builder) address() string {
	if b.chance(4) {
		return fmt.Sprintf("2001:db8:%x::%x", 1+b.rng.IntN(0xfff), 1+b.rng.IntN(0xffff))
	}
	blocks := []string{"192.0.2", "198.51.100", "203.0.113"}
	return fmt.Sprintf("%s.%d", blocks[b.rng.IntN(len(blocks))], 1+b.rng.IntN(254))
}

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
