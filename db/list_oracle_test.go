package db

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// What follows says in plain Go what a listing holds; the tests hold the SQL against it.

func (c stored) visible(a Access) bool {
	return a.All || slices.ContainsFunc(c.principals, func(p string) bool { return slices.Contains(a.Principals, p) })
}

func (c stored) matches(f Filter) bool {
	return (f.StartedFrom == nil || !c.StartedAt.Before(*f.StartedFrom)) &&
		(f.StartedTo == nil || c.StartedAt.Before(*f.StartedTo)) &&
		(f.Types == nil || slices.ContainsFunc(f.Types,
			func(k compliance.ConversationType) bool { return slices.Contains(c.Types, k) })) &&
		(f.Reviewable == nil || *f.Reviewable == c.Reviewable) &&
		(f.MediaStatuses == nil || slices.Contains(f.MediaStatuses, c.MediaStatus)) &&
		(f.Anonymized == nil || *f.Anonymized == (c.AnonymizedAt != nil)) &&
		(f.PhoneNumber == "" || slices.ContainsFunc(c.Participants,
			func(p *conversation.Participant) bool { return hasNumber(p, f.PhoneNumber) })) &&
		(f.DigitalAddress == "" ||
			slices.ContainsFunc(c.Participants,
				func(p *conversation.Participant) bool { return hasAddress(p, f.DigitalAddress) })) &&
		!slices.ContainsFunc(f.Metadata, func(m MetadataMatch) bool { return !c.has(m) })
}

func hasNumber(p *conversation.Participant, number string) bool {
	format := regexp.MustCompile(`[^0-9]`)
	wanted := format.ReplaceAllString(strings.NewReplacer("٧", "7").Replace(number), "")
	return !p.PhoneNumberAnonymized && strings.Contains(format.ReplaceAllString(p.PhoneNumber, ""), wanted) ||
		!p.PhoneAddressAnonymized && strings.Contains(format.ReplaceAllString(p.PhoneAddress, ""), wanted)
}

func hasAddress(p *conversation.Participant, address string) bool {
	wanted := strings.ToLower(strings.TrimSpace(address))
	return !p.DigitalAddressAnonymized && strings.Contains(strings.ToLower(p.DigitalAddress), wanted) ||
		!p.PhoneAddressAnonymized && strings.Contains(strings.ToLower(p.PhoneAddress), wanted)
}

func (c stored) has(match MetadataMatch) bool {
	return slices.ContainsFunc(c.Metadata, func(m *conversation.Metadatum) bool {
		return m.Key == match.Key && strings.EqualFold(m.Value, match.Value) && !m.ValueAnonymized
	})
}

// expected are the ids of a whole listing.
func expected(all []stored, a Access, f Filter, o Order) []int64 {
	listed := slices.DeleteFunc(slices.Clone(all), func(c stored) bool { return !c.visible(a) || !c.matches(f) })
	slices.SortFunc(listed, func(x, y stored) int {
		by := cmp.Or(x.StartedAt.Compare(y.StartedAt), cmp.Compare(x.ID, y.ID))
		if o.Field == OrderDuration {
			by = cmp.Or(cmp.Compare(x.DurationMs, y.DurationMs), cmp.Compare(x.ID, y.ID))
		}
		if o.Descending {
			return -by
		}
		return by
	})
	ids := []int64{}
	for _, c := range listed {
		ids = append(ids, c.ID)
	}
	return ids
}

func idsOf(rows []*conversation.Conversation) []int64 {
	ids := []int64{}
	for _, c := range rows {
		ids = append(ids, c.ID)
	}
	return ids
}

// filter makes a random filter of the values that conversations are made of.
func (g generator) filter() Filter {
	var f Filter
	if g.chance(25) {
		from := testNow.Add(-60 * 60 * 1e9 * 10)
		f.StartedFrom = &from
	}
	if g.chance(25) {
		to := testNow.Add(-60 * 60 * 1e9 * 3)
		f.StartedTo = &to
	}
	if g.chance(25) {
		f.Types = nonEmpty(subset(g,
			[]compliance.ConversationType{compliance.TypeCall, compliance.TypeScreenRecording, compliance.TypeEmail,
				compliance.TypeChat}, 40))
	}
	if g.chance(25) {
		f.MediaStatuses = nonEmpty(subset(g, compliance.MediaStatuses(), 50))
	}
	f.Reviewable, f.Anonymized = g.maybe(), g.maybe()
	if g.chance(25) {
		f.PhoneNumber = pick(g, []string{"777", "٧٧٧", "+420 777", "849-555", "112", "0100", "999", "420777123456"})
	}
	if g.chance(25) {
		f.DigitalAddress = pick(g,
			[]string{"ann_lee", "ANN.LEE@", "100%s", "example", `back\s`, " 10.0 ", "_lee@", "whatsapp:+", "@host",
				"nobody@nowhere"})
	}
	for range g.IntN(3) {
		f.Metadata = append(f.Metadata, MetadataMatch{Key: pick(g, metadataKeyNames()), Value: pick(g, metadataValues())})
	}
	return f
}

func (g generator) maybe() *bool {
	if g.chance(60) {
		return nil
	}
	value := g.chance(50)
	return &value
}

// nonEmpty turns an empty list into none: as a condition an empty list is refused.
func nonEmpty[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

func (g generator) access() Access {
	if g.chance(50) {
		return Everything()
	}
	return Access{Principals: g.subset(principalNames(), 50)}
}

func (g generator) order() Order {
	return Order{Field: pick(g, []OrderField{OrderStartedAt, OrderDuration}), Descending: g.chance(50)}
}
