package vcon

import (
	"slices"
	"strings"

	"github.com/jhillyerd/enmime/v2"

	"qm-compliance/conversation"
)

// findAuthor finds who wrote a mail: the originator whom the vCon names, else who stands in its From. A mail
// from somebody who is no party has no author, unless the vCon names one in the older member from.
func (m *mail) findAuthor(all *parties) {
	if m.from == "" || m.dialog.has("originator") {
		return
	}
	author := all.writer(m.from, m.dialog.parties)
	if author != conversation.NoAuthor || !m.dialog.has("from") {
		m.dialog.author = author
	}
}

// writer finds the party of a From by its address, else by its name. Of several, those with the name and
// those of the dialog come first; where more than one is left, it is nobody.
func (p *parties) writer(from string, ofDialog []int) int {
	names, addresses := mailboxes(from)
	hasName := func(i int) bool {
		return slices.ContainsFunc(names, func(name string) bool { return sameName(p.list[i].Name, name) })
	}
	hasAddress := func(i int) bool { return slices.ContainsFunc(addresses, p.list[i].hasAddress) }
	var found []int
	for _, is := range []func(int) bool{hasAddress, hasName} {
		for i := range p.list {
			if is(i) && !slices.Contains(found, i) {
				found = append(found, i)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	isHere := func(i int) bool { return slices.Contains(ofDialog, i) }
	for _, is := range []func(int) bool{hasName, isHere} {
		if closer := keep(found, is); len(closer) > 0 {
			found = closer
		}
	}
	isOther := func(i int) bool { return !sameName(p.list[i].Name, p.list[found[0]].Name) || !hasAddress(i) }
	if len(found) == 0 || (len(found) > 1 && slices.ContainsFunc(found, isOther)) {
		return conversation.NoAuthor
	}
	return found[0]
}

func keep(all []int, is func(int) bool) []int {
	return slices.DeleteFunc(slices.Clone(all), func(i int) bool { return !is(i) })
}

// mailboxes are the names and the addresses in a From. What is no list of addresses is searched for some.
func mailboxes(from string) (names, addresses []string) {
	from = from[:min(len(from), maxFieldLength)]
	list, err := enmime.ParseAddressList(from)
	for _, one := range list {
		names, addresses = append(names, one.Name), append(addresses, one.Address)
	}
	if err == nil {
		return names, addresses
	}
	name, _, _ := strings.Cut(fields{"from": from}.decoded("from"), "<")
	names = append(names, strings.Trim(name, " \t\"'"))
	isBetween := func(r rune) bool { return strings.ContainsRune(" \t<>,;\"'()[]", r) }
	for _, word := range strings.FieldsFunc(from, isBetween) {
		if strings.Contains(word, "@") {
			addresses = append(addresses, strings.TrimPrefix(word, "mailto:"))
		}
	}
	return names, addresses
}

// sameName compares names without case, order and commas: "Novak, Ada" is Ada Novak.
func sameName(a, b string) bool {
	isBetween := func(r rune) bool { return strings.ContainsRune(" ,\t\"'", r) }
	words := func(name string) []string {
		all := strings.FieldsFunc(strings.ToLower(name), isBetween)
		slices.Sort(all)
		return all
	}
	return len(words(a)) > 0 && slices.Equal(words(a), words(b))
}
