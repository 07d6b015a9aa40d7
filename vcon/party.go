package vcon

import (
	"net/netip"
	"slices"
	"strings"

	"qm-compliance/compliance"
)

// party is a party of the vCon with what it was made of.
type party struct {
	object
	Participant
}

func (r *reader) readParties() error {
	list, err := r.root.objects("parties")
	if err != nil {
		return err
	}
	for _, o := range list {
		p, err := readParty(o)
		if err != nil {
			return err
		}
		r.parties = append(r.parties, p)
	}
	for i := range r.parties {
		r.parties[i].Name = r.cleanName(r.parties[i].Name)
		r.result.Participants = append(r.result.Participants, r.parties[i].Participant)
	}
	return nil
}

func readParty(o object) (party, error) {
	p := party{object: o}
	if err := p.readAddresses(); err != nil {
		return p, err
	}
	name, err := o.text("name")
	if err != nil {
		return p, err
	}
	role, err := o.text("role")
	if err != nil {
		return p, err
	}
	if role == "" {
		role, _ = o.object("meta").text("role")
	}
	p.Name, p.Role = strings.TrimSpace(name), roleOf(role)
	if p.Role == compliance.RoleAgent || p.Role == compliance.RoleSupervisor {
		p.readStaff()
	}
	return p, nil
}

// roleNames are the names that tools give to the roles.
func roleOf(name string) compliance.ParticipantRole {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "customer", "contact", "caller", "client":
		return compliance.RoleCustomer
	case "agent", "representative":
		return compliance.RoleAgent
	case "supervisor", "manager":
		return compliance.RoleSupervisor
	case "bot", "ivr", "virtual agent", "virtual_agent", "chatbot":
		return compliance.RoleBot
	}
	return compliance.RoleOther
}

// addressMembers are the members of a party, and of its meta, that hold a digital address.
func addressMembers() []string {
	return []string{"mailto", "email", "sip", "handle", "chat", "im", "ip"}
}

func (p *party) readAddresses() error {
	tel, err := p.text("tel")
	if err != nil {
		return err
	}
	p.PhoneNumber, p.DigitalAddress = splitTel(tel)
	var addresses []string
	add := func(address string) {
		if address = strings.TrimSpace(address); address != "" && !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	add(p.DigitalAddress)
	for _, o := range []object{p.object, p.object.object("meta")} {
		for _, member := range addressMembers() {
			value, err := o.text(member)
			if err != nil {
				return err
			}
			p.readAddress(member, value, add)
		}
	}
	p.DigitalAddress = strings.Join(addresses, ", ")
	return nil
}

func (p *party) readAddress(member, value string, add func(string)) {
	switch member {
	case "mailto", "email":
		add(strings.TrimPrefix(withoutParameters(value), "mailto:"))
	case "sip":
		phone, address := splitTel(value)
		if p.PhoneNumber == "" {
			p.PhoneNumber = phone
		}
		add(address)
	default:
		add(value)
	}
}

func withoutParameters(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return strings.TrimSpace(address)
}

// splitTel takes a number out of a tel or sip address. A sip address whose user part is no number is a digital address.
func splitTel(value string) (phone, address string) {
	value = strings.TrimSpace(value)
	scheme, rest, found := strings.Cut(value, ":")
	if _, err := netip.ParseAddr(value); err == nil || !found || !slices.Contains([]string{"tel", "sip", "sips"}, strings.ToLower(scheme)) {
		if strings.Contains(value, "@") {
			return "", value
		}
		return value, ""
	}
	rest, _, _ = strings.Cut(rest, ";")
	if strings.EqualFold(scheme, "tel") {
		return rest, ""
	}
	user, _, _ := strings.Cut(rest, "@")
	if digits(user) != "" && strings.Trim(user, "+0123456789-.() ") == "" {
		return user, ""
	}
	return "", rest
}

// readStaff reads what tells a member of staff: the user id, else the e-mail address, and the groups. An id that is made of an address or a number is
// none.
func (p *party) readStaff() {
	meta := p.object.object("meta")
	for _, o := range []object{meta, p.object} {
		for _, member := range []string{"user_id", "userId", "cxm_user_id"} {
			id, _ := o.text(member)
			switch {
			case strings.Contains(id, "@"):
				p.Email = id
			case id != "" && p.UserID == "" && len(digits(id)) < 7:
				p.UserID = id
			}
		}
		for _, member := range []string{"group", "groups", "team"} {
			p.Groups = append(p.Groups, texts(o.members[member])...)
		}
	}
	for _, member := range []string{"mailto", "email"} {
		if address, _ := p.text(member); p.Email == "" {
			p.Email = strings.TrimPrefix(withoutParameters(address), "mailto:")
		}
	}
	slices.Sort(p.Groups)
	p.Groups = slices.DeleteFunc(slices.Compact(p.Groups), looksPersonal)
}

func texts(value any) []string {
	switch v := value.(type) {
	case string:
		if v != "" {
			return []string{v}
		}
	case []any:
		var list []string
		for _, element := range v {
			list = append(list, texts(element)...)
		}
		return list
	}
	return nil
}

// cleanName drops a name that is a number or an address, or that has one of a party's in it: names stay when those go.
func (r *reader) cleanName(name string) string {
	if looksPersonal(name) {
		return ""
	}
	for _, p := range r.parties {
		number := digits(p.PhoneNumber)
		if (len(number) >= 5 && strings.Contains(digits(name), number)) || containsAddress(name, p.DigitalAddress) {
			return ""
		}
	}
	return name
}

func containsAddress(text, addresses string) bool {
	for address := range strings.SplitSeq(addresses, ", ") {
		if address != "" && strings.Contains(strings.ToLower(text), strings.ToLower(address)) {
			return true
		}
	}
	return false
}
