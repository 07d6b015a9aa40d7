package vcon

import (
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"qm-compliance/conversation"
)

// digits leaves everything but digits out, and writes them in ASCII.
func digits(text string) string { return conversation.Digits(text) }

// looksPersonal reports whether a text is, or has in it, something like an e-mail address or a phone number.
func looksPersonal(text string) bool { return hasAddress(text) || hasNumber(text) }

// hasAddress reports whether there is something like name@host in a text.
func hasAddress(text string) bool {
	for rest := conversation.FoldDigits(text); ; {
		before, after, found := strings.Cut(rest, "@")
		if !found {
			return false
		}
		if before != "" && after != "" {
			around := before[len(before)-1:] + after[:1]
			if !strings.ContainsAny(around, " \t\n<>,;:\"()/@") {
				return true
			}
		}
		rest = after
	}
}

// hasNumber reports whether seven digits or more follow each other, with no more than two characters of
// punctuation between any two.
func hasNumber(text string) bool {
	count, gap := 0, 0
	for _, r := range conversation.FoldDigits(text) {
		switch {
		case r >= '0' && r <= '9':
			count, gap = count+1, 0
		case strings.ContainsRune(" \t\u00a0().-/", r) && gap < 2:
			gap++
		default:
			count, gap = 0, 0
		}
		if count >= 7 {
			return true
		}
	}
	return false
}

// isNumber reports whether an id looks like a phone number and like nothing else. A bare number of up to
// eight digits is taken for the number of a member of staff, and a UUID for what it is, also one without
// letters.
func isNumber(id string) bool {
	id = strings.TrimSpace(conversation.FoldDigits(id))
	if _, err := uuid.Parse(id); err == nil {
		return false
	}
	bare, count := strings.Trim(id, "0123456789") == "", len(digits(id))
	isLong := count >= 9 || (count >= 7 && (!bare || strings.HasPrefix(id, "00")))
	return isLong && strings.Trim(id, "+0123456789().-/ ") == ""
}

// identifiers are the numbers and the addresses of all parties: what must not be left in a place that stays
// when they are anonymized.
type identifiers struct {
	numbers   []string // digits alone
	addresses []string // in lower case, with ASCII digits
}

func (i *identifiers) know(p *conversation.IncomingParticipant) {
	for number := range strings.SplitSeq(p.PhoneNumber, ", ") {
		i.knowNumber(digits(number))
	}
	for _, address := range splitAddresses(p.PhoneAddress) {
		for _, number := range numbersIn(address) {
			i.knowNumber(number)
		}
	}
	for _, address := range slices.Concat(splitAddresses(p.DigitalAddress), splitAddresses(p.PhoneAddress)) {
		if address != "" {
			i.addresses = append(i.addresses, folded(address))
		}
	}
}

func (i *identifiers) knowNumber(number string) {
	if number != "" && !slices.Contains(i.numbers, number) {
		i.numbers = append(i.numbers, number)
	}
}

// folded is a text as identifiers are compared: in lower case, with ASCII digits.
func folded(text string) string {
	return strings.ToLower(strings.TrimSpace(conversation.FoldDigits(text)))
}

// in reports whether a text is one of the identifiers, or holds one.
func (i *identifiers) in(text string) bool {
	return slices.Contains(i.addresses, folded(text)) || i.inName(text)
}

// inName reports whether a name is one of the identifiers, or holds one. A handle that is a plain word may
// well be a name too.
func (i *identifiers) inName(name string) bool {
	lower, number := folded(name), digits(name)
	isWord := !strings.ContainsAny(lower, "@:/\\") && !isIP(lower)
	return (!isWord && slices.Contains(i.addresses, lower)) || i.within(lower) ||
		slices.ContainsFunc(i.numbers, func(known string) bool {
			return lower == known || number == known && len(known) >= 4
		})
}

// within reports whether a part of a text is one of the identifiers. A handle without @ may be an ordinary
// word, and a short number part of any other number: those are not looked for.
func (i *identifiers) within(lower string) bool {
	lower = conversation.FoldDigits(lower)
	number := digits(lower)
	return slices.ContainsFunc(i.addresses, func(known string) bool {
		return (strings.Contains(known, "@") || isIP(known)) && strings.Contains(lower, known)
	}) || slices.ContainsFunc(i.numbers, func(known string) bool {
		return len(known) >= 7 && strings.Contains(number, national(known))
	})
}

// national is a number without what may be its country code.
func national(number string) string { return number[max(0, len(number)-max(9, len(number)-3)):] }

// inAddress reports whether a url, or a part of it, holds an identifier, or an e-mail address of anybody,
// however it is escaped.
func (i *identifiers) inAddress(text string) bool {
	isBetween := func(r rune) bool { return strings.ContainsRune("/?&=", r) }
	for range 3 {
		parts := strings.FieldsFunc(strings.ToLower(text), isBetween)
		if hasAddress(text) || slices.ContainsFunc(parts, i.within) {
			return true
		}
		unescaped, err := url.QueryUnescape(text)
		if err != nil || unescaped == text {
			return false
		}
		text = unescaped
	}
	return true
}
