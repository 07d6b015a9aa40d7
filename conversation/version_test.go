package conversation_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// version is a vCon with a recording that says that it was made from others, at a time of the day.
func version(number, hour int, from ...int) *conversation.Incoming {
	in := full("a.wav")
	in.UUID = vconID(number)
	in.Participants[0].Name = fmt.Sprint("Ada ", number)
	in.Segments[0].Messages[0].Text = fmt.Sprint("words ", number)
	if len(from) > 0 {
		self := conversation.IncomingVersion{UUID: in.UUID, MadeAt: earlier.Add(time.Duration(hour) * time.Hour)}
		for _, number := range from {
			self.MadeFrom = append(self.MadeFrom, vconID(number))
		}
		in.Versions = []conversation.IncomingVersion{self}
	}
	return in
}

// memory imports as the database does, into one conversation.
type memory struct {
	base       *conversation.Conversation
	principals map[uuid.UUID][]string
}

// take imports what comes in together, and returns what came of it.
func (m *memory) take(t *testing.T, incoming ...*conversation.Incoming) conversation.Import {
	t.Helper()
	group := conversation.MergeGroup{Incoming: incoming}
	base := group.Base(now)
	if m.base != nil {
		base, group.Stored = m.base, []*conversation.Conversation{m.base}
	}
	result, err := importing().Plan(group, base, m.principals)
	if err != nil {
		t.Fatal(err)
	}
	before := base
	if !result.Changes() {
		return result
	}
	m.base = store(result)
	m.base.Participants = keepRows(before.Participants, m.base.Participants, result,
		func(p *conversation.Participant) uuid.UUID { return p.VconUUID })
	m.base.Metadata = keepRows(before.Metadata, m.base.Metadata, result,
		func(m *conversation.Metadatum) uuid.UUID { return m.VconUUID })
	m.base.Media = result.After.Media
	if m.principals == nil {
		m.principals = map[uuid.UUID][]string{}
	}
	for _, part := range result.Parts {
		m.principals[part.After.Vcon.UUID] = part.After.Principals
	}
	m.base.Versions = slices.Clone(before.Versions)
	for _, version := range result.Versions {
		m.base.Versions = slices.DeleteFunc(m.base.Versions,
			func(v *conversation.VconVersion) bool { return v.UUID == version.UUID })
		m.base.Versions = append(m.base.Versions, version)
	}
	return result
}

// keepRows are the rows of the vCons that an import leaves, and those that it writes.
func keepRows[T any](before, written []*T, one conversation.Import, vcon func(*T) uuid.UUID) []*T {
	var gone []uuid.UUID
	for _, part := range one.Parts {
		gone = append(gone, part.Retired...)
		gone = append(gone, part.After.Vcon.UUID)
	}
	kept := slices.DeleteFunc(slices.Clone(before), func(row *T) bool { return slices.Contains(gone, vcon(row)) })
	return append(kept, written...)
}

// stands says whose data is stored, and under how many uuids the vCons are known.
func (m *memory) stands() string {
	text := ""
	for _, v := range m.base.Vcons {
		text += v.UUID.String()[35:] + " "
	}
	for _, p := range m.base.Participants {
		if p.Position == 0 {
			text += p.Name + " "
		}
	}
	for _, s := range m.base.Segments {
		for _, message := range s.Messages {
			text += message.Text + " "
		}
	}
	return text + fmt.Sprint(len(m.base.Media), " files ", len(m.base.Versions), " known")
}

// Whatever the order in which versions of a vCon come in, alone or together, the newest one's data is stored,
// once (design, section 5, "Versions").
func TestVersionsInAnyOrder(t *testing.T) {
	t.Parallel()
	const tail = " written words 1 files "
	for name, row := range map[string]struct {
		versions []*conversation.Incoming
		want     string
	}{
		"amended": {[]*conversation.Incoming{version(1, 0), version(2, 1, 1)},
			"2 Ada 2 words 2" + tail + "2 known"},
		"the original lacks": {[]*conversation.Incoming{version(2, 1, 1)}, "2 Ada 2 words 2" + tail + "2 known"},
		"a chain": {[]*conversation.Incoming{version(1, 0), version(2, 1, 1), version(3, 2, 2)},
			"3 Ada 3 words 3" + tail + "3 known"},
		"a chain whose uuids and times fall": {[]*conversation.Incoming{version(3, 0), version(2, 9, 3), version(1, 5, 2)},
			"1 Ada 1 words 1" + tail + "3 known"},
		"a long chain": {[]*conversation.Incoming{version(1, 0), version(2, 1, 1), version(3, 2, 2), version(4, 3, 3)},
			"4 Ada 4 words 4" + tail + "4 known"},
		"a chain with a gap": {[]*conversation.Incoming{version(1, 0), version(3, 2, 2), version(2, 1, 1)},
			"3 Ada 3 words 3" + tail + "3 known"},
		"two of one original": {[]*conversation.Incoming{version(1, 0), version(3, 1, 1), version(2, 2, 1)},
			"2 Ada 2 words 2" + tail + "3 known"},
		"two of one original at the same time": {[]*conversation.Incoming{version(1, 0), version(2, 1, 1), version(3, 1, 1)},
			"3 Ada 3 words 3" + tail + "3 known"},
		"two of an original that lacks": {[]*conversation.Incoming{version(3, 2, 1), version(2, 1, 1)},
			"3 Ada 3 words 3" + tail + "3 known"},
		"one of two originals": {[]*conversation.Incoming{version(1, 0), version(2, 0), version(3, 1, 1, 2)},
			"3 Ada 3 words 3" + tail + "3 known"},
		"a cycle": {[]*conversation.Incoming{version(1, 2, 2), version(2, 1, 1)}, "1 Ada 1 words 1" + tail + "2 known"},
		"itself":  {[]*conversation.Incoming{version(1, 2, 1)}, "1 Ada 1 words 1" + tail + "1 known"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := rand.Uint64()
			r := rand.New(rand.NewPCG(seed, 1))
			for range 40 {
				order := r.Perm(len(row.versions))
				var inOrder []*conversation.Incoming
				for _, i := range order {
					inOrder = append(inOrder, row.versions[i])
				}
				var m memory
				for rest := inOrder; len(rest) > 0; {
					together := 1 + r.IntN(len(rest))
					m.take(t, rest[:together]...)
					rest = rest[together:]
				}
				if got := m.stands(); got != row.want {
					t.Fatalf("seed %d, order %v: %q, want %q", seed, order, got, row.want)
				}
				for _, in := range inOrder {
					if again := m.take(t, in); again.Changes() || again.Unchanged != 1 {
						t.Fatalf("seed %d, order %v: %s again changes it", seed, order, in.UUID)
					}
				}
			}
		})
	}
}

