package vcon

import (
	"net/netip"
	"slices"
	"strings"
)

// addressMembers are the members of a party, and of its meta, that hold a number or an address; what is found
// first comes first.
func addressMembers() []string {
	return []string{"mailto", "email", "tel", "sip", "handle", "chat", "im", "ip"}
}

// readAddresses finds the phone number and the digital addresses of a party. Several of a kind are joined by
// ", ", so that none is lost and all go when they are anonymized. Whatever stands in them is taken as it is:
// numbers and addresses need not be valid.
func readAddresses(o object) (phoneNumber, digitalAddress string) {
	var numbers, addresses []string
	add := func(list []string, value string, same func(string) string) []string {
		value = strings.TrimSpace(value)
		if value == "" || slices.ContainsFunc(list, func(other string) bool { return same(other) == same(value) }) {
			return list
		}
		return append(list, value)
	}
	for _, found := range contactsOf(o) {
		number, address := splitContact(found.member, found.value)
		numbers, addresses = add(numbers, number, digitsOrSame), add(addresses, address, strings.ToLower)
	}
	return strings.Join(numbers, ", "), strings.Join(addresses, ", ")
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

// splitContact tells a number from an address. The user part of a sip address is a number where it looks like
// one.
func splitContact(member, value string) (number, address string) {
	value = strings.TrimSpace(value)
	scheme, rest, found := strings.Cut(value, ":")
	switch scheme = strings.ToLower(scheme); {
	case isIP(value):
		return "", value
	case found && scheme == "mailto":
		return "", mailbox(rest)
	case found && scheme == "tel":
		return withoutParameters(rest), ""
	case found && (scheme == "sip" || scheme == "sips"):
		return splitSIP(rest)
	case member == "sip":
		return splitSIP(value)
	case member == "mailto" || member == "email":
		return "", mailbox(value)
	case member == "tel" && !strings.Contains(value, "@"):
		return withoutParameters(value), ""
	}
	return "", value
}

func splitSIP(value string) (number, address string) {
	value = withoutParameters(value)
	user, _, _ := strings.Cut(value, "@")
	if digits(user) != "" && strings.Trim(user, "+0123456789-.() ") == "" && !isIP(user) {
		return user, ""
	}
	return "", value
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
