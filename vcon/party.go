package vcon

import (
	"strings"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// party is a party of the vCon with what it was made of.
type party struct {
	object
	conversation.IncomingParticipant
}

// maxParties bounds the parties of a vCon, since each one's name is compared with the numbers and addresses
// of all.
const maxParties = 2000

// readParties reads who took part. Names, ids and groups are cleaned last, when the numbers and addresses of
// all are known.
func (r *reader) readParties() error {
	list, err := r.root.objects("parties")
	if err != nil {
		return err
	}
	if len(list) > maxParties {
		return wrong("parties", "has %d parties; at most %d are taken", len(list), maxParties)
	}
	for _, o := range list {
		p, err := readParty(o)
		if err != nil {
			return err
		}
		r.identifiers.know(&p.IncomingParticipant)
		r.parties = append(r.parties, p)
	}
	for i := range r.parties {
		p := &r.parties[i]
		if looksPersonal(p.Name) || r.identifiers.in(p.Name) {
			p.Name = ""
		}
		if p.isStaff() {
			p.readStaff(&r.identifiers)
		}
		r.result.Participants = append(r.result.Participants, p.IncomingParticipant)
	}
	return nil
}

func readParty(o object) (party, error) {
	p := party{object: o}
	p.readAddresses()
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
	case "bot", "ivr", "virtual agent", "chatbot", "voicebot":
		return compliance.RoleBot
	}
	return compliance.RoleOther
}

func (p *party) isStaff() bool {
	return p.Role == compliance.RoleAgent || p.Role == compliance.RoleSupervisor
}
