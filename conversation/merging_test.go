package conversation_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// vconID is the uuid of the vCon with this number.
func vconID(number int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("00000000-0000-8000-8000-%012d", number))
}

// keyIndex knows case and customer, by which conversations are merged, and queue, by which they are not.
func keyIndex() conversation.KeyIndex {
	return conversation.KeyIndex{
		IDs:         map[string]int{"case": 1, "customer": 2, "queue": 3, "crm.iban": 4},
		Correlation: map[string]bool{"case": true, "customer": true},
	}
}

// arriving is a vCon with metadata, given as key=value.
func arriving(number int, values ...string) *conversation.Incoming {
	in := &conversation.Incoming{UUID: vconID(number), StartedAt: earlier, EndedAt: now}
	for _, text := range values {
		key, value, _ := strings.Cut(text, "=")
		in.Metadata = append(in.Metadata, conversation.IncomingMetadatum{Key: key, Value: value})
	}
	return in
}

// mergeCase is what is stored, and what comes in.
type mergeCase struct {
	incoming []*conversation.Incoming
	// stored has, by the id of a conversation, what it was anonymized with; vcons tells where vCons are
	// stored.
	stored map[int64]*compliance.Selection
	vcons  map[int]int64
	// values are the stored ones that are not anonymized, as key=value, by the id of their conversation.
	values map[int64][]string
}

// groups writes down the groups of a case: the vCons by their numbers, then the stored conversations, the one
// that stays first.
func (c mergeCase) groups() (all []string) {
	conversations := map[int64]*conversation.Conversation{}
	for id, done := range c.stored {
		conversations[id] = stored(id, done)
	}
	links := conversation.Links{Stored: map[uuid.UUID]int64{}}
	for number, id := range c.vcons {
		links.Stored[vconID(number)] = id
	}
	for id, values := range c.values {
		for _, text := range values {
			key, value, _ := strings.Cut(text, "=")
			links.Matches = append(links.Matches, conversation.Match{Key: key, Value: value, ConversationID: id})
		}
	}
	for _, group := range conversation.MergeGroups(c.incoming, conversations, links, keyIndex()) {
		var members []string
		for _, in := range group.Incoming {
			members = append(members, strings.TrimLeft(in.UUID.String()[24:], "0"))
		}
		for _, c := range group.Stored {
			members = append(members, fmt.Sprintf("#%d", c.ID))
		}
		all = append(all, strings.Join(members, " "))
	}
	return all
}

