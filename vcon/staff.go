package vcon

import (
	"slices"
	"strings"
)

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
	for address := range strings.SplitSeq(p.DigitalAddress, ", ") {
		if p.Email == "" && isMailAddress(address) {
			p.Email = address
		}
	}
	slices.Sort(p.Groups)
	p.Groups = slices.DeleteFunc(slices.Compact(p.Groups), func(group string) bool { return looksPersonal(group) || known.in(group) })
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
	return found && user != "" && strings.Contains(host, ".") && !strings.ContainsAny(text, " \t,;:<>/") && !strings.ContainsAny(host, "@_") && !hasNumber(user)
}
