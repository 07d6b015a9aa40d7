package demo

import (
	"strings"
	"testing"
)

// TestVCons_EdgeValues: each odd value that the demo promises is there, once.
func TestVCons_EdgeValues(t *testing.T) {
	t.Parallel()
	tests := map[string]func(document) bool{
		"a customer typed the placeholder of metadata": hasTurn(func(text string) bool { return text == "[anonymized]" }),
		"a customer typed the placeholder of a number": hasTurn(func(text string) bool {
			return strings.Contains(text,
				"[anonphonenumber]")
		}),
		"Arabic text": hasTurn(func(text string) bool { return strings.Contains(text, "مرحبا") }),
		"Hebrew text with a number": hasTurn(func(text string) bool {
			return strings.Contains(text, "שלום") && strings.ContainsAny(text, "0123456789")
		}),
		"pictograms joined of several": hasTurn(func(text string) bool {
			return strings.Contains(text,
				"👩‍👩‍👧")
		}),
		"a very long e-mail": hasTurn(func(text string) bool { return len(text) > 20_000 }),
		"an empty subject": func(d document) bool {
			return d.Subject != nil &&
				*d.Subject == ""
		},
		"a number written in its own way": hasParty(func(p party) bool {
			return strings.HasSuffix(p.Tel,
				"ext. 12")
		}),
		"a call among agents":                 isAmongAgents,
		"a survey comment like a placeholder": hasComment("[anonymized]"),
	}
	docs := madeDocuments(t)
	for name, matches := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if n := count(docs, matches); n != 1 {
				t.Errorf("in %d documents, want 1", n)
			}
		})
	}
}

// TestVCons_Variety: each way in which systems write who somebody is occurs more than once.
func TestVCons_Variety(t *testing.T) {
	t.Parallel()
	tests := map[string]func(document) bool{
		"a number with its scheme":      hasParty(func(p party) bool { return strings.HasPrefix(p.Tel, "tel:") }),
		"a number inside a sip address": hasParty(func(p party) bool { return strings.HasPrefix(p.SIP, "sip:+") }),
		"a number in place of the name": hasParty(func(p party) bool { return p.Name != "" && p.Name == p.Tel }),
		"a chat handle": hasParty(func(p party) bool {
			return p.Meta != nil &&
				p.Meta.Handle != ""
		}),
		"a robot": hasParty(func(p party) bool { return p.Role == "bot" }),
		"a name with diacritics": hasParty(func(p party) bool {
			return p.Role == "customer" && strings.ContainsAny(p.Name, "ëşáøäłěžčñö")
		}),
		"a call to the customer": hasDialog(func(x dialog) bool {
			return x.Meta != nil &&
				x.Meta.Direction == "out" && x.Originator != nil
		}),
		"a mail of HTML alone": hasDialog(func(x dialog) bool {
			return strings.HasPrefix(x.MediaType,
				"text/html")
		}),
		"a mail of text and HTML": hasDialog(func(x dialog) bool {
			return strings.HasPrefix(x.MediaType,
				"multipart/alternative")
		}),
		"a mail with an attachment": hasDialog(func(x dialog) bool {
			return strings.Contains(x.Body,
				"Content-Disposition: attachment")
		}),
		"a mail that quotes another": hasTurn(func(text string) bool {
			return strings.Contains(text,
				"wrote:\n> ")
		}),
		"a mail that quotes a quotation": hasTurn(func(text string) bool {
			return strings.Contains(text,
				"\n> > ")
		}),
		"an address in a text": hasTurn(func(text string) bool {
			return strings.Contains(text,
				"@example.")
		}),
		"a number spelled out in words":    hasSpoken("seven seven zero zero"),
		"an e-mail address that is spoken": hasSpoken(" at example dot "),
	}
	docs := madeDocuments(t)
	for name, matches := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if n := count(docs, matches); n < 3 {
				t.Errorf("in %d documents, want at least 3", n)
			}
		})
	}
}

func count(docs []document, matches func(document) bool) int {
	n := 0
	for _, d := range docs {
		if matches(d) {
			n++
		}
	}
	return n
}

func hasDialog(matches func(dialog) bool) func(document) bool {
	return func(d document) bool {
		for _, x := range d.Dialog {
			if matches(x) {
				return true
			}
		}
		return false
	}
}

func hasTurn(matches func(string) bool) func(document) bool {
	return hasDialog(func(x dialog) bool { return x.Type == "text" && matches(x.Body) })
}

func hasParty(matches func(party) bool) func(document) bool {
	return func(d document) bool {
		for _, p := range d.Parties {
			if matches(p) {
				return true
			}
		}
		return false
	}
}

func hasSpoken(words string) func(document) bool {
	return func(d document) bool {
		for place, text := range texts(d) {
			if strings.HasPrefix(place, "transcript") && strings.Contains(text, words) {
				return true
			}
		}
		return false
	}
}

func hasComment(comment string) func(document) bool {
	return func(d document) bool {
		for _, a := range d.Attachments {
			if body, ok := a.Body.(map[string]any); ok && body["comment"] == comment {
				return true
			}
		}
		return false
	}
}

func isAmongAgents(d document) bool {
	for _, p := range d.Parties {
		if p.Role != "agent" {
			return false
		}
	}
	return len(d.Parties) == 2
}
