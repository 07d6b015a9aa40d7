package demo

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"
)

// texts returns every string of a document that a person wrote, said, or is known by, with the place
// that it stands in.
func texts(d document) map[string]string {
	found := map[string]string{}
	for i, p := range d.Parties {
		found["party name "+string(rune('0'+i))] = p.Name
	}
	for i, x := range d.Dialog {
		if x.Type == "text" && x.MediaType != "" {
			found[d.Dialog[i].Start+" dialog"] = x.Body
		}
	}
	for i, a := range d.Analysis {
		place := a.Type + string(rune('0'+i))
		turns, spoken := a.Body.([]any)
		if !spoken {
			found[place], _ = a.Body.(string)
		}
		for _, turn := range turns {
			item := turn.(map[string]any)
			found[place+item["start"].(string)], _ = item["text"].(string)
		}
	}
	return found
}

func TestVCons_TextsAreWhole(t *testing.T) {
	t.Parallel()
	leftover := regexp.MustCompile(`[{}]|\|\w|\w\||=>| {2}|\?\.| ,`)
	for _, d := range madeDocuments(t) {
		for place, text := range texts(d) {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is empty", d.UUID, place)
			}
			if bad := leftover.FindString(withoutHTML(text)); bad != "" {
				t.Errorf("%s: %s has %q left over: %s", d.UUID, place, bad, text)
			}
		}
	}
}

// withoutHTML drops what belongs to the form of a mail and to no phrase: the style, whose braces are no
// fact's, and the line breaks of quoted-printable, which cut numbers in two.
func withoutHTML(text string) string {
	text = strings.ReplaceAll(text, "=\r\n", "")
	return regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(text, "")
}

// TestVCons_TextsDiffer: no two conversations say the same, and no long sentence turns up everywhere.
func TestVCons_TextsDiffer(t *testing.T) {
	t.Parallel()
	const long, most = 100, 4
	in := map[string]map[string]bool{}
	for _, d := range madeDocuments(t) {
		for place, text := range texts(d) {
			if len(text) < long || strings.HasPrefix(place, "translation") {
				continue
			}
			if in[text] == nil {
				in[text] = map[string]bool{}
			}
			in[text][d.UUID] = true
		}
	}
	for text, documents := range in {
		if len(documents) > most {
			t.Errorf("%d conversations have this text: %s", len(documents), text)
		}
	}
}

// TestVCons_NothingIsReal holds every e-mail address, host, telephone number and IP address to the
// reserved ranges, wherever in the document it stands.
func TestVCons_NothingIsReal(t *testing.T) {
	t.Parallel()
	host := regexp.MustCompile(`(?i)(?:@|https?://|www\.)((?:[\w-]+\.)+[\w-]+)`)
	bare := regexp.MustCompile(`(?i)\b[\w-]+\.(?:com|org|net|co|uk|io|eu|de|es|fr|cz|info|biz)\b`)
	reservedHost := regexp.MustCompile(`(?i)^(?:[\w-]+\.)*example(?:\.com|\.org|\.net)?$`)
	recordings := regexp.MustCompile(`"body":"[\w-]*"`) // sound and film, or a single word: no address
	i := 0
	for raw := range made() {
		// Handles are no addresses: @ingrid.0100.
		text := regexp.MustCompile(`"handle":"[^"]*"`).ReplaceAllString(string(recordings.ReplaceAll(raw, nil)), "")
		text = strings.ReplaceAll(text, `=\r\n`, "") // a soft line break of quoted-printable
		for _, match := range host.FindAllStringSubmatch(text, -1) {
			if !reservedHost.MatchString(match[1]) {
				t.Errorf("document %d: %s is no reserved host", i, match[1])
			}
		}
		for _, name := range bare.FindAllString(text, -1) {
			if !reservedHost.MatchString(name) {
				t.Errorf("document %d: %s is no reserved host", i, name)
			}
		}
		i++
	}
}

func TestVCons_NumbersAreFictional(t *testing.T) {
	t.Parallel()
	number := regexp.MustCompile(`(?:\+\d|\b0)\d[\d ()-]{6,}\d`)
	fictional := regexp.MustCompile(`^(?:44|0044|0)?(?:7700900\d{3}|2079460\d{3}|1134960\d{3}|1614960\d{3}|1632960\d{3})$|^1?20255501\d{2}$`)
	digits := regexp.MustCompile(`\D`)
	seen := 0
	for _, d := range madeDocuments(t) {
		all := texts(d)
		for i, p := range d.Parties {
			all["tel "+string(rune('0'+i))] = p.Tel + " " + p.SIP
		}
		for place, text := range all {
			for _, found := range number.FindAllString(withoutHTML(text), -1) {
				seen++
				bare := digits.ReplaceAllString(strings.Replace(found, "(0)", "", 1), "")
				if !fictional.MatchString(bare) {
					t.Errorf("%s: %s: %q is no number set aside for fiction", d.UUID, place, found)
				}
			}
		}
	}
	if seen < Count {
		t.Errorf("found %d telephone numbers, want at least one in each conversation on average", seen)
	}
}

// TestVCons_Addresses: IP addresses are those of documentation.
func TestVCons_Addresses(t *testing.T) {
	t.Parallel()
	blocks := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"),
		netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	seen := 0
	for _, d := range madeDocuments(t) {
		for _, p := range d.Parties {
			if p.Meta == nil || p.Meta.IP == "" {
				continue
			}
			seen++
			if !containedIn(blocks, netip.MustParseAddr(p.Meta.IP)) {
				t.Errorf("%s: %s is in no block for documentation", d.UUID, p.Meta.IP)
			}
		}
	}
	if seen < 10 {
		t.Errorf("found %d IP addresses, want some", seen)
	}
}

func containedIn(blocks []netip.Prefix, address netip.Addr) bool {
	for _, block := range blocks {
		if block.Contains(address) {
			return true
		}
	}
	return false
}
