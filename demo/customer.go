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

// customerOf returns the customer of conversation i. Now and then it is the customer of eleven conversations before: two
// conversations with the same customer number, which a correlation key can merge.
func customerOf(i int) int {
	if i%37 == 36 {
		return i - 11
	}
	return i
}

// isPaired tells whether conversation i shares its customer with another one.
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
