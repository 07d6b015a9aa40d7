package vcon

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"qm-compliance/conversation"
)

// The lengths of phone numbers, in digits: national ones without an area code, the shortest that is taken for
// one among other text, and E.164's longest with a prefix such as 00.
const (
	shortestNumber = 7
	shortestAmong  = 9
	longestNumber  = 17
)

// plainForm is an address as numbers are looked for in it: escapes such as %40 and %2B undone, digits folded.
func plainForm(address string) string {
	for range 3 {
		unescaped, err := url.PathUnescape(address)
		if err != nil || unescaped == address {
			break
		}
		address = unescaped
	}
	return strings.ToValidUTF8(conversation.FoldDigits(address), "_")
}

// The patterns of numbers, compiled once: that costs more than to read a vCon.
var (
	// digitRuns are digits that belong together: no more than two characters of punctuation stand between any two.
	digitRuns = regexp.MustCompile(`\+?\(?\d(?:[\s\x{a0}().\-/]{0,2}\d)*`)
	// otherNumbers have many digits and are no phone number: UUIDs, dates with or without a time of the day, and
	// seconds since 1970 with a fraction or in milliseconds. What stands beside them is matched too.
	otherNumbers = regexp.MustCompile(`(^|[^0-9+])(?:` +
		uuidForm + `|` + day + `(?:[-_.T@ ]{0,2}` + clock + `)?|` + epoch + `)([^0-9]|$)`)
	quads   = regexp.MustCompile(`\d+(?:\.\d+){3}`)
	seconds = regexp.MustCompile(`(^|[^0-9+])1[4-9]\d{8}([^0-9]|$)`)
)

// The parts of otherNumbers.
const (
	uuidForm = `[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`
	day      = `(?:19|20)\d\d[-_./]?(?:0[1-9]|1[0-2])[-_./]?(?:0[1-9]|[12]\d|3[01])`
	zone     = `(?:Z|[-+](?:0\d|1[0-4]):?[0-5]\d)`
	second   = `[-_:.]?[0-5]\d(?:[.,]?\d{1,9}` + zone + `|[.,]\d{1,9}|` + zone + `|\d{3})?`
	clock    = `(?:[01]\d|2[0-3])[-_:.]?[0-5]\d(?:` + second + `)?`
	epoch    = `1[4-9]\d{8}\.\d{1,9}|1[4-9]\d{11}`
)

// numbersIn returns the digits of the phone numbers in an address, none where it holds none. A number that begins
// with + or 00, or that is all of a user part, has seven digits or more; one among other text, such as
// user-420777888101, has nine or more. Dates, times, UUIDs, IP addresses, and what a word before calls another
// number (order-, ticket.) are none. What may be either is taken for a phone number: it is covered by one
// switch more, and lost to nobody.
func numbersIn(address string) (found []string) {
	plain := plainForm(address)
	if len(digits(plain)) < shortestNumber || isIPWithPort(address) {
		return nil
	}
	plain = masked(plain)
	for _, part := range strings.FieldsFunc(userParts(plain), func(r rune) bool { return r == '\n' }) {
		if number := wholeNumber(part); number != "" {
			found = append(found, number)
			continue
		}
		for _, at := range digitRuns.FindAllStringIndex(part, -1) {
			found = append(found, numbersOfRun(part[:at[0]], part[at[0]:at[1]], part[at[1]:])...)
		}
	}
	return found
}

// numberInURL reports whether the host or the path of a url holds a phone number. Recorders name their files after
// the time as well: ten digits that are seconds since 1970 are none there.
func numberInURL(address *url.URL) bool {
	for part := range strings.SplitSeq(address.Host+"/"+address.EscapedPath(), "/") {
		if len(numbersIn(seconds.ReplaceAllString(plainForm(part), "${1}~${2}"))) > 0 {
			return true
		}
	}
	return false
}

// masked puts a character in place of what is no phone number for certain. What stands beside a match is
// matched too, and may begin the next: hence a second time.
func masked(text string) string {
	for range 2 {
		text = otherNumbers.ReplaceAllString(text, "${1}~${2}")
	}
	return quads.ReplaceAllStringFunc(text, func(match string) string {
		if isIP(match) {
			return "~"
		}
		return match
	})
}

// userParts separates by line feeds what belongs to different parts of an address: the scheme, the user, the
// host, the segments of a path, the parameters, a display name.
func userParts(plain string) string {
	return strings.NewReplacer("://", "\n", ":", "\n", "@", "\n", "<", "\n", ">", "\n", `"`, "\n", ";", "\n", "?", "\n",
		"&", "\n", "=", "\n", ",", "\n", "~", "\n").Replace(plain)
}

// wholeNumber returns the digits of a part that is a number and nothing else, with what people dial before it.
func wholeNumber(part string) string {
	part = strings.TrimSpace(part)
	number := conversation.Digits(part)
	isWhole := strings.Trim(part, "0123456789+*#()-./ \u00a0") == ""
	if !isWhole || len(number) < shortestNumber || len(number) > longestNumber || isDate(part) {
		return ""
	}
	return number
}