// Which conversations merge (design, section 5, "Merging").
func TestMerging(t *testing.T) {
	t.Parallel()
	keyOn := &compliance.Selection{Keys: []string{"case"}}
	amended := arriving(2)
	amended.MergedWith = []uuid.UUID{vconID(1)}
	anonymized := arriving(2, "case=1", "customer=1")
	anonymized.Anonymization = &conversation.IncomingAnonymization{At: earlier, SettingsVersion: 2, Selection: *keyOn}
	in := func(all ...*conversation.Incoming) []*conversation.Incoming { return all }
	one := map[int64]*compliance.Selection{1: nil}
	type vcons = map[int]int64
	type values = map[int64][]string
	for _, row := range []struct {
		name string
		mergeCase
		want []string
	}{
		{"nothing in common", mergeCase{incoming: in(arriving(1, "case=1"), arriving(2, "case=2"))}, []string{"1", "2"}},
		{"the same value", mergeCase{incoming: in(arriving(1, "case=1"), arriving(2, "case=1"))}, []string{"1 2"}},
		{"the same value of different keys", mergeCase{incoming: in(arriving(1, "case=1"), arriving(2, "customer=1"))},
			[]string{"1", "2"}},
		{"the same value of a key that merges nothing",
			mergeCase{incoming: in(arriving(1, "queue=1"), arriving(2, "queue=1"))},
			[]string{"1", "2"}},
		{"empty values", mergeCase{incoming: in(arriving(1, "case="), arriving(2, "case="))}, []string{"1", "2"}},
		{"what reads like a placeholder",
			mergeCase{incoming: in(arriving(1, "case=[anonymized]"), arriving(2, "case=[anonymized]"))},
			[]string{"1", "2"}},
		{"a chain over two keys",
			mergeCase{incoming: in(arriving(1, "case=1"), arriving(2, "customer=1"), arriving(3, "case=1", "customer=1"))},
			[]string{"1 2 3"}},
		{"a stored one with the value",
			mergeCase{incoming: in(arriving(1, "case=1")), stored: one, values: values{1: {"case=1"}}},
			[]string{"1 #1"}},
		{"two stored ones; the smaller id stays", mergeCase{incoming: in(arriving(1, "case=1", "customer=1")),
			stored: map[int64]*compliance.Selection{9: nil, 4: nil}, values: values{9: {"case=1"}, 4: {"customer=1"}}},
			[]string{"1 #4 #9"}},
		{"the vCon itself is stored", mergeCase{incoming: in(arriving(1)), stored: one, vcons: vcons{1: 1}},
			[]string{"1 #1"}},
		{"two vCons of a stored one",
			mergeCase{incoming: in(arriving(1), arriving(2)), stored: one, vcons: vcons{1: 1, 2: 1}},
			[]string{"1 2 #1"}},
		{"merged before the export", mergeCase{incoming: in(arriving(1), amended)}, []string{"1 2"}},
		{"merged before the export with a stored one", mergeCase{incoming: in(amended), stored: one, vcons: vcons{1: 1}},
			[]string{"2 #1"}},
		{"merged before the export with an unknown one", mergeCase{incoming: in(amended)}, []string{"2"}},
		{"a stored one that anonymized the key", mergeCase{incoming: in(arriving(1, "case=1")),
			stored: map[int64]*compliance.Selection{1: keyOn}, values: values{1: {"case=1"}}}, []string{"1"}},
		{"one of two was anonymized with the key on, and joins by the other key",
			mergeCase{incoming: in(arriving(1, "customer=1"), anonymized, arriving(3, "case=1"))}, []string{"1 2", "3"}},
		{"what was anonymized unites first, and so no longer by case",
			mergeCase{incoming: in(arriving(1, "case=1", "customer=1"), arriving(3, "case=1"), anonymized)},
			[]string{"1 2", "3"}},
	} {
		if diff := cmp.Diff(row.want, row.groups()); diff != "" {
			t.Errorf("%s:\n%s", row.name, diff)
		}
	}
}

// The order in which vCons come in decides nothing, whatever of them was anonymized.
func TestOrderOfImportDecidesNoMerge(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	for round := range 200 {
		var incoming []*conversation.Incoming
		for number := range 6 {
			in := arriving(number+1, fmt.Sprint("case=", random.IntN(4)), fmt.Sprint("customer=", random.IntN(4)))
			if selection := (compliance.Selection{Keys: []string{"case", "customer"}[random.IntN(2):][:1]}); random.IntN(
				3,
			) == 0 {
				in.Anonymization = &conversation.IncomingAnonymization{At: earlier, SettingsVersion: 2, Selection: selection}
			}
			incoming = append(incoming, in)
		}
		want := unordered(mergeCase{incoming: incoming}.groups())
		for range 5 {
			random.Shuffle(len(incoming), func(i, j int) { incoming[i], incoming[j] = incoming[j], incoming[i] })
			if diff := cmp.Diff(want, unordered(mergeCase{incoming: incoming}.groups())); diff != "" {
				t.Fatalf("seed %d, round %d:\n%s", seed, round, diff)
			}
		}
	}
}

func unordered(groups []string) map[string]bool {
	all := map[string]bool{}
	for _, group := range groups {
		members := strings.Fields(group)
		slices.Sort(members)
		all[strings.Join(members, " ")] = true
	}
	return all
}

