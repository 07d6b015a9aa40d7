package vcon

import (
	"slices"
	"strings"

	"qm-compliance/conversation"
)

// The members of a party, and of its meta, that an export writes addresses to. Mailto holds one e-mail address
// and nothing else; a second one, further handles and IP addresses are lists in the meta, as further phone
// numbers are.
const (
	inMailto     = "mailto"
	inHandle     = "handle"
	inMetaEmail  = "meta.email"
	inMetaHandle = "meta.handle"
	inMetaIP     = "meta.ip"
)

// partyOf writes a participant, and where its addresses stand, so that they are read back as they were.
func partyOf(p conversation.IncomingParticipant) (writtenParty, layoutParty) {
	w := &partyWriter{party: writtenParty{Name: p.Name, Role: strings.ToLower(string(p.Role))}}
	numbers := strings.Split(p.PhoneNumber, ", ")
	w.party.Tel, w.meta.Tel = numbers[0], numbers[1:]
	places := layoutParty{Role: p.Role, Addresses: w.addresses(p.DigitalAddress)}
	places.PhoneAddresses = w.addresses(p.PhoneAddress)
	w.meta.UserID, w.meta.Groups = p.UserID, p.Groups
	lists := slices.Concat(w.meta.Groups, w.meta.Tel, w.meta.Email, w.meta.Handle, w.meta.IP)
	if w.meta.UserID != "" || len(lists) > 0 {
		w.party.Meta = &w.meta
	}
	return w.party, places
}

type partyWriter struct {
	party writtenParty
	meta  writtenMeta
}

// addresses writes joined addresses, each to the member for its kind, and returns the members.
func (w *partyWriter) addresses(joined string) (members []string) {
	if joined == "" {
		return nil
	}
	for _, address := range splitAddresses(joined) {
		members = append(members, w.address(address))
	}
	return members
}

func (w *partyWriter) address(address string) (member string) {
	switch isMail := isMailbox(address); {
	case isMail && w.party.Mailto == "":
		w.party.Mailto = address
		return inMailto
	case isMail:
		w.meta.Email = append(w.meta.Email, address)
		return inMetaEmail
	case isIPWithPort(address):
		w.meta.IP = append(w.meta.IP, address)
		return inMetaIP
	case address != "" && w.party.Handle == "":
		w.party.Handle = address
		return inHandle
	}
	w.meta.Handle = append(w.meta.Handle, address)
	return inMetaHandle
}

// isMailbox reports whether an address is one e-mail address: a user, whatever stands in it or in quotes, and a
// host's name with a dot or in brackets. The address of a chat or a call that looks like one is taken for one.
func isMailbox(address string) bool {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 {
		return false
	}
	user, host := address[:at], address[at+1:]
	isQuoted := len(user) > 1 && user[0] == '"' && user[len(user)-1] == '"'
	if !isQuoted && strings.ContainsAny(user, " \t\r\n@,;:<>()[]/\\\"?") {
		return false
	}
	isLiteral := host[0] == '[' && host[len(host)-1] == ']'
	if isLiteral {
		host = host[1 : len(host)-1]
	}
	isName := strings.Contains(host, ".") && !strings.Contains(host, ":")
	return !strings.ContainsAny(host, " \t\r\n,;<>()[]/\\\"?") && (isLiteral || isName)
}

// phoneNumbers are those that partyOf has written.
func phoneNumbers(party object) (string, error) {
	first, err := party.text("tel")
	numbers := []string{first}
	others, _ := party.object("meta").members["tel"].([]any)
	for _, other := range others {
		number, _ := other.(string)
		numbers = append(numbers, number)
	}
	return strings.Join(numbers, ", "), err
}

// addressReader reads addresses back from the members that an export has written them to.
type addressReader struct {
	party object
	next  map[string]int // of the lists
}

// read joins the addresses again that stand in these members, in their order.
func (r *addressReader) read(path string, members []string) (string, error) {
	found := make([]string, 0, len(members))
	for _, member := range members {
		address, err := r.addressAt(path, member)
		if err != nil {
			return "", err
		}
		found = append(found, address)
	}
	return strings.Join(found, ", "), nil
}

func (r *addressReader) addressAt(path, member string) (string, error) {
	switch member {
	case inMailto, inHandle:
		return r.party.text(member)
	case inMetaEmail, inMetaHandle, inMetaIP:
		list, _ := r.party.object("meta").members[strings.TrimPrefix(member, "meta.")].([]any)
		place := r.next[member]
		if r.next[member]++; place < len(list) {
			if address, isText := list[place].(string); isText {
				return address, nil
			}
		}
	}
	return "", wrong(path, "refers to an address that does not exist")
}
