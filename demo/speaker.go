package demo

import (
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// facts are what a conversation is about, by the name that phrases use for it: {phone}, {amount}.
type facts map[string]string

// speaker makes text of phrases, for one conversation.
type speaker struct {
	rng   *rand.Rand
	facts facts
}

// say picks one of the lines and fills it in. There must be at least one line.
func (s speaker) say(lines []string) string {
	return s.fill(lines[s.rng.IntN(len(lines))])
}

// take picks up to n different lines, unfilled, in an order of their own.
func (s speaker) take(lines []string, n int) []string {
	order := s.rng.Perm(len(lines))
	taken := make([]string, 0, n)
	for _, i := range order[:min(n, len(order))] {
		taken = append(taken, lines[i])
	}
	return taken
}

// pair fills in both sides of a "question => answer" line.
func (s speaker) pair(line string) (question, answer string) {
	question, answer, _ = strings.Cut(line, " => ")
	return s.fill(question), s.fill(answer)
}

// fill chooses among <this|that> and replaces {facts}.
func (s speaker) fill(line string) string {
	return s.replace(s.choose(line))
}

func (s speaker) choose(line string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(line, "<")
		out.WriteString(before)
		if !found {
			return strings.TrimSpace(out.String())
		}
		choices, after, _ := strings.Cut(rest, ">")
		options := strings.Split(choices, "|")
		out.WriteString(options[s.rng.IntN(len(options))])
		line = after
	}
}

// replace leaves an unknown fact standing, where the tests find it.
func (s speaker) replace(line string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(line, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		if fact, known := s.facts[name]; known {
			out.WriteString(fact)
		} else {
			out.WriteString("{" + name + "}")
		}
		line = after
	}
}

// chance is true in one of n cases.
func (s speaker) chance(n int) bool { return s.rng.IntN(n) == 0 }

// capital returns text with its first letter in upper case.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
