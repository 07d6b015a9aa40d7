package compliance

// Placeholder is the text that stands where personal data stood.
type Placeholder string

// The placeholders of the design's section 4. They only ever show that something was removed; whether it was
// is known from a flag, never from this text, which a customer may have typed.
const (
	PhoneNumberPlaceholder    Placeholder = "[anonphonenumber]"
	DigitalAddressPlaceholder Placeholder = "[anondigitaladdress]"
	ContentPlaceholder        Placeholder = "[anonconversationcontent]"
	MetadataPlaceholder       Placeholder = "[anonymized]"
)

// Over returns what stands where value stood, and whether anything was overwritten. An empty value stays
// empty, because a placeholder in its place would invent data (design, section 4).
func (p Placeholder) Over(value string) (text string, overwritten bool) {
	if value == "" {
		return "", false
	}
	return string(p), true
}
