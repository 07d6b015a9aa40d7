package db

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// TestSwitchesOfNumbersAndAddresses holds, for every position of the two switches, what is left of a
// participant: an address with a phone number in it goes with either (design, section 3). Importing the same
// again changes nothing, and new values of the kinds that were anonymized come in overwritten.
func TestSwitchesOfNumbersAndAddresses(t *testing.T) {
	t.Parallel()
	const number, address, both = "+420777123456", "ada@example.com", "420777123456@c.us"
	const noNumber, noAddress = "[anonphonenumber]", "[anondigitaladdress]"
	for _, row := range []struct {
		phone, address bool
		want           [3]string // phone number, digital address, address with a number
		counts         map[string]int
	}{
		{false, true, [3]string{number, noAddress, noAddress}, map[string]int{"digitalAddresses": 3}},
		{true, false, [3]string{noNumber, address, noAddress}, map[string]int{"phoneNumbers": 1, "digitalAddresses": 1}},
		{true, true, [3]string{noNumber, noAddress, noAddress}, map[string]int{"phoneNumbers": 1, "digitalAddresses": 3}},
		{false, false, [3]string{number, address, both}, map[string]int{}},
	} {
		c := newClocked(t)
		mustImport(t, c.Store, sample(1))
		on := Wanted{Basic: map[compliance.BasicItem]bool{
			compliance.ParticipantPhoneNumber: row.phone, compliance.ParticipantDigitalAddress: row.address,
			compliance.SubjectAndBody: !row.phone && !row.address, compliance.MediaFiles: false,
		}}
		if _, err := c.SaveSettings(t.Context(), deed(), Save{BaseVersion: 1, Wanted: &on}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Anonymize(t.Context(), deed(), Everything(), []int64{1}); err != nil {
			t.Fatal(err)
		}
		look := func(when string, position int, want [3]string) {
			t.Helper()
			p := readFirst(t, c.Store).Participants[position]
			if got := [3]string{p.PhoneNumber, p.DigitalAddress, p.PhoneAddress}; got != want {
				t.Errorf("phone %v, address %v, %s: %q, want %q", row.phone, row.address, when, got, want)
			}
			flags := [3]bool{p.PhoneNumberAnonymized, p.DigitalAddressAnonymized, p.PhoneAddressAnonymized}
			if wanted := [3]bool{row.phone, row.address, row.phone || row.address}; flags != wanted {
				t.Errorf("phone %v, address %v, %s: flags %v, want %v", row.phone, row.address, when, flags, wanted)
			}
		}
		look("anonymized", 0, row.want)
		if again := mustImport(t, c.Store, sample(1)); again.Unchanged != 1 {
			t.Errorf("phone %v, address %v: the same again is %+v", row.phone, row.address, again)
		}
		changed := sample(1)
		changed.Participants[0].PhoneNumber, changed.Participants[0].PhoneAddress = number, both
		changed.Participants = append(changed.Participants, conversation.IncomingParticipant{
			Role: compliance.RoleOther, PhoneNumber: number, DigitalAddress: address, PhoneAddress: both,
		})
		mustImport(t, c.Store, changed)
		look("imported again", 0, row.want)
		look("new", 2, row.want)
		if got := anonymizeCounts(t, c.Store); !row.phone && !row.address {
			continue
		} else if diff := cmp.Diff(row.counts, got); diff != "" {
			t.Errorf("phone %v, address %v (-want +got):\n%s", row.phone, row.address, diff)
		}
	}
}

// anonymizeCounts are the counts of the one event of an anonymizing.
func anonymizeCounts(t *testing.T, s *Store) map[string]int {
	t.Helper()
	page, err := s.AuditEvents(t.Context(), AuditFilter{Activities: []audit.Activity{audit.InteractionAnonymize}}, everyRow())
	if err != nil || len(page.Rows) != 1 {
		t.Fatal(page, err)
	}
	d, counts := page.Rows[0].Details.(audit.Anonymization), map[string]int{}
	for name, count := range map[string]int{
		"phoneNumbers": d.PhoneNumbers, "digitalAddresses": d.DigitalAddresses, "subjects": d.Subjects,
		"messages": d.Messages, "metadataValues": d.MetadataValues, "mediaFiles": d.MediaFiles,
	} {
		if count > 0 {
			counts[name] = count
		}
	}
	return counts
}

// TestFiltersIgnoreCase finds letters of every alphabet in the other case, in addresses and in metadata, and
// nothing else; and numbers inside addresses in whatever script they are asked for.
func TestFiltersIgnoreCase(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	keys := storeKeys(t, s, "city")
	ids := map[string]int64{}
	add := func(name string, p conversation.Participant, value string) {
		c := newGenerator(uint64(len(ids))).conversation(nil)
		c.Metadata, c.Participants = nil, []*conversation.Participant{&p}
		if value != "" {
			c.Metadata = []*conversation.Metadatum{{KeyID: keys["city"], Value: value}}
		}
		storeConversations(t, s, []stored{c})
		ids[name] = c.ID
	}
	for _, text := range []string{"JÖRG@MÜLLER.example", "жанна@пример.испытание", "ΟΔΟΣ@example", "İpek_42",
		"Straße", "ČERNÝ 漢字",
		"ＡＤＡ", "ܐܒܓ", "Նարեկ", "jorg@muller.example", "100%_a\\b"} {
		add("address "+text, conversation.Participant{Role: compliance.RoleCustomer, DigitalAddress: text}, text)
	}
	long := fmt.Sprintf("%0150d", 7)
	add("long", conversation.Participant{Role: compliance.RoleCustomer}, "É"+long+"Ž")
	add("other long", conversation.Participant{Role: compliance.RoleCustomer}, "É"+long+"Š")
	add("number", conversation.Participant{Role: compliance.RoleCustomer, PhoneAddress: "WhatsApp:+420 777 888 101"}, "")
	add("gone", conversation.Participant{Role: compliance.RoleCustomer, PhoneAddress: "whatsapp:+420777888101",
		PhoneAddressAnonymized: true}, "")
	for _, row := range []struct {
		filter Filter
		want   []string
	}{
		{Filter{DigitalAddress: "jörg@müller"}, []string{"address JÖRG@MÜLLER.example"}},
		{Filter{DigitalAddress: "Jörg@Müller"}, []string{"address JÖRG@MÜLLER.example"}},
		{Filter{DigitalAddress: "ЖАННА@ПРИМЕР"}, []string{"address жанна@пример.испытание"}},
		{Filter{DigitalAddress: "οδος@EX"}, []string{"address ΟΔΟΣ@example"}},
		{Filter{DigitalAddress: "οδοσ"}, []string{"address ΟΔΟΣ@example"}},
		{Filter{DigitalAddress: "İPEK"}, []string{"address İpek_42"}},
		{Filter{DigitalAddress: "ipek_"}, []string{"address İpek_42"}},
		{Filter{DigitalAddress: "straße"}, []string{"address Straße"}},
		{Filter{DigitalAddress: "černý 漢"}, []string{"address ČERNÝ 漢字"}},
		{Filter{DigitalAddress: "ａｄａ"}, []string{"address ＡＤＡ"}},
		{Filter{DigitalAddress: "ՆԱՐԵԿ"}, []string{"address Նարեկ"}},
		{Filter{DigitalAddress: "%_A\\B"}, []string{"address 100%_a\\b"}},
		{Filter{DigitalAddress: "whatsAPP:"}, []string{"number"}},
		{Filter{PhoneNumber: "777888101"}, []string{"number"}},
		{Filter{PhoneNumber: "٧٧٧ ٨٨٨"}, []string{"number"}},
		{Filter{Metadata: []MetadataMatch{{"city", "jörg@müller.EXAMPLE"}}}, []string{"address JÖRG@MÜLLER.example"}},
		{Filter{Metadata: []MetadataMatch{{"city", "οδοσ@EXAMPLE"}}}, []string{"address ΟΔΟΣ@example"}},
		{Filter{Metadata: []MetadataMatch{{"city", "STRASSE"}}}, nil},
		{Filter{Metadata: []MetadataMatch{{"city", "jörg"}}}, nil},
		{Filter{Metadata: []MetadataMatch{{"city", "é" + long + "ž"}}}, []string{"long"}},
		{Filter{Metadata: []MetadataMatch{{"city", "É" + long}}}, nil},
	} {
		want := []int64{}
		for _, name := range row.want {
			want = append(want, ids[name])
		}
		got := listIDs(t, s, Everything(), row.filter, Order{})
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", row.filter, diff)
		}
	}
	if collation, err := s.CaseFolding(t.Context()); err != nil || collation == "" {
		t.Error("the server has no collation for all letters", err)
	}
}
