// Package demo holds the project's own demo conversations: those of the customer service of Halden
// Energy, a company that does not exist. They are generated as vCon documents, so that loading them goes
// the way that every other import goes (design, section 5).
//
// Nothing in them is real. Telephone numbers come from the ranges that are set aside for fiction, hosts
// and e-mail addresses from the reserved example domains, and bank account numbers have check digits
// that no bank can issue. The phrases lie in phrases/, as text files that can be edited without knowing
// the code: a line of a section is one way to say something, <this|that> is a choice, {phone} a fact of
// the conversation, and "question => answer" a pair.
package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/google/uuid"

	"qm-compliance/demo/recording"
)

// Count is the number of demo vCons. Eight of them have the same customer as another one, so that they
// become 300 conversations.
const Count = 308

// VCons yields Count vCon documents in today's syntax, the oldest conversation first. The last one lies
// shortly before base (any zone; fractions of a second are cut off), the first less than thirty days
// before it.
//
// The same base gives the same bytes. The uuids, the people and what they talk about depend on no
// clock, so that a second load with a later base finds every conversation again (design, section 5,
// "Reimport"); times move along, and so do dates and greetings in the texts. A second load that is to
// change nothing needs the base of the first.
func VCons(base time.Time) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		w := newWorld(mustLoadPhrases(phraseFiles), mustLoadClips(), base)
		for index, slot := range plan() {
			if !yield(encode(w.conversation(index, slot))) {
				return
			}
		}
	}
}

// FilterKeys returns the metadata keys that are to be configured as filters (design, section 2, "filter
// key").
func FilterKeys() []string {
	return []string{"routing.queue", "routing.language", "case.category", "crm.segment"}
}

// CorrelationKeys returns the metadata keys that are to be configured as correlation keys before
// loading, since conversations are merged as they come in (design, section 5).
func CorrelationKeys() []string {
	return []string{"crm.customerNumber"}
}

// mustLoadClips reads clips that are part of the program; that they can be read is tested.
func mustLoadClips() *recording.Clips {
	clips, err := recording.NewClips()
	if err != nil {
		panic(fmt.Sprintf("demo: %v", err))
	}
	return clips
}

// encode writes text as it is: a demo document is there to be read, and < or & need no escape outside HTML.
func encode(d *document) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d); err != nil {
		panic(fmt.Sprintf("demo: a document holds a value that is no JSON: %T", err))
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}

// world is what all conversations have in common.
type world struct {
	lib       library
	words     words
	topics    []topic
	customers []customer
	clips     *recording.Clips
	base      time.Time
}

func newWorld(lib library, clips *recording.Clips, base time.Time) world {
	words := lib.words()
	return world{lib, words, lib.topics(), customers(words), clips, base.UTC().Truncate(time.Second)}
}

// conversation writes conversation index, of the kind that the slot says.
func (w world) conversation(index int, s slot) *document {
	rng := rand.New(rand.NewPCG(seed, uint64(index)+1))
	b := &builder{lib: w.lib, clips: w.clips, index: index, slot: s, customer: w.customers[customerOf(index)]}
	b.topic, b.scenario = w.matter(rng, b)
	b.agent = w.agent(rng, index, b.topic)
	b.now = w.start(rng, index, s.kind)
	b.speaker = speaker{rng, newFacts(rng, w.words, b.customer, b.agent, b.now)}
	b.facts["topic"] = b.topic.category
	b.doc = document{VCon: "0.4.0", UUID: identity(index).String(), Extensions: []string{"CC"},
		Analysis: []analysis{}, Attachments: []attachment{}}
	b.build()
	return &b.doc
}

// matter returns what the conversation is about: one of the topics, of those that Tomas Lind's group
// takes where it is his, and which of the problems.
func (w world) matter(rng *rand.Rand, b *builder) (topic, int) {
	category, scenario, fixed := b.fixedMatter()
	var suitable []topic
	for _, t := range w.topics {
		if t.category == category || !fixed && (!isTomas(b.index) || t.group == agents()[0].group) {
			suitable = append(suitable, t)
		}
	}
	t := suitable[rng.IntN(len(suitable))]
	if !fixed {
		scenario = rng.IntN(len(t.sections["problem"]))
	}
	return t, scenario
}

// agent returns Tomas Lind for every tenth conversation, and else one of the group that the topic belongs to.
func (w world) agent(rng *rand.Rand, index int, t topic) agent {
	if isTomas(index) {
		return agents()[0]
	}
	group := colleagues(t.group)
	return group[rng.IntN(len(group))]
}

// start returns the beginning of a conversation: the conversations end, in the order of their indexes,
// within 28 days before the base time, and none begins before its predecessor's time by more than the
// longest thread takes.
func (w world) start(rng *rand.Rand, index int, k kind) time.Time {
	const step = 28 * 24 * time.Hour / Count
	age := time.Duration(Count-1-index) * step
	if index < Count-1 {
		age += time.Duration(rng.Int64N(int64(step)))
	}
	return w.base.Add(-age - longest(k)).Truncate(time.Second)
}

// longest is an upper bound of the time from the first to the last word of a conversation.
func longest(k kind) time.Duration {
	switch k {
	case emailThread, callThenEmail:
		return 30 * time.Hour
	case chatThenCall:
		return 2 * time.Hour
	default:
		return 40 * time.Minute
	}
}

// identity returns the uuid of conversation index: version 8, as the draft recommends, of nothing but
// the index.
func identity(index int) uuid.UUID {
	return uuid.NewHash(sha256.New(), uuid.NameSpaceURL,
		[]byte("https://halden.example/demo/"+strconv.Itoa(index)), 8)
}

// seed makes the demo data what they are; another one would make others.
const seed = 0x48414c44454e

// kind is the make-up of a conversation.
type kind int

// The kinds of demo conversations.
const (
	callRecorded kind = iota
	callScreen
	callUnrecorded
	emailThread
	chat
	callThenEmail
	chatThenCall
)

// slot is the place of one conversation in the demo: its kind, and the how manieth of that kind it is,
// from zero.
type slot struct {
	kind kind
	nth  int
}

// mix says how many conversations there are of each kind; the sum is Count.
func mix() []int {
	return []int{callRecorded: 98, callScreen: 30, callUnrecorded: 30, emailThread: 60, chat: 60,
		callThenEmail: 15, chatThenCall: 15}
}

// plan returns the slots of all conversations, mixed. The last one, which is the newest, is a recorded
// call: other kinds may begin a day before they end, and the newest is to begin shortly before the base
// time.
func plan() []slot {
	var slots []slot
	for k, n := range mix() {
		for nth := range n {
			slots = append(slots, slot{kind(k), nth})
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	rest := slots[1:]
	rng.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	return append(rest, slots[0])
}
