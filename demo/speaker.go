package demo

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"time"
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

// take picks up to n different lines, unfilled, in random order.
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

// replace leaves an unknown fact unchanged, so that the tests find it.
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

// newFacts returns what the conversation of a customer and an agent, beginning at a time, is about.
func newFacts(rng *rand.Rand, w words, c customer, a agent, at time.Time) facts {
	f := facts{}
	f.addPeople(c, a)
	f.addMoney(rng)
	f.addContract(rng, w, c)
	f.addDates(rng, w, at)
	return f
}

func (f facts) addPeople(c customer, a agent) {
	f["name"], f["first"], f["last"] = c.name(), c.first, c.last
	f["agent"], f["agentfirst"], f["agentmail"] = a.name, a.first(), a.email()
	f["phone"], f["phonewords"], f["phoneend"] = c.phone.shown, c.phone.spoken, c.phone.ending()
	f["phone2"] = c.work.shown
	f["email"], f["emailspoken"] = c.email, speltMail(c.email)
	f["street"], f["town"], f["postcode"] = c.street, c.town, c.postcode
}

func (f facts) addMoney(rng *rand.Rand) {
	f["amount"] = fmt.Sprintf("£%d.%02d", 120+rng.IntN(780), rng.IntN(100))
	f["amount2"] = fmt.Sprintf("£%d.%02d", 9+rng.IntN(80), rng.IntN(100))
	ending := fmt.Sprint(1000 + rng.IntN(9000))
	f["ibanend"] = ending
	// 00 are check digits that no bank account has.
	f["iban"] = fmt.Sprintf("GB00 HALD %d %d 20%s %s", 1000+rng.IntN(9000), 1000+rng.IntN(9000), ending[:2],
		ending[2:])
}

func (f facts) addContract(rng *rand.Rand, w words, c customer) {
	f["account"], f["accountwords"] = c.number, "H E, "+spell(c.number)
	f["contract"] = fmt.Sprintf("C-%07d", 1_000_000+rng.IntN(9_000_000))
	f["case"] = fmt.Sprintf("CS-%06d", 100_000+rng.IntN(900_000))
	reading := fmt.Sprintf("%05d", 10_000+rng.IntN(90_000))
	f["reading"], f["readingwords"] = reading, spell(reading)
	f["kwh"], f["code"] = fmt.Sprint(1_100+rng.IntN(5_400)), fmt.Sprint(1000+rng.IntN(9000))
	order := rng.Perm(len(w.tariff))
	f["tariff"], f["tariff2"] = w.tariff[order[0]], w.tariff[order[1]]
	f["street2"] = fmt.Sprintf("%d %s", 1+rng.IntN(120), pick(rng, w.street))
	f["town2"], f["postcode2"] = pick(rng, w.town), postcode(rng.IntN(500))
}

// addDates sets days around the conversation: one before it, one after it, and the month before.
func (f facts) addDates(rng *rand.Rand, w words, at time.Time) {
	f["date"] = at.AddDate(0, 0, -2-rng.IntN(24)).Format("2 January")
	f["date2"] = at.AddDate(0, 0, 3+rng.IntN(20)).Format("2 January")
	f["month"] = at.AddDate(0, 0, -at.Day()).Month().String()
	born := time.Date(1938+rng.IntN(66), time.Month(1+rng.IntN(12)), 1+rng.IntN(28), 0, 0, 0, 0, time.UTC)
	f["birth"], f["birthdate"] = born.Format("2 January 2006"), born.Format(time.DateOnly)
	f["slot"] = pick(rng, w.slot)
	f["hello"] = []string{"Good morning", "Good morning", "Good afternoon", "Good evening"}[at.Hour()/6]
}

// pick picks one of several words.
func pick(rng *rand.Rand, words []string) string { return words[rng.IntN(len(words))] }

// written returns the facts as people write them: digits instead of words.
func (f facts) written() facts {
	w := maps.Clone(f)
	w["phonewords"], w["emailspoken"] = f["phone"], f["email"]
	w["readingwords"], w["accountwords"] = f["reading"], f["account"]
	return w
}

// compactIBAN returns the account number without its spaces, as systems store it.
func (f facts) compactIBAN() string { return strings.ReplaceAll(f["iban"], " ", "") }
