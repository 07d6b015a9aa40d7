package demo

import "time"

// document is a vCon, as far as the demo uses it. The members role and meta of a party and meta of a
// dialog are those of the contact-centre extension ("CC") and of common use; all others are those of the
// core draft.
type document struct {
	VCon        string       `json:"vcon"`
	UUID        string       `json:"uuid"`
	Extensions  []string     `json:"extensions"`
	CreatedAt   string       `json:"created_at"`
	Subject     *string      `json:"subject,omitempty"`
	Parties     []party      `json:"parties"`
	Dialog      []dialog     `json:"dialog"`
	Analysis    []analysis   `json:"analysis"`
	Attachments []attachment `json:"attachments"`
}

type party struct {
	Tel    string     `json:"tel,omitempty"`
	SIP    string     `json:"sip,omitempty"`
	Mailto string     `json:"mailto,omitempty"`
	Name   string     `json:"name,omitempty"`
	Role   string     `json:"role"`
	Org    string     `json:"org,omitempty"`
	Meta   *partyMeta `json:"meta,omitempty"`
}

type partyMeta struct {
	UserID string `json:"user_id,omitempty"`
	Group  string `json:"group,omitempty"`
	Handle string `json:"handle,omitempty"`
	IP     string `json:"ip,omitempty"`
}

type dialog struct {
	Type        string      `json:"type"`
	Start       string      `json:"start"`
	Duration    float64     `json:"duration,omitempty"`
	Parties     []int       `json:"parties"`
	Originator  *int        `json:"originator,omitempty"`
	MediaType   string      `json:"mediatype,omitempty"`
	Encoding    string      `json:"encoding,omitempty"`
	Body        string      `json:"body,omitempty"`
	ContentHash string      `json:"content_hash,omitempty"`
	Application string      `json:"application,omitempty"`
	MessageID   string      `json:"message_id,omitempty"`
	Meta        *dialogMeta `json:"meta,omitempty"`
}

type dialogMeta struct {
	Direction string `json:"direction,omitempty"`
	Room      string `json:"room,omitempty"`
}

type analysis struct {
	Type     string `json:"type"`
	Dialog   any    `json:"dialog"` // an index, or a list of them
	Vendor   string `json:"vendor"`
	Encoding string `json:"encoding"`
	Body     any    `json:"body"` // a text, or a list of spoken turns
}

// spokenTurn is an item of a transcript.
type spokenTurn struct {
	Party    int     `json:"party"`
	Speaker  string  `json:"speaker"`
	Start    string  `json:"start"`
	Duration float64 `json:"duration"`
	Text     string  `json:"text"`
}

type attachment struct {
	Type      string `json:"type"`
	Purpose   string `json:"purpose"`
	Start     string `json:"start"`
	Party     int    `json:"party"`
	Dialog    int    `json:"dialog"`
	MediaType string `json:"mediatype"`
	Encoding  string `json:"encoding"`
	Body      any    `json:"body"`
}

// stamp writes a time as vCon wants it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// crm is what the customer database knows. Its customer number is the demo's correlation key.
type crm struct {
	CustomerNumber string `json:"customerNumber"`
	ContractID     string `json:"contractId"`
	Segment        string `json:"segment"`
	Postcode       string `json:"postcode"`
	BirthDate      string `json:"birthDate,omitempty"`
	IBAN           string `json:"iban,omitempty"`
}

// routing is how the conversation found its agent.
type routing struct {
	Queue       string `json:"queue"`
	Language    string `json:"language"`
	Skill       string `json:"skill"`
	WaitSeconds int    `json:"waitSeconds"`
}

// survey is what the customer said afterwards.
type survey struct {
	Score   int    `json:"score"`
	Comment string `json:"comment,omitempty"`
}

// caseFile is the record under which the matter is followed up.
type caseFile struct {
	CaseNumber string   `json:"caseNumber"`
	Category   string   `json:"category"`
	Tags       []string `json:"tags"`
}

// metadata attaches what other systems know about the conversation; not each of them knows each conversation.
func (b *builder) metadata(begin time.Time) {
	if b.rng.IntN(10) > 0 {
		b.attach("routing", begin, routing{b.topic.queue, b.language(), b.topic.category, b.rng.IntN(420)})
	}
	if !b.isInternal() && (isPaired(b.index) || b.rng.IntN(8) > 0) {
		b.attach("crm", begin, b.crm())
	}
	if b.rng.IntN(10) < 7 {
		b.attach("case", begin, caseFile{b.facts["case"], b.topic.category, b.take(b.topic.tags, 1+b.rng.IntN(3))})
	}
	if !b.isInternal() && (b.oddTurns() != nil || b.rng.IntN(10) < 4) {
		b.attach("survey", begin, b.survey())
	}
}

// crm leaves the date of birth of companies out, and some account numbers.
func (b *builder) crm() crm {
	record := crm{CustomerNumber: b.customer.number, ContractID: b.facts["contract"], Segment: "private",
		Postcode:  b.customer.postcode,
		BirthDate: b.facts["birthdate"]}
	if b.customer.company != "" {
		record.Segment, record.BirthDate = "business", ""
	}
	if b.chance(2) {
		record.IBAN = b.facts.compactIBAN()
	}
	return record
}

// survey has a comment in most cases; one of them reads like a placeholder.
func (b *builder) survey() survey {
	if b.is(chat, 0) {
		return survey{2, "[anonymized]"}
	}
	score := 1 + b.rng.IntN(5)
	mood := []string{"bad", "bad", "middling", "good", "good"}[score-1]
	if b.chance(4) {
		return survey{Score: score}
	}
	return survey{score, b.say(b.lib["survey"][mood])}
}

// attach adds a JSON document about the beginning of the conversation, contributed by the agent's side.
func (b *builder) attach(what string, begin time.Time, body any) {
	b.doc.Attachments = append(b.doc.Attachments,
		attachment{Type: what, Purpose: what, Start: stamp(begin), Party: agentParty, Dialog: 0,
			MediaType: "application/json", Encoding: "json", Body: body})
}
