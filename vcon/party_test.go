package vcon_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

func participant(t *testing.T, party string) conversation.IncomingParticipant {
	t.Helper()
	return parse(t, withParties(party)).Participants[0]
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for want, names := range map[compliance.ParticipantRole][]string{
		compliance.RoleCustomer:   {"customer", "contact", "caller", "client", "Customer", " CLIENT "},
		compliance.RoleAgent:      {"agent", "representative", "AGENT"},
		compliance.RoleSupervisor: {"supervisor", "manager"},
		compliance.RoleBot:        {"bot", "ivr", "virtual agent", "virtual_agent", "Virtual-Agent"},
		compliance.RoleOther:      {"thirdparty", "sme", ""},
	} {
		for _, name := range names {
			for _, party := range []string{`{"role": "` + name + `"}`, `{"meta": {"role": "` + name + `"}}`,
				`{"contact_center": {"role": "` + name + `"}}`} {
				if got := participant(t, party).Role; got != want {
					t.Errorf("%s is %s, want %s", party, got, want)
				}
			}
		}
	}
}

func TestNumbersAndAddresses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ party, phone, address string }{
		{`{"tel": "+420777123456"}`, "+420777123456", ""},
		{`{"tel": "tel:+420777123456;ext=12"}`, "+420777123456", ""},
		{`{"tel": "00 not a number 99999999999999999999"}`, "00 not a number 99999999999999999999", ""},
		{`{"tel": 420777123456}`, "420777123456", ""},
		{`{"tel": null, "mailto": ""}`, "", ""},
		{`{"tel": "sip:+420777123456@voice.example;transport=tcp"}`, "+420777123456", ""},
		{`{"sip": "SIPS:+420777123456@voice.example?x=y"}`, "+420777123456", ""},
		{`{"sip": "sip:ada@voice.example;transport=tcp"}`, "", "ada@voice.example"},
		{`{"tel": "+420777123456", "sip": "sip:420777123456@voice.example"}`, "+420777123456", ""},
		{`{"tel": "+420777123456", "sip": "sip:+420222@voice.example"}`, "+420777123456, +420222", ""},
		{`{"tel": "ada@voice.example"}`, "", "ada@voice.example"},
		{`{"tel": "2001:db8::1"}`, "", "2001:db8::1"},
		{`{"mailto": "MailTo:ada@example.org?subject=x"}`, "", "ada@example.org"},
		{`{"mailto": "who?what@a.example"}`, "", "who?what@a.example"},
		{`{"mailto": "mailto:who?what@a.example?subject=x@y"}`, "", "who?what@a.example"},
		{`{"sip": "sip:who?what@a.example;x=y"}`, "", "who?what@a.example"},
		{`{"mailto": "mailto:?to=ada@example.org"}`, "", ""},
		{`{"email": "ada@example.org", "mailto": "ADA@example.org"}`, "", "ADA@example.org"},
		{`{"handle": "@ada", "mailto": "ada@example.org", "ip": "10.0.0.1"}`, "",
			"ada@example.org, @ada, 10.0.0.1"},
		{`{"meta": {"handle": "@ada", "ip": "10.0.0.1"}}`, "", "@ada, 10.0.0.1"},
		{`{"chat": "ada", "im": ["x", "y"], "tel": "+1"}`, "+1", "ada, x, y"},
		{`{"mailto": "a@x.org;b@x.org"}`, "", "a@x.org;b@x.org"},
	} {
		p := participant(t, row.party)
		if p.PhoneNumber != row.phone || p.DigitalAddress != row.address {
			t.Errorf("%s: phone %q, address %q; want %q and %q", row.party, p.PhoneNumber, p.DigitalAddress, row.phone,
				row.address)
		}
	}
}

// A number or an address is no name; everything else is.
func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Ada Lovelace": "Ada Lovelace", "  Ada ": "Ada", "Bob @ Sales": "Bob @ Sales", "Agent 12": "Agent 12",
		"Ada": "Ada", "": "",
		"+420 777 123 456": "", "Ada (777123456)": "", "call 555-123-4567": "", "eve@example.net": "",
		"Ada <ada@example.org>": "",
		"Extension 4711":        "", "777.123.456": "", "@ada": "", "host 10.0.0.1": "",
	} {
		party := `{"name": "` + name + `", "tel": "+420777123456", "mailto": "ada@example.org", ` +
			`"handle": "@ada"}, {"tel": "4711", "ip": "10.0.0.1"}`
		if got := participant(t, party).Name; got != want {
			t.Errorf("%q is the name %q, want %q", name, got, want)
		}
	}
}

func TestStaff(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		party, user, email string
		groups             []string
	}{
		{`{"role": "agent", "meta": {"cxm_user_id": "891", "user_id": "x"}, "user_id": "y"}`, "891", "", nil},
		{`{"role": "supervisor", "meta": {"user_id": 891}}`, "891", "", nil},
		{`{"role": "agent", "userId": "u-1", "mailto": "mailto:bob@example.com"}`, "u-1", "bob@example.com", nil},
		{`{"role": "agent", "user_id": "bob@example.com"}`, "", "bob@example.com", nil},
		{`{"role": "agent", "user_id": "bob@example.com", "meta": {"user_id": "eve@example.com"}}`, "",
			"eve@example.com", nil},
		{`{"role": "agent", "user_id": "+420777123456"}`, "", "", nil},
		{`{"role": "agent", "user_id": "777123456", "tel": "+420777123456"}`, "", "", nil},
		{`{"role": "agent", "user_id": "10004567"}`, "10004567", "", nil},
		{`{"role": "agent", "user_id": "11111111-1111-4111-8111-111111111111"}`,
			"11111111-1111-4111-8111-111111111111", "", nil},
		{`{"role": "agent", "id": "+18490743143_bob@example.com_1100"}`, "", "", nil},
		{`{"role": "agent", "id": "agent-17"}`, "agent-17", "", nil},
		{`{"role": "agent", "id": "bob@example.com"}`, "", "bob@example.com", nil},
		{`{"role": "customer", "id": "c-1", "user_id": "c-2", "mailto": "ada@example.org", "group": "x"}`, "", "",
			nil},
		{`{"role": "agent", "meta": {"groups": ["support", "billing", "support"], "team": "north"}, ` +
			`"group": "eve@example.com"}`, "", "", []string{"billing", "north", "support"}},
	} {
		p := participant(t, row.party)
		if p.UserID != row.user || p.Email != row.email {
			t.Errorf("%s: user %q, e-mail %q; want %q and %q", row.party, p.UserID, p.Email, row.user, row.email)
		}
		if diff := cmp.Diff(row.groups, p.Groups); diff != "" {
			t.Errorf("%s:\n%s", row.party, diff)
		}
	}
}
