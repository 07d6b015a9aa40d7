package conversation_test

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// A plan says what anonymizing makes of conversations. It can be counted for a preview and carried out by
// whoever stores them; it changes nothing by itself.
func ExampleAnonymizing_Plan() {
	call := &conversation.Conversation{
		ID:       7,
		Segments: []*conversation.Segment{{ID: 1, Kind: compliance.SegmentCall}},
		Media: []*conversation.MediaFile{
			{ID: 10, SegmentID: 1, Kind: compliance.MediaCall, Status: compliance.MediaAvailable},
			{ID: 11, SegmentID: 1, Kind: compliance.MediaScreen, Status: compliance.MediaDeleted},
		},
	}
	wanted := conversation.Anonymizing{
		Selection: compliance.Selection{ParticipantPhoneNumber: true, MediaFiles: true},
		Version:   2, At: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
	}
	overwritten := conversation.Overwritten{}
	overwritten.Add(call.ID, compliance.Value{Kind: compliance.PhoneNumbers}, 2)

	plan := wanted.Plan([]*conversation.Conversation{call}, overwritten)
	for _, c := range plan.Conversations {
		fmt.Println(c.Effect.Of(compliance.PhoneNumbers), "phone numbers,", len(c.Media), "files")
		fmt.Println(c.Outcome.Before, "becomes", c.Outcome.After, "with media", c.After.MediaStatus)
	}
	for _, change := range plan.Media() {
		fmt.Println("file", change.After.ID, change.Before.Status, "becomes", change.After.Status)
	}
	fmt.Println("the conversation itself is", call.WhyReviewable())
	// Output:
	// 2 phone numbers, 1 files
	// UNTOUCHED becomes ANONYMIZED with media PLANNED_FOR_DELETION
	// file 10 AVAILABLE becomes PLANNED_FOR_DELETION
	// the conversation itself is UNTOUCHED
}

// A protected file is left out of anonymization and owed: its deletion is planned when the protection ends.
func ExampleMediaFile_Release() {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	done := &compliance.Selection{MediaFiles: true}
	file := &conversation.MediaFile{Status: compliance.MediaAvailable}

	protected := file.Protect(conversation.Protection{Reason: compliance.ReasonMiFID}).After
	fmt.Println(protected.State(done, now), protected.Disposition(*done))
	released := protected.Release(done, now)
	fmt.Println(released.After.State(done, now), released.Planned())
	fmt.Println(released.After.Delete().After.Protect(conversation.Protection{Reason: compliance.ReasonMiFID}).Refused)
	// Output:
	// protected PROTECTED
	// planned true
	// this file has been deleted and can no longer be protected
}

// Conversations with the same value of a correlation key become one. What was anonymized matches nothing.
func ExampleMergeGroups() {
	keys := conversation.KeyIndex{IDs: map[string]int{"case": 1}, Correlation: map[string]bool{"case": true}}
	incoming := []*conversation.Incoming{}
	for _, value := range []string{"4711", "[anonymized]", "4711", "[anonymized]"} {
		incoming = append(incoming, &conversation.Incoming{
			UUID: uuid.New(), Metadata: []conversation.IncomingMetadatum{{Key: "case", Value: value}},
		})
	}
	for _, group := range conversation.MergeGroups(incoming, nil, conversation.Links{}, keys) {
		fmt.Println(len(group.Incoming), group.Incoming[0].Metadata[0].Value)
	}
	// Output:
	// 2 4711
	// 1 [anonymized]
	// 1 [anonymized]
}

// A vCon that comes in again brings no value back whose kind was anonymized.
func ExampleImporting_Plan() {
	importing := conversation.Importing{Now: time.Now(), Hash: func(value string) string { return "hash of " + value }}
	in := &conversation.Incoming{
		UUID:         uuid.New(),
		Participants: []conversation.IncomingParticipant{{Name: "Ada", PhoneNumber: "+420 777 123 456"}},
		Segments:     []conversation.IncomingSegment{{Kind: compliance.SegmentEmail, Subject: "about my bill"}},
	}
	stored := &conversation.Conversation{ID: 1, Vcons: []*conversation.Vcon{{UUID: in.UUID, ConversationID: 1}}}
	stored.SetDone(time.Now(), 2, compliance.Selection{ParticipantPhoneNumber: true})

	group := conversation.MergeGroup{
		Incoming: []*conversation.Incoming{in},
		Stored:   []*conversation.Conversation{stored},
	}
	result, err := importing.Plan(group, stored, nil)
	fmt.Println(result.Updated, err)
	part := result.Parts[0].After
	fmt.Println(part.Participants[0].Name, part.Participants[0].PhoneNumber, part.Segments[0].Title)
	// Output:
	// 1 <nil>
	// Ada [anonphonenumber] about my bill
}
