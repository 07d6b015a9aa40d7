package vcon

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// exportReader reads what this system has written. It trusts the layout in nothing but how the parts belong
// together, and reads the parts themselves like those of any other vCon.
type exportReader struct {
	path                                    string // of the layout
	parties, dialogs, analyses, attachments []object
}

// readExport reads an export of this system; it returns nil where the vCon is none.
func readExport(root object, id uuid.UUID, signature conversation.Signature) (*conversation.Incoming, error) {
	attachments, err := root.objects("attachments")
	if err != nil {
		return nil, err
	}
	for i, o := range attachments {
		if name, _ := o.text("purpose"); name != layoutName {
			continue
		}
		e := &exportReader{
			path: element("attachments", i) + ".body", attachments: attachments,
		}
		sources, err := e.read(root, o, i)
		if err != nil {
			return nil, err
		}
		return e.join(sources, id, signature)
	}
	return nil, nil
}

// read reads the conversations of an export by the layout in an attachment, whose place is own.
func (e *exportReader) read(root, attachment object, own int) (sources []*conversation.Incoming, err error) {
	var wanted layout
	members, isObject := attachment.members["body"].(map[string]any)
	if !isObject || json.Unmarshal([]byte(jsonText(members)), &wanted) != nil {
		return nil, wrong(e.path, "is not what this system writes into its exports; "+
			"leave the attachment out to read the rest like any other vCon")
	}
	if wanted.Version != layoutVersion {
		return nil, wrong(e.path+".version", "is %d; this version of the program reads %d",
			wanted.Version, layoutVersion)
	}
	if e.parties, err = root.objects("parties"); err != nil {
		return nil, err
	}
	if e.dialogs, err = root.objects("dialog"); err != nil {
		return nil, err
	}
	if e.analyses, err = root.objects("analysis"); err != nil {
		return nil, err
	}
	if err := e.refuseAdded(root, own, wanted); err != nil {
		return nil, err
	}
	for i, source := range wanted.Sources {
		c, err := e.source(element(e.path+".sources", i), source)
		if err != nil {
			return nil, err
		}
		sources = append(sources, c)
	}
	return sources, nil
}

// join ties the sources together, and compares the identity of the vCon with theirs.
func (e *exportReader) join(
	sources []*conversation.Incoming, id uuid.UUID, signature conversation.Signature,
) (*conversation.Incoming, error) {
	if len(sources) == 0 {
		return nil, wrong(e.path+".sources", "is empty; an export holds at least one conversation")
	}
	all := uuids(sources)
	if len(slices.Compact(slices.Clone(all))) < len(all) {
		return nil, wrong(e.path+".sources", "names the same vCon twice")
	}
	if identity(sources) != id {
		return nil, wrong("uuid", "does not match the conversations of this export")
	}
	for _, c := range sources {
		if len(all) > 1 {
			c.MergedWith = slices.DeleteFunc(slices.Clone(all), func(id uuid.UUID) bool { return id == c.UUID })
		}
		c.Signature = signature
	}
	if len(sources) > 1 {
		sources[0].Joined = sources[1:]
	}
	return sources[0], nil
}

func (e *exportReader) source(path string, from layoutSource) (*conversation.Incoming, error) {
	isTime := writable(from.StartedAt) && writable(from.EndedAt) && !from.EndedAt.Before(from.StartedAt)
	if from.UUID == uuid.Nil || !isTime {
		return nil, wrong(path, "has no uuid, or no times, of a conversation")
	}
	c := &conversation.Incoming{
		UUID: from.UUID, StartedAt: micro(from.StartedAt), EndedAt: micro(from.EndedAt), Direction: from.Direction,
	}
	directions := []compliance.Direction{"", compliance.Inbound, compliance.Outbound, compliance.Internal}
	if !slices.Contains(directions, from.Direction) {
		return nil, wrong(path+".direction", "is not INBOUND, OUTBOUND or INTERNAL")
	}
	for i, party := range from.Parties {
		p, err := e.party(element(path+".parties", i), party)
		if err != nil {
			return nil, err
		}
		c.Participants = append(c.Participants, p)
	}
	if len(from.Segments) == 0 || len(from.Parties) > maxParties {
		return nil, wrong(path, "has no segment, or more parties than are taken")
	}
	for i, segment := range from.Segments {
		s, err := e.segment(element(path+".segments", i), segment, len(c.Participants))
		if err != nil {
			return nil, err
		}
		c.Segments = append(c.Segments, s)
	}
	var err error
	if c.Versions, err = readLayoutVersions(path+".versions", from.Versions); err != nil {
		return nil, err
	}
	if c.Metadata, err = e.metadata(path+".metadata", from.Metadata); err != nil {
		return nil, err
	}
	c.Anonymization, err = from.Anonymization.read(path + ".anonymization")
	return c, err
}

