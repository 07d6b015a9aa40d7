package demo

import "strings"

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
	return party{Name: a.name, Mailto: a.email(), Role: a.role, Org: "Halden Energy", Meta: &partyMeta{UserID: a.user, Group: a.group}}
}

// agents returns the twelve agents in their three groups. Tomas Lind is the agent that one can sign in as in the demo (design,
// section 6); he is the first.
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

// isTomas tells whether conversation i is one of Tomas Lind's: every tenth.
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
