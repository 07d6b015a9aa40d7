package compliance_test

import (
	"fmt"

	"qm-compliance/compliance"
)

// A call and a chat: while the text of the chat is kept the conversation can be reviewed.
func ExampleReviewable() {
	segments := []compliance.SegmentState{{Kind: compliance.SegmentCall}, {Kind: compliance.SegmentChat}}
	media := compliance.Selection{MediaFiles: true}
	both := compliance.Selection{MediaFiles: true, SubjectAndBody: true}

	fmt.Println(compliance.Reviewable(segments, nil))
	fmt.Println(compliance.Reviewable(segments, &media), segments[0].Review(&media), segments[1].Review(&media))
	fmt.Println(compliance.Reviewable(segments, &both))
	// Output:
	// true
	// true ANONYMIZED CONTENT_KEPT
	// false
}

// An edit names the switches to be moved; the others keep their value.
func ExampleEdit_Apply() {
	known := func(key string) bool { return key == "crm.customerNumber" }
	edit, errs := compliance.NewEdit(
		map[compliance.BasicItem]bool{compliance.MediaFiles: true},
		[]compliance.KeySwitch{{Key: "crm.customerNumber", On: true}},
		known,
	)
	before := compliance.Defaults()
	after := edit.Apply(before)

	fmt.Println(len(errs), after.ParticipantPhoneNumber, after.MediaFiles, after.Keys)
	for _, change := range compliance.Changes(before, after) {
		fmt.Println(change.Item, change.Metadata, change.Old, change.New)
	}
	// Output:
	// 0 true true [crm.customerNumber]
	// mediaFiles false false true
	// crm.customerNumber true false true
}

// An empty value stays empty: a placeholder would invent data.
func ExamplePlaceholder_Over() {
	fmt.Println(compliance.PhoneNumberPlaceholder.Over("+44 7700 900111"))
	fmt.Println(compliance.PhoneNumberPlaceholder.Over(""))
	// Output:
	// [anonphonenumber] true
	//  false
}