// isDate knows the dates that otherNumbers does not: the day first.
func isDate(text string) bool {
	for _, layout := range []string{"02.01.2006", "2.1.2006", "02-01-2006", "01-02-2006", "02/01/2006", "02012006"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

// numbersOfRun returns the phone numbers of digits that belong together, given the text before and after.
func numbersOfRun(before, run, after string) []string {
	number := conversation.Digits(run)
	isInternational := (strings.HasPrefix(run, "+") && !endsInWord(before)) ||
		(strings.HasPrefix(number, "00") && !strings.HasPrefix(number, "000") && len(number) >= shortestAmong)
	if isInternational && len(number) >= shortestNumber {
		return []string{number}
	}
	if !strings.HasPrefix(run, "+") && isPartOfID(before, after) || namesOtherNumber(before) {
		return nil
	}
	least := shortestAmong
	if namesPhone(before) {
		least = shortestNumber
	}
	groups := strings.FieldsFunc(run, func(r rune) bool { return r < '0' || r > '9' })
	var found []string
	for _, group := range groups {
		if len(group) >= shortestAmong && len(group) <= longestNumber {
			found = append(found, group)
		}
	}
	isYear := len(groups[0]) == 4 && (strings.HasPrefix(groups[0], "19") || strings.HasPrefix(groups[0], "20"))
	if len(found) == 0 && len(number) >= least && len(number) <= longestNumber && (len(groups) == 1 || !isYear) {
		found = []string{number}
	}
	return found
}

func endsInWord(text string) bool { return text != "" && isIDByte(text[len(text)-1]) }

func isIDByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// isPartOfID reports whether digits have letters on both sides, as in an id in hexadecimal digits, or stand in
// a word that has other digits too.
func isPartOfID(before, after string) bool {
	head := before[len(strings.TrimRightFunc(before, isIDRune)):]
	tail := after[:len(after)-len(strings.TrimLeftFunc(after, isIDRune))]
	return head != "" && tail != "" || conversation.Digits(head+tail) != ""
}

func isIDRune(r rune) bool { return r >= 0x80 || isIDByte(byte(r)) }

// lastWord is the last word before digits, in lower case, also where it touches them.
func lastWord(before string) string {
	before = strings.TrimRight(strings.ToLower(before), "-_.#:/+ ()")
	return before[len(strings.TrimRight(before, "abcdefghijklmnopqrstuvwxyzáčďéěíňóřšťúůýžäöüß")):]
}

// namesOtherNumber reports whether the word before digits says that they are the number of something else.
func namesOtherNumber(before string) bool {
	return slices.Contains([]string{
		"order", "orders", "ord", "po", "invoice", "inv", "bill", "receipt", "ticket", "tickets", "case", "issue", "incident",
		"inc", "req", "request", "ref", "reference", "rma", "booking", "reservation", "tracking", "parcel", "shipment",
		"policy", "claim", "contract", "account", "acct", "acc", "iban", "card", "customer", "cust", "client", "employee",
		"emp", "student", "member", "id", "uid", "userid", "guid", "session", "transaction", "txn", "trx", "serial", "sn",
		"sku", "isbn", "imei", "imsi", "vin", "version", "build", "zip", "msg", "message", "thread", "batch", "job", "seq",
		"bestellung", "rechnung", "kunde", "kundennummer", "vertrag", "objednavka", "objednávka", "faktura", "zakaznik",
		"zákazník", "smlouva", "pedido", "factura", "commande", "facture", "dossier",
	}, lastWord(before))
}

// namesPhone reports whether the word before digits says that they are a phone number.
func namesPhone(before string) bool {
	return slices.Contains([]string{
		"tel", "telephone", "telefon", "phone", "mobile", "mobil", "cell", "handy", "caller", "callee", "ani",
		"dnis", "cli", "sms", "mms", "fax", "msisdn", "whatsapp", "wa", "viber", "signal", "from", "to", "in", "out",
	}, lastWord(before))
}

// isIPWithPort reports whether an address is an IP address, with a zone, a port or a prefix length or without.
func isIPWithPort(text string) bool {
	text = strings.TrimSpace(text)
	if _, err := netip.ParseAddrPort(text); err == nil {
		return true
	}
	_, err := netip.ParsePrefix(text)
	return err == nil || isIP(strings.Trim(text, "[]"))
}

// isWithheld reports whether a caller id says that there is none: what telephone systems write in place of a
// number that its owner or the network holds back.
func isWithheld(callerID string) bool {
	user, _, _ := strings.Cut(strings.ToLower(conversation.FoldDigits(callerID)), "@")
	words := strings.FieldsFunc(user, func(r rune) bool { return strings.ContainsRune(" \t-_.+()<>[]\"'", r) })
	says := slices.ContainsFunc(words, func(word string) bool { return slices.Contains(withheldWords(), word) })
	return says && !slices.ContainsFunc(words, func(word string) bool {
		return !slices.Contains(withheldWords(), word) && !slices.Contains(callerWords(), word)
	})
}

// withheldWords say that there is no number; some networks spell them in digits (266696687 is ANONYMOUS).
func withheldWords() []string {
	return []string{
		"anonymous", "restricted", "unknown", "unk", "unavailable", "private", "withheld", "blocked", "hidden",
		"suppressed", "concealed", "unallocated", "invalid", "none", "null", "nil", "undefined", "n/a", "no", "not", "out",
		"payphone", "266696687", "7378742833", "86282452253", "8656696",
		"anonym", "unbekannt", "unterdrückt", "privat", "anonymní", "neznámé", "neznámý", "skryté", "soukromé",
		"anonyme", "inconnu", "masqué", "privé", "anónimo", "desconocido", "privado", "oculto", "anonimo", "sconosciuto",
		"privato", "anônimo",
	}
}

// callerWords may stand beside withheldWords and say nothing else.
func callerWords() []string {
	return []string{
		"caller", "callerid", "id", "cid", "number", "call", "user", "name", "party", "available", "of", "area", "provided",
		"nummer", "rufnummer", "anrufer", "číslo", "numéro", "appel", "número", "numero",
	}
}
