package demo

import "time"

// document is a vCon, as far as the demo uses it. The members role and meta of a party and meta of a dialog are those of the
// contact-centre extension ("CC") and of common use; all others are those of the core draft.
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
