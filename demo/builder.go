package demo

import (
	"qm-compliance/demo/recording"
	"time"
)

// The makers that are named in analyses; neither exists.
const (
	transcriber = "Example Speech"
	summariser  = "Example Notes"
)

// builder writes one conversation. Its time goes forward with everything that is said.
type builder struct {
	speaker
	lib      library
	clips    *recording.Clips
	index    int
	slot     slot
	topic    topic
	scenario int // which of the topic's problems it is; solution and summary go with it
	customer customer
	agent    agent
	now      time.Time
	doc      document
}

// The indexes of the parties that take part in most conversations.
const (
	customerParty = 0
	agentParty    = 1
)

// turn is something that a party says or writes.
type turn struct {
	party int
	text  string
}

// build writes the conversation of the slot's kind, and what is known about it besides.
func (b *builder) build() {
	begin := b.now
	b.doc.Parties = []party{b.customerParty(), b.agent.party()}
	switch b.slot.kind {
	case callRecorded, callScreen, callUnrecorded:
		b.phoneCall()
	case emailThread:
		b.emails(1 + b.slot.nth%4)
	case chat:
		b.chatRoom()
	case callThenEmail:
		b.phoneCall()
		b.followUp()
	case chatThenCall:
		b.chatRoom()
		b.wait(5*time.Minute, 20*time.Minute)
		b.phoneCall()
	}
	b.doc.CreatedAt = stamp(b.now)
	b.metadata(begin)
}

// matter says one of the things that belong to the problem at hand: the problem itself, what is done
// about it (resolve), the summary.
func (b *builder) matter(what string) string {
	return b.fill(b.topic.sections[what][b.scenario])
}

// wait lets between least and most go by, in whole seconds.
func (b *builder) wait(least, most time.Duration) {
	spread := int64((most - least) / time.Second)
	b.now = b.now.Add(least + time.Duration(b.rng.Int64N(spread))*time.Second)
}

// customerParty returns the customer as the contact centre's systems know him: by number, by address, or
// by both, depending on the way he came.
func (b *builder) customerParty() party {
	p := party{Name: b.customer.name(), Role: "customer", Org: b.customer.company}
	switch b.slot.kind {
	case emailThread:
		p.Mailto = b.customer.email
	case chat, chatThenCall:
		b.chatAddress(&p)
	default:
		b.callAddress(&p)
	}
	if b.slot.kind == callThenEmail {
		p.Mailto = b.customer.email
	}
	if b.slot.kind == chatThenCall {
		p.Tel = b.customer.phone.tel
	}
	return p
}

// callAddress gives the number in the forms that telephone systems deliver, and sometimes in place of
// the name.
func (b *builder) callAddress(p *party) {
	switch b.slot.nth % 15 {
	case 4:
		p.SIP = "sip:" + b.customer.phone.tel + "@voice.example.net"
		return
	case 7:
		p.Name = b.customer.phone.tel
	case 9:
		p.Tel = "tel:" + b.customer.phone.tel
		return
	}
	p.Tel = b.customer.phone.tel
	if b.isUnusualNumber() {
		p.Tel = "00" + p.Tel[1:3] + " (0)" + p.Tel[3:] + " ext. 12"
	}
	if b.slot.nth%2 == 0 {
		p.Mailto = b.customer.email
	}
}

// chatAddress gives a chat handle, an IP address, or the e-mail address that was asked for before the chat.
func (b *builder) chatAddress(p *party) {
	switch b.slot.nth % 3 {
	case 0:
		p.Meta = &partyMeta{Handle: "@" + plain(b.customer.first) + "." + b.customer.phone.ending()}
	case 1:
		p.Mailto = b.customer.email
	default:
		p.Meta = &partyMeta{IP: b.address()}
	}
	if b.slot.nth%7 == 0 {
		p.Tel = b.customer.phone.tel
	}
}

// analyse adds an analysis of one dialog or of several.
func (b *builder) analyse(what, vendor string, of []int, body any) {
	a := analysis{Type: what, Dialog: of, Vendor: vendor, Encoding: "none", Body: body}
	if len(of) == 1 {
		a.Dialog = of[0]
	}
	if _, isText := body.(string); !isText {
		a.Encoding = "json"
	}
	b.doc.Analysis = append(b.doc.Analysis, a)
}

// add appends a dialog and returns its index.
func (b *builder) add(d dialog) int {
	b.doc.Dialog = append(b.doc.Dialog, d)
	return len(b.doc.Dialog) - 1
}
