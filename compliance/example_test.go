package compliance_test

import (
	"fmt"

	"qm-compliance/compliance"
)

// What an organisation that has saved nothing yet anonymizes, and what stands there afterwards.
func ExamplePlaceholder_Over() {
	selection := compliance.Defaults()
	if selection.Basic(compliance.ParticipantPhoneNumber) {
		text, overwritten := compliance.PhoneNumberPlaceholder.Over("+420 777 123 456")
		fmt.Println(text, overwritten)
	}
	text, overwritten := compliance.PhoneNumberPlaceholder.Over("")
	fmt.Printf("%q %v\n", text, overwritten)
	// Output:
	// [anonphonenumber] true
	// "" false
}

// A call and a chat can be reviewed until the content of both is anonymized, and no protected recording is
// left.
func ExampleWhyReviewable() {
	segments := []compliance.SegmentState{{Kind: compliance.SegmentCall}, {Kind: compliance.SegmentChat}}
	done := compliance.Selection{MediaFiles: true}
	fmt.Println(compliance.WhyReviewable(segments, nil))
	fmt.Println(compliance.WhyReviewable(segments, &done))
	done = done.Union(compliance.Selection{SubjectAndBody: true})
	fmt.Println(compliance.WhyReviewable(segments, &done), compliance.Reviewable(segments, &done))
	segments[0].ProtectedFiles = 1
	fmt.Println(compliance.WhyReviewable(segments, &done), compliance.Reviewable(segments, &done))
	// Output:
	// UNTOUCHED
	// CONTENT_KEPT
	// ANONYMIZED false
	// PROTECTED_MEDIA true
}

// Saving an edit changes the switches that it names and no other; each of them is one audit event.
func ExampleChanges() {
	edit, errs := compliance.NewEdit(
		map[compliance.BasicItem]bool{compliance.MediaFiles: true, compliance.ParticipantPhoneNumber: true},
		[]compliance.KeySwitch{{Key: "crm.iban", On: true}},
		func(key string) bool { return key == "crm.iban" },
	)
	fmt.Println(errs.OrNil())
	for _, change := range compliance.Changes(compliance.Defaults(), edit.Apply(compliance.Defaults())) {
		fmt.Println(change.Item, change.Old, change.New)
	}
	// Output:
	// <nil>
	// mediaFiles false true
	// crm.iban false true
}
