package conversation

import "qm-compliance/compliance"

// Verify reads a conversation as it is stored, with everything that belongs to it, and counts what should not be found
// after it was anonymized with a selection: values that the selection covers and that are not overwritten, and values
// that count as overwritten and show no placeholder. Nothing found is no count.
func (c *Conversation) Verify(selection compliance.Selection) map[Finding]int {
	found := findings{}
	for _, p := range c.Participants {
		found.look(p.PhoneNumber, p.PhoneNumberAnonymized, selection.ParticipantPhoneNumber,
			compliance.PhoneNumberPlaceholder)
		found.look(p.DigitalAddress, p.DigitalAddressAnonymized, selection.ParticipantDigitalAddress,
			compliance.DigitalAddressPlaceholder)
		found.look(p.PhoneAddress, p.PhoneAddressAnonymized, selection.CoversPhoneAddress(),
			compliance.DigitalAddressPlaceholder)
	}
	for _, s := range c.Segments {
		found.look(s.Title, s.TitleAnonymized, selection.Basic(s.Kind.Content()), compliance.ContentPlaceholder)
		for _, m := range s.Messages {
			found.look(m.Text, m.TextAnonymized, selection.CoversText(s.Kind, m.Mixed), compliance.ContentPlaceholder)
		}
	}
	for _, m := range c.Metadata {
		found.look(m.Value, m.ValueAnonymized, selection.Key(m.Key), compliance.MetadataPlaceholder)
	}
	for _, file := range c.Media {
		if file.Disposition(selection) == compliance.DispositionPlanned {
			found[FoundValue]++
		}
	}
	return found
}

// findings counts what was found.
type findings map[Finding]int

func (f findings) look(text string, anonymized, covered bool, placeholder compliance.Placeholder) {
	switch {
	case anonymized && text != string(placeholder):
		f[FoundNoPlaceholder]++
	case !anonymized && covered && text != "":
		f[FoundValue]++
	}
}