// read tells what was anonymized. What is damaged is refused: taken for nothing, it would let placeholders
// pass for what people said.
func (a *layoutAnonymization) read(path string) (*conversation.IncomingAnonymization, error) {
	if a == nil {
		return nil, nil
	}
	if !writable(a.At) || a.SettingsVersion < 1 || a.SettingsVersion > math.MaxInt32 {
		return nil, wrong(path, "has an invalid time or version of the settings")
	}
	keys := slices.Clone(a.Keys)
	slices.Sort(keys)
	return &conversation.IncomingAnonymization{
		At: micro(a.At), SettingsVersion: a.SettingsVersion,
		Selection: compliance.Selection{
			ParticipantPhoneNumber: a.PhoneNumber, ParticipantDigitalAddress: a.DigitalAddress,
			SubjectAndBody: a.Content, MediaFiles: a.Media, Keys: slices.Compact(keys),
		},
	}, nil
}

// part is one of the parts of the vCon that the layout refers to.
func part(path string, list []object, at int) (object, error) {
	if at < 0 || at >= len(list) {
		return object{}, wrong(path, "refers to %d, which does not exist", at)
	}
	return list[at], nil
}

// party reads who took part, by the same rules as any other vCon: what is made of numbers and addresses is no
// user id.
func (e *exportReader) party(path string, from layoutParty) (conversation.IncomingParticipant, error) {
	o, err := part(path+".party", e.parties, from.Party)
	if err != nil {
		return conversation.IncomingParticipant{}, err
	}
	if roleOf(string(from.Role)) != from.Role {
		return conversation.IncomingParticipant{}, wrong(path+".role", "is not a role")
	}
	p := party{object: o, IncomingParticipant: conversation.IncomingParticipant{Role: from.Role}}
	if p.Name, err = o.text("name"); err != nil {
		return p.IncomingParticipant, err
	}
	if p.PhoneNumber, err = phoneNumbers(o); err != nil {
		return p.IncomingParticipant, err
	}
	if err := e.addresses(path, &p, from); err != nil {
		return p.IncomingParticipant, err
	}
	if p.isStaff() {
		p.readStaff(&identifiers{})
	}
	return p.IncomingParticipant, p.checkLengths()
}

// addresses reads the addresses of a party. One with a phone number in it counts as such wherever the layout
// has it, since more switches cover it.
func (e *exportReader) addresses(path string, p *party, from layoutParty) (err error) {
	if len(from.Addresses)+len(from.PhoneAddresses) == 0 { // as earlier versions wrote it
		from.Addresses = []string{inMailto}
		if !p.has(inMailto) {
			from.Addresses = []string{inHandle}
		}
	}
	reader := &addressReader{p.object, map[string]int{}}
	digital, err := reader.read(path+".addresses", from.Addresses)
	if err != nil {
		return err
	}
	if p.PhoneAddress, err = reader.read(path+".phoneAddresses", from.PhoneAddresses); err != nil {
		return err
	}
	if len(numbersIn(digital)) == 0 {
		p.DigitalAddress = digital
		return nil
	}
	var plain, withNumber []string
	for _, address := range splitAddresses(digital) {
		if len(numbersIn(address)) > 0 {
			withNumber = append(withNumber, address)
		} else {
			plain = append(plain, address)
		}
	}
	if p.PhoneAddress != "" {
		withNumber = append(withNumber, p.PhoneAddress)
	}
	p.DigitalAddress, p.PhoneAddress = strings.Join(plain, ", "), strings.Join(withNumber, ", ")
	return nil
}

// writable reports whether a time may stand in an export. What began in the latest year may end after it.
func writable(at time.Time) bool { return at.UTC().Year() >= 1 && at.UTC().Year() <= 9999 }

// micro is a time as PostgreSQL keeps it.
func micro(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }
