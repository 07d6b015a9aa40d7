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
	"encoding/json"
	"fmt"
	"iter"
	"time"

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
