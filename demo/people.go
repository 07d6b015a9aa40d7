package demo

import (
	"fmt"
	"slices"
	"strings"
)

// customer is somebody who gets in touch.
type customer struct {
	first, last, company   string
	phone, work            phone
	email, number          string
	street, town, postcode string
}

func (c customer) name() string { return c.first + " " + c.last }

// customers returns the directory of customers; conversation i belongs to customerOf(i).
func customers(w words) []customer {
	all := make([]customer, Count)
	for k := range all {
		c := &all[k]
		c.first, c.last = w.first[k%len(w.first)], w.last[(k*7+k/len(w.first))%len(w.last)]
		if k%6 == 0 {
			c.company = w.company[k/6%len(w.company)]
		}
		c.phone, c.work = customerPhone(k), workPhone(k)
		c.email = mailbox(k, c.first, c.last)
		c.number = fmt.Sprintf("HE-%d", 200_003+k*2_711%700_000)
		c.street = fmt.Sprintf("%d %s", 1+k*13%87, w.street[k*3%len(w.street)])
		c.town, c.postcode = w.town[k*5%len(w.town)], postcode(k)
	}
	return all
}

// customerOf returns the customer of conversation i. Now and then it is the customer of eleven
// conversations before: two conversations with the same customer number, which a correlation key can
// merge.
func customerOf(i int) int {
	if i%37 == 36 {
		return i - 11
	}
	return i
}

// isPaired reports whether conversation i shares its customer with another one.
func isPaired(i int) bool { return i%37 == 36 || i%37 == 25 }

// mailbox returns an address in one of the domains that RFC 2606 reserves.
func mailbox(k int, first, last string) string {
	first, last = plain(first), plain(last)
	switch k % 4 {
	case 0:
		return first + "." + last + "@example.com"
	case 1:
		return first[:1] + last + "@example.org"
	case 2:
		return fmt.Sprintf("%s_%s%02d@example.net", first, last, 50+k*7%49)
	default:
		return last + "." + first + "@example.com"
	}
}

// plain writes a name in the letters of an e-mail address. The tests find a letter that is missing here.
func plain(name string) string {
	const accented, base = "áăåčëěéíłñøöşštțüž", "aaaceeeilnoossttuz"
	letters := []rune(accented)
	return strings.Map(func(r rune) rune {
		if i := slices.Index(letters, r); i >= 0 {
			return rune(base[i])
		}
		return r
	}, strings.ToLower(name))
}

// postcode returns one of an area, ZZ, that no post office serves.
func postcode(k int) string {
	return fmt.Sprintf("ZZ%d %d%c%c", 1+k*7%19, 1+k%9, 'A'+rune(k*11%20), 'B'+rune(k*5%18))
}

// speltMail says an e-mail address aloud.
func speltMail(address string) string {
	for _, sign := range [][2]string{{"@", "at"}, {".", "dot"}, {"_", "underscore"}, {"-", "hyphen"}} {
		address = strings.ReplaceAll(address, sign[0], " "+sign[1]+" ")
	}
	return address
}

// agent is somebody who works in the contact centre.
type agent struct {
	name, user, group, role string
}

func (a agent) first() string { return strings.Fields(a.name)[0] }

func (a agent) email() string {
	return plain(strings.ReplaceAll(a.name, " ", ".")) + "@contact.example"
}

// party returns the agent as a vCon's party, which carries what a signed-in user is matched by.
func (a agent) party() party {
	return party{Name: a.name, Mailto: a.email(), Role: a.role, Org: "Halden Energy",
		Meta: &partyMeta{UserID: a.user, Group: a.group}}
}

// agents returns the twelve agents in their three groups. Tomas Lind is the agent that one can sign in
// as in the demo (design, section 6); he is the first.
func agents() []agent {
	return []agent{
		{"Tomas Lind", "tlind", "support", "agent"},
		{"Aoife Brannock", "abrannock", "support", "agent"},
		{"Samir Dehghani", "sdehghani", "support", "agent"},
		{"Wren Oakley", "woakley", "support", "agent"},
		{"Elsie Varnam", "evarnam", "billing", "agent"},
		{"Milan Horák", "mhorak", "billing", "agent"},
		{"Chidi Abara", "cabara", "billing", "agent"},
		{"Josefina Prat", "jprat", "billing", "agent"},
		{"Gareth Lowmoor", "glowmoor", "retention", "agent"},
		{"Linnéa Falk", "lfalk", "retention", "agent"},
		{"Hana Mizuno", "hmizuno", "retention", "agent"},
		{"Joe Tattersby", "jtattersby", "retention", "agent"},
	}
}

// supervisor returns Priya Raman, the supervisor that one can sign in as in the demo (design, section 6).
func supervisor() agent {
	return agent{"Priya Raman", "praman", "support", "supervisor"}
}

// isTomas reports whether conversation i is one of Tomas Lind's: every tenth.
func isTomas(i int) bool { return i%10 == 3 }

// colleagues returns the agents of a group, Tomas Lind left out, whose conversations are counted.
func colleagues(group string) []agent {
	var found []agent
	for _, a := range agents()[1:] {
		if a.group == group {
			found = append(found, a)
		}
	}
	return found
}

// phone is a telephone number out of a range that is set aside for fiction.
type phone struct {
	// tel is the number as a vCon's party has it; shown the way people write it; spoken digit by digit,
	// in words.
	tel, shown, spoken string
}

// customerPhone returns the number of customer k, a different one for each k from 0 to 499.
func customerPhone(k int) phone {
	n := (k*37 + 11) % 1000
	switch k % 5 {
	case 0, 1:
		return newPhone("+44", fmt.Sprintf("07700 900%03d", n))
	case 2:
		return newPhone("+44", fmt.Sprintf("020 7946 0%03d", n))
	case 3:
		return newPhone("+44", fmt.Sprintf("0113 496 0%03d", n))
	default:
		return newPhone("+1", fmt.Sprintf("202-555-01%02d", k/5%100))
	}
}

// workPhone returns the second number of customer k, a different one for each k from 0 to 999.
func workPhone(k int) phone {
	return newPhone("+44", fmt.Sprintf("01632 960%03d", (k*53+7)%1000))
}

func newPhone(country, shown string) phone {
	groups := strings.FieldsFunc(shown, func(r rune) bool { return r == ' ' || r == '-' })
	digits := strings.Join(groups, "")
	for i, group := range groups {
		groups[i] = spell(group)
	}
	return phone{country + strings.TrimPrefix(digits, "0"), shown, strings.Join(groups, ", ")}
}

// ending returns the last four digits.
func (p phone) ending() string { return p.tel[len(p.tel)-4:] }

// spell says digits one by one, and leaves out everything else.
func spell(digits string) string {
	names := []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
	var words []string
	for _, r := range digits {
		if r >= '0' && r <= '9' {
			words = append(words, names[r-'0'])
		}
	}
	return strings.Join(words, " ")
}
