package vcon

import (
	"encoding/json"
	"slices"
	"strings"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// party is a party of the vCon and the participant that was made of it.
type party struct {
	object
	conversation.IncomingParticipant
}

// parties are all parties of a vCon, with the numbers and addresses of them all.
type parties struct {
	list  []party
	known *identifiers
}

// maxParties bounds the parties of a vCon, since each one's name is compared with the numbers and addresses
// of all.
const maxParties = 2000

// readParties reads who took part. It cleans names, ids and groups last, when the numbers and addresses of
// all are known.
func readParties(root object) (*parties, error) {
	list, err := root.objects("parties")
	if err != nil {
		return nil, err
	}
	if len(list) > maxParties {
		return nil, wrong("parties", "has %d parties; at most %d are taken", len(list), maxParties)
	}
	all := &parties{known: &identifiers{}}
	for _, o := range list {
		p, err := readParty(o)
		if err != nil {
			return nil, err
		}
		all.known.know(&p.IncomingParticipant)
		all.list = append(all.list, p)
	}
	for i := range all.list {
		p := &all.list[i]
		if looksPersonal(p.Name) || all.known.inName(p.Name) {
			p.Name = ""
		}
		if p.isStaff() {
			p.readStaff(all.known)
		}
		if err := p.checkLengths(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// maxPrincipal bounds the user ids and the names of groups, by which conversations are found: an index of the
// database takes no longer ones.
const maxPrincipal = 1024

// checkLengths refuses a user id or the name of a group that is none.
func (p *party) checkLengths() error {
	if length := len(p.UserID); length > maxPrincipal {
		return wrong(p.object.path, "has a user id of %d bytes; at most %d are taken", length, maxPrincipal)
	}
	for _, group := range p.Groups {
		if length := len(group); length > maxPrincipal {
			return wrong(p.object.path, "has the name of a group of %d bytes; at most %d are taken", length, maxPrincipal)
		}
	}
	return nil
}

func readParty(o object) (party, error) {
	p := party{object: o}
	found := readAddresses(o)
	p.PhoneNumber, p.PhoneAddress, p.DigitalAddress = found.phoneNumber, found.phoneAddress, found.digitalAddress
	name, err := o.text("name")
	if err != nil {
		return p, err
	}
	role, err := o.text("role")
	if err != nil {
		return p, err
	}
	for _, member := range []string{"meta", "contact_center"} {
		if role == "" {
			role = o.object(member).scalar("role")
		}
	}
	p.Name, p.Role = strings.TrimSpace(name), roleOf(role)
	return p, nil
}

// roleOf understands the names that tools give to the roles (design, section 2), and those of the
// contact-centre extension.
func roleOf(name string) compliance.ParticipantRole {
	switch strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(strings.TrimSpace(name))) {
	case "customer", "contact", "caller", "client":
		return compliance.RoleCustomer
	case "agent", "representative":
		return compliance.RoleAgent
	case "supervisor", "manager":
		return compliance.RoleSupervisor
	case "bot", "ivr", "virtual agent", "chatbot", "voicebot", "ai", "ai agent", "ai assistant", "ai bot", "llm",
		"assistant", "virtual assistant", "voice agent", "voice bot", "chat bot":
		return compliance.RoleBot
	}
	return compliance.RoleOther
}

func (p *party) isStaff() bool {
	return p.Role == compliance.RoleAgent || p.Role == compliance.RoleSupervisor
}

// ofDialog reads the parties of a dialog, and the one who spoke or wrote.
func (p *parties) ofDialog(o object) (indices []int, author int, err error) {
	if indices, err = p.refs(o.at("parties"), o.members["parties"]); err != nil {
		return nil, conversation.NoAuthor, err
	}
	authors, err := p.refs(o.at("originator"), o.members["originator"])
	if err != nil {
		return nil, conversation.NoAuthor, err
	}
	if len(authors) == 0 && o.has("from") {
		return indices, p.sender(o, indices), nil
	}
	if authors = append(authors, indices...); len(authors) == 0 {
		return indices, conversation.NoAuthor, nil
	}
	return indices, authors[0], nil
}

// sender reads the older member from of a dialog: a party's number in the list, or its name, phone number or
// address. It is nobody where no party is meant, or where several may be: who takes part in the dialog comes
// before who does not.
func (p *parties) sender(o object, taking []int) int {
	from := o.members["from"]
	if refs, err := p.refs("", from); err == nil && len(refs) > 0 {
		return refs[0]
	}
	written := texts(from)
	if members, isObject := from.(map[string]any); isObject {
		for _, member := range append([]string{"name"}, addressMembers()...) {
			written = append(written, texts(members[member])...)
		}
	}
	for _, text := range written {
		for _, isMeant := range []func(*party, string) bool{(*party).isNamed, (*party).isAt, (*party).isCalled} {
			if i, found := p.only(taking, func(one *party) bool { return isMeant(one, text) }); found {
				return i
			}
		}
	}
	return conversation.NoAuthor
}

// only finds the one party that is meant, among those who take part in a dialog, else among all. It reports
// whether there was any; two are nobody.
func (p *parties) only(taking []int, isMeant func(*party) bool) (index int, found bool) {
	index = conversation.NoAuthor
	for _, isTaking := range []bool{true, false} {
		count := 0
		for i := range p.list {
			if slices.Contains(taking, i) == isTaking && isMeant(&p.list[i]) {
				index, count = i, count+1
			}
		}
		switch {
		case count == 1:
			return index, true
		case count > 1:
			return conversation.NoAuthor, true
		}
	}
	return conversation.NoAuthor, false
}

// isNamed reports whether a text is the name of the party, with or without its address behind (Ada <a@b.example>).
// The name may be one that is not kept.
func (p *party) isNamed(text string) bool {
	name, _, _ := strings.Cut(text, "<")
	given, _ := p.object.text("name")
	name, given = strings.Trim(name, " \t\""), strings.TrimSpace(given)
	return name != "" && strings.EqualFold(given, name)
}

// isAt reports whether a text is one of the numbers and addresses of the party as they are written, also where
// that is a word such as anonymous.
func (p *party) isAt(text string) bool {
	if _, inside, found := strings.Cut(text, "<"); found {
		text, _, _ = strings.Cut(inside, ">")
	}
	text = strings.TrimSpace(text)
	_, address := splitContact("tel", text)
	for _, one := range contactsOf(p.object) {
		if text != "" && strings.EqualFold(strings.TrimSpace(one.value), text) {
			return true
		}
	}
	return address != "" && p.hasAddress(address)
}

// isCalled reports whether a text is a phone number of the party: all digits of it, or those of a national
// number, which may have a zero in front.
func (p *party) isCalled(text string) bool {
	number, _ := splitContact("tel", text)
	wanted := digits(number)
	if wanted == "" {
		return false
	}
	local := strings.TrimLeft(wanted, "0")
	for own := range strings.SplitSeq(p.PhoneNumber, ", ") {
		own = digits(own)
		if own == wanted || own != "" && own == local || len(local) >= 7 && len(own) >= 7 &&
			(strings.HasSuffix(own, local) || strings.HasSuffix(local, strings.TrimLeft(own, "0"))) {
			return true
		}
	}
	return false
}

func (p *party) hasAddress(address string) bool {
	own := slices.Concat(splitAddresses(p.DigitalAddress), splitAddresses(p.PhoneAddress))
	return slices.ContainsFunc(own, func(own string) bool { return folded(own) == folded(address) })
}

// refs reads a reference to parties: a number, a list of them, or a list of lists, as recordings with
// channels have it.
func (p *parties) refs(path string, value any) ([]int, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case json.Number:
		index, err := reference(path, v, "party", "parties", len(p.list))
		if err != nil {
			return nil, err
		}
		return []int{index}, nil
	case []any:
		var all []int
		for i, member := range v {
			refs, err := p.refs(element(path, i), member)
			if err != nil {
				return nil, err
			}
			all = append(all, refs...)
		}
		return all, nil
	case map[string]any:
		return p.refs(path+".party", v["party"])
	}
	return nil, wrong(path, "is %s; the number of a party is needed", kindOf(value))
}

// userIDMembers and groupMembers are the names under which tools keep a member of staff's user id and groups,
// the most telling first.
func userIDMembers() []string { return []string{"cxm_user_id", "user_id", "userId"} }

func groupMembers() []string { return []string{"group", "groups", "team"} }

// readStaff reads what tells a member of staff apart: user id, groups, and the e-mail address that stands in
// for a missing id.
func (p *party) readStaff(known *identifiers) {
	meta := p.object.object("meta")
	for _, o := range []object{meta, p.object} {
		for _, member := range userIDMembers() {
			p.takeUserID(o.scalar(member), known)
		}
		for _, member := range groupMembers() {
			p.Groups = append(p.Groups, texts(o.members[member])...)
		}
	}
	p.takeUserID(p.object.scalar("id"), known)
	for _, address := range splitAddresses(p.DigitalAddress) {
		if p.Email == "" && isMailAddress(address) {
			p.Email = address
		}
	}
	slices.Sort(p.Groups)
	p.Groups = slices.DeleteFunc(slices.Compact(p.Groups), func(group string) bool {
		return looksPersonal(group) || known.in(group)
	})
}

// takeUserID takes the first id that is one. An e-mail address in its place is taken for one; what is made of
// numbers and addresses is dropped (design, section 4: such ids are never stored).
func (p *party) takeUserID(id string, known *identifiers) {
	switch id = strings.TrimSpace(id); {
	case id == "":
	case isMailAddress(id):
		if p.Email == "" {
			p.Email = id
		}
	case p.UserID == "" && !hasAddress(id) && !isNumber(id) && !known.in(id):
		p.UserID = id
	}
}

// isMailAddress reports whether a text is one e-mail address and nothing else: no id that has an address in
// it, such as number_address_branch.
func isMailAddress(text string) bool {
	user, host, found := strings.Cut(text, "@")
	return found && user != "" && strings.Contains(host, ".") && !strings.ContainsAny(text, " \t,;:<>/") &&
		!strings.ContainsAny(host, "@_") && !hasNumber(user)
}