// All of a group is anonymized in what any part of it was, under the version of the last time.
func TestWhatJoinsIsAnonymizedAlike(t *testing.T) {
	t.Parallel()
	phone, content := &compliance.Selection{ParticipantPhoneNumber: true}, &compliance.Selection{SubjectAndBody: true}
	exported := arriving(5)
	exported.Anonymization = &conversation.IncomingAnonymization{At: now, SettingsVersion: 5, Selection: *content}
	for name, row := range map[string]struct {
		stored  map[int64]*compliance.Selection
		in      *conversation.Incoming
		uneven  bool
		version int
		done    compliance.Selection
	}{
		"none was anonymized": {map[int64]*compliance.Selection{1: nil, 2: nil}, arriving(5), false, 0,
			compliance.Selection{}},
		"all alike": {map[int64]*compliance.Selection{1: phone, 2: phone}, arriving(5), false, 1,
			*phone},
		"one of two": {map[int64]*compliance.Selection{1: nil, 2: phone}, arriving(5), true, 1,
			*phone},
		"each in something else": {map[int64]*compliance.Selection{1: content, 2: phone}, arriving(5), true,
			1, phone.Union(*content)},
		"an export into what never was":     {map[int64]*compliance.Selection{1: nil}, exported, true, 5, *content},
		"an export into what was like it":   {map[int64]*compliance.Selection{1: content}, exported, false, 5, *content},
		"an export where nothing is stored": {nil, exported, false, 5, *content},
	} {
		conversations, links := map[int64]*conversation.Conversation{}, conversation.Links{Stored: map[uuid.UUID]int64{}}
		for id, done := range row.stored {
			conversations[id] = stored(id, done)
			row.in.MergedWith = append(row.in.MergedWith, vconID(int(id)))
			links.Stored[vconID(int(id))] = id
		}
		groups := conversation.MergeGroups([]*conversation.Incoming{row.in}, conversations, links, keyIndex())
		row.in.MergedWith = nil
		wanted, uneven := groups[0].Anonymizing(now)
		if uneven != row.uneven || wanted.Version != row.version || !wanted.Selection.Equal(row.done) {
			t.Errorf("%s: %v %+v", name, uneven, wanted)
		}
		base := groups[0].Base(now)
		if len(row.stored) > 0 {
			if base != conversations[slices.Min(slices.Collect(maps.Keys(row.stored)))] ||
				len(groups[0].Joining()) != len(row.stored)-1 {
				t.Errorf("%s: %d stays, %d join", name, base.ID, len(groups[0].Joining()))
			}
		} else if base.ID != 0 || !base.Done().Equal(row.done) {
			t.Errorf("%s: the new conversation is %+v", name, base)
		}
	}
}

// The last time that any part was anonymized counts, wherever it stands.
func TestLastTimeCounts(t *testing.T) {
	t.Parallel()
	for last := range 3 {
		in := arriving(1, "case=1")
		conversations := map[int64]*conversation.Conversation{1: stored(1, nil), 2: stored(2, nil)}
		for i, set := range []func(version int){
			func(version int) { conversations[1].SetDone(earlier, version, compliance.Defaults()) },
			func(version int) { conversations[2].SetDone(earlier, version, compliance.Defaults()) },
			func(version int) {
				in.Anonymization = &conversation.IncomingAnonymization{At: earlier, SettingsVersion: version,
					Selection: compliance.Defaults()}
			},
		} {
			set(i + 1)
		}
		switch last {
		case 0, 1:
			conversations[int64(last+1)].SetDone(now, last+1, compliance.Defaults())
		default:
			in.Anonymization.At = now
		}
		matches := []conversation.Match{
			{Key: "case", Value: "1", ConversationID: 1},
			{Key: "case", Value: "1", ConversationID: 2},
		}
		groups := conversation.MergeGroups(
			[]*conversation.Incoming{in}, conversations, conversation.Links{Matches: matches}, keyIndex(),
		)
		if wanted, _ := groups[0].Anonymizing(now); wanted.Version != last+1 {
			t.Errorf("version %d counts, want %d", wanted.Version, last+1)
		}
	}
}