// What was anonymized in one version stays so in every other one, whichever comes in, and what became of a
// recording stays with it.
func TestVersionsBringNothingBack(t *testing.T) {
	t.Parallel()
	everything := compliance.Selection{ParticipantPhoneNumber: true, ParticipantDigitalAddress: true,
		SubjectAndBody: true, MediaFiles: true, Keys: []string{"crm.iban", "queue"}}
	for name, order := range map[string][]*conversation.Incoming{
		"the amended one after":   {version(1, 0), version(2, 1, 1)},
		"the original after":      {version(2, 1, 1), version(1, 0)},
		"another amended after":   {version(2, 1, 1), version(3, 2, 1), version(1, 0)},
		"the one between after":   {version(3, 2, 2), version(2, 1, 1), version(1, 0)},
		"one that amends a chain": {version(2, 1, 1), version(3, 2, 2), version(4, 3, 3)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var m memory
			m.take(t, order[0])
			m.base = anonymize(m.base, everything)
			m.base.Media[0].Status = compliance.MediaDeleted
			deleted := m.base.Media[0].ID
			for _, in := range order[1:] {
				m.take(t, in)
				for what, value := range values(m.base) {
					if value == "+420777123456" || value == "ada@example.com" || value == "spoken words" ||
						value == "written words" || value == "CZ65" || value == "a subject" ||
						len(value) > 5 && value[:6] == "words " {
						t.Errorf("%s is back: %s", what, value)
					}
				}
				if len(m.base.Media) != 1 || m.base.Media[0].ID != deleted ||
					m.base.Media[0].Status != compliance.MediaDeleted {
					t.Errorf("files: %+v", m.base.Media)
				}
			}
		})
	}
}

// What two versions were before the one that ties them came in: a file that was protected or planned stays,
// with the version that stays.
func TestVersionsThatAreTiedLater(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]*conversation.Incoming{
		"by the newest": version(3, 3, 1, 2), "by one between": version(4, 2, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := version(1, 0), version(2, 9, 4)
			first.Segments[0].Media[0] = recording("first.wav")
			var m memory
			m.take(t, first, second)
			if len(m.base.Vcons) != 2 || len(m.base.Media) != 2 {
				t.Fatal(m.stands())
			}
			for _, file := range m.base.Media {
				if file.ContentHash == "sha512-first.wav" {
					file.Protected, file.ProtectionReason = true, compliance.ReasonMiFID
				}
			}
			m.take(t, last)
			if len(m.base.Vcons) != 1 || len(m.base.Media) != 2 {
				t.Fatal(m.stands())
			}
			for _, s := range m.base.Segments {
				if s.VconUUID != m.base.Vcons[0].UUID {
					t.Errorf("a segment is of %s", s.VconUUID)
				}
			}
			for _, file := range m.base.Media {
				if file.Protected != (file.ContentHash == "sha512-first.wav") {
					t.Error(cmp.Diff(nil, file))
				}
			}
		})
	}
}

// Versions are one conversation, whether or not the one that they name is known.
func TestVersionsMerge(t *testing.T) {
	t.Parallel()
	c := mergeCase{
		incoming: []*conversation.Incoming{version(1, 0), version(2, 1, 1), version(3, 1, 9), version(4, 1, 9),
			version(5, 0)},
		stored: map[int64]*compliance.Selection{7: nil, 8: nil},
		vcons:  map[int]int64{1: 7, 9: 8},
	}
	if diff := cmp.Diff([]string{"1 2 #7", "3 4 #8", "5"}, c.groups()); diff != "" {
		t.Error(diff)
	}
}
