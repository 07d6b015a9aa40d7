package vcon

import (
	"net/netip"
	"slices"
	"strings"

	"qm-compliance/conversation"
)

// addressMembers are the members of a party, and of its meta, that hold a number or an address; what is found
// first comes first.
func addressMembers() []string {
	return []string{"mailto", "email", "tel", "sip", "handle", "chat", "im", "ip"}
}

// addresses are the phone numbers and the digital addresses of a party. Several of a kind are joined by ", ",
// so that none is lost and all go when they are anonymized.
type addresses struct {
	// phoneNumber holds plain numbers, phoneAddress digital addresses with a phone number in them (design,
	// section 3), digitalAddress the others.
	phoneNumber, phoneAddress, digitalAddress string
}

// readAddresses finds the phone numbers and the digital addresses of a party. Whatever stands in them is taken
// as it is: numbers and addresses need not be valid. A caller id that says that there is none is none.
func readAddresses(o object) addresses {
	var numbers, withNumber, digital []string
	add := func(list []string, value string, same func(string) string) []string {
		value = strings.TrimSpace(value)
		if value == "" || slices.ContainsFunc(list, func(other string) bool { return same(other) == same(value) }) {
			return list
		}
		return append(list, value)
	}
	for _, found := range contactsOf(o) {
		number, address := splitContact(found.member, found.value)
		numbers = add(numbers, number, digitsOrSame)
		if len(numbersIn(address)) > 0 {
			withNumber = add(withNumber, conversation.FoldDigits(address), strings.ToLower)
		} else {
			digital = add(digital, address, strings.ToLower)
		}
	}
	return addresses{
		strings.Join(numbers, ", "), strings.Join(withNumber, ", "), strings.Join(digital, ", "),
	}
}

// digitsOrSame tells numbers apart by their digits; what has none by itself.
func digitsOrSame(number string) string {
	if found := digits(number); found != "" {
		return found
	}
	return number
}

type contact struct{ member, value string }

func contactsOf(party object) []contact {
	var all []contact
	for _, o := range []object{party, party.object("meta")} {
		for _, member := range addressMembers() {
			for _, value := range texts(o.members[member]) {
				all = append(all, contact{member, value})
			}
		}
	}
	return all
}

// splitContact tells a number from an address; neither where a caller id says that it is withheld. The user
// part of a telephone address is a number where it looks like one, with ASCII digits in whatever script they
// were.
func splitContact(member, value string) (number, address string) {
	value = strings.TrimSpace(value)
	inner := withoutDisplayName(value)
	scheme, rest, found := strings.Cut(inner, ":")
	switch scheme = strings.ToLower(strings.TrimSpace(scheme)); {
	case isIPWithPort(value):
		return "", value
	case found && scheme == "mailto":
		return "", mailbox(rest)
	case found && slices.Contains([]string{"tel", "callto", "sip", "sips", "h323"}, scheme):
		return splitTelephone(scheme == "tel" || scheme == "callto", rest)
	case member == "sip" || (member == "tel" && !strings.Contains(scheme, "//") && !isURI(inner)):
		return splitTelephone(member == "tel", inner)
	case member == "mailto" || member == "email":
		return "", mailbox(value)
	}
	return "", value
}

// withoutDisplayName is what stands in angle brackets after a name, or alone in them.
func withoutDisplayName(value string) string {
	_, inner, found := strings.Cut(value, "<")
	if inside, _, closed := strings.Cut(inner, ">"); found && closed {
		return strings.TrimSpace(inside)
	}
	return value
}

// isURI reports whether a text begins with the scheme of some URI.
func isURI(text string) bool {
	scheme, _, found := strings.Cut(text, ":")
	return found && scheme != "" && strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz+-.") == ""
}

// splitTelephone reads what follows tel:, sip: and the like: a user with parameters and a password of its own,
// and often a host. Without a host, what stands in the place of a number is one.
func splitTelephone(isNumber bool, value string) (number, address string) {
	value = strings.TrimPrefix(value, "//")
	user, host, hasHost := strings.Cut(value, "@")
	if hasHost = hasHost && !strings.HasPrefix(user, "?"); hasHost {
		user, _, _ = strings.Cut(user, ";")
	} else {
		user = withoutParameters(value)
	}
	plain, _, isEscaped := strings.Cut(plainForm(user), "@") // as %40
	plain, _, _ = strings.Cut(plain, ";")
	dialled, _, _ := strings.Cut(plain, ":")
	isDialled := digits(dialled) != "" && strings.Trim(dialled, "+0123456789-.() /*#\u00a0") == ""
	switch {
	case isWithheld(dialled):
		return "", ""
	case isDialled && !isIPWithPort(dialled) && !isIPWithPort(plain):
		return strings.TrimSpace(dialled), ""
	case !hasHost && isNumber && !isEscaped && !isIPWithPort(plain):
		return conversation.FoldDigits(user), ""
	case hasHost:
		return "", strings.TrimSpace(user) + "@" + withoutParameters(host)
	}
	return "", user
}

// withoutParameters leaves out what a URI has after its address.
func withoutParameters(address string) string {
	address, _, _ = strings.Cut(address, ";")
	return strings.TrimSpace(mailbox(address))
}

// mailbox leaves out the headers that a mailto address may have. A question mark in front of the "@" is part
// of the address.
func mailbox(address string) string {
	user, host, found := strings.Cut(address, "@")
	if !found || strings.HasPrefix(user, "?") {
		address, _, _ = strings.Cut(address, "?")
		return address
	}
	host, _, _ = strings.Cut(host, "?")
	return user + "@" + host
}

func isIP(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}

// splitAddresses takes joined addresses apart. A comma within the quotes of an address, such as
// "Doe, John"@example.org, does not part it.
func splitAddresses(joined string) []string {
	var all []string
	for _, part := range strings.Split(joined, ", ") {
		if last := len(all) - 1; last >= 0 && strings.Count(all[last], `"`)%2 == 1 {
			all[last] += ", " + part
		} else {
			all = append(all, part)
		}
	}
	return all
}
