package db

// SamePerson reports whether two participants, of different vCons of a conversation, are known to be the same: everything about them is equal, and something of it
// tells them apart from others. Placeholders do not.
func (p *Participant) SamePerson(other *Participant) bool {
	if p.VconUUID == other.VconUUID {
		return false
	}
	known := p.Name != "" || p.UserID != "" || (p.PhoneNumber != "" && !p.PhoneNumberAnonymized) || (p.DigitalAddress != "" && !p.DigitalAddressAnonymized)
	return known && p.Role == other.Role && p.Name == other.Name && p.UserID == other.UserID && p.PhoneNumber == other.PhoneNumber &&
		p.PhoneNumberAnonymized == other.PhoneNumberAnonymized && p.DigitalAddress == other.DigitalAddress && p.DigitalAddressAnonymized == other.DigitalAddressAnonymized
}
