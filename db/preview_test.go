package db

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// The preview never disagrees with what is then done: for every combination of the switches, over
// conversations with every past, what really changed is counted row by row and compared.
func TestThePreviewSaysWhatAnonymizingDoes(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	correlate(t, c.Store, "case", "customer")
	if err := c.KnowKeys(t.Context(), []string{"crm.iban", "routing.queue"}); err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	for on := range switches(allOn + 1) {
		ids := c.storeMix(t, 100*int(on)+1)
		c.save(t, on)
		preview, err := c.Preview(t.Context(), Everything(), ids, Relations{}, true)
		if err != nil {
			t.Fatal(err)
		}
		c.at = c.at.Add(time.Second)
		before := c.read(t, ids)
		done, err := c.Anonymize(t.Context(), deed(), Everything(), ids)
		if on == 0 {
			holdRefused(t, preview, err)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if preview.Settings.Version != done.SettingsVersion || !slices.Equal(preview.Missing, done.Missing) ||
			len(done.Missing) != 1 {
			t.Errorf("%06b: %+v, anonymized %+v", on, preview, done)
		}
		holdOutcomes(t, on, preview.Conversations, before, c.read(t, ids))
		meet(met, preview.Conversations)
		if t.Failed() {
			return
		}
	}
	for _, must := range cases() {
		if !met[must] {
			t.Errorf("the fixture does not meet %q, so the agreement says nothing about it", must)
		}
	}
}

func holdRefused(t *testing.T, preview Preview, err error) {
	t.Helper()
	if preview.Refused == nil || preview.Refused.Code != compliance.CodeOf(err) || preview.Conversations != nil ||
		preview.Settings == nil {
		t.Errorf("nothing is switched on: %+v, anonymized %v", preview, err)
	}
}

// read reads the conversations that ids lead to, each once, with everything.
func (c *clocked) read(t *testing.T, ids []int64) []*conversation.Conversation {
	t.Helper()
	found, err := c.ConversationsByID(t.Context(), Everything(), ids, Want{Columns: AllColumns})
	if err != nil {
		t.Fatal(err)
	}
	var once []*conversation.Conversation
	for _, row := range found.Rows {
		if !slices.ContainsFunc(once, func(other *conversation.Conversation) bool { return other.ID == row.ID }) {
			once = append(once, row)
		}
	}
	if err := loadRelations(t.Context(), c.db, once, everyRelation(), nil); err != nil {
		t.Fatal(err)
	}
	return once
}

func holdOutcomes(t *testing.T, on switches, preview []Previewed, before, after []*conversation.Conversation) {
	t.Helper()
	if len(preview) != len(before) || len(preview) != len(after) {
		t.Fatalf("%06b: %d conversations in the preview, %d were there, %d are", on, len(preview), len(before), len(after))
	}
	for i, said := range preview {
		if said.Conversation.ID != after[i].ID {
			t.Fatalf("%06b: number %d is %d, not %d", on, i, said.Conversation.ID, after[i].ID)
		}
		done := compliance.Outcome{
			Unchanged: cmp.Equal(before[i], after[i]), Effect: changes(t, before[i], after[i]),
			Before: reasonOf(t, before[i]), After: reasonOf(t, after[i]),
		}
		if diff := cmp.Diff(done, said.Outcome, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%06b, conversation %d (-what was done +what the preview said):\n%s", on, i, diff)
		}
	}
}

// changes counts what became of every row of a conversation.
func changes(t *testing.T, before, after *conversation.Conversation) compliance.Effect {
	t.Helper()
	effect := compliance.NewEffect()
	value := func(kind compliance.ValueKind, detail, old, text string, was, is bool) {
		switch overwritten := is && !was; {
		case overwritten:
			effect.Values[compliance.Value{Kind: kind, Detail: detail}]++
		case old != text || was != is:
			t.Errorf("%s: %q became %q, and is not marked", kind, old, text)
		}
	}
	for i, p := range before.Participants {
		q := after.Participants[i]
		value(compliance.PhoneNumbers, "", p.PhoneNumber, q.PhoneNumber, p.PhoneNumberAnonymized, q.PhoneNumberAnonymized)
		value(compliance.DigitalAddresses, "", p.DigitalAddress, q.DigitalAddress, p.DigitalAddressAnonymized,
			q.DigitalAddressAnonymized)
		value(compliance.DigitalAddresses, "", p.PhoneAddress, q.PhoneAddress, p.PhoneAddressAnonymized,
			q.PhoneAddressAnonymized)
	}
	for i, s := range before.Segments {
		r := after.Segments[i]
		value(compliance.Subjects, "", s.Title, r.Title, s.TitleAnonymized, r.TitleAnonymized)
		for j, m := range s.Messages {
			value(compliance.Messages, string(m.Kind), m.Text, r.Messages[j].Text, m.TextAnonymized,
				r.Messages[j].TextAnonymized)
		}
	}
	for i, m := range before.Metadata {
		value(compliance.MetadataValues, m.Key, m.Value, after.Metadata[i].Value, m.ValueAnonymized,
			after.Metadata[i].ValueAnonymized)
	}
	for i, f := range before.Media {
		effect.Files[compliance.File{Kind: f.Kind, Disposition: fateOf(f, after.Media[i])}]++
	}
	return effect
}

// fateOf tells from what a file was and what it is what became of it.
func fateOf(before, after *conversation.MediaFile) compliance.MediaDisposition {
	switch {
	case after.Status == compliance.MediaDeleted:
		return compliance.DispositionDeleted
	case after.Status == compliance.MediaPlanned && before.Status == compliance.MediaPlanned:
		return compliance.DispositionAlreadyPlanned
	case after.Status == compliance.MediaPlanned:
		return compliance.DispositionPlanned
	case after.Status == compliance.MediaMissing:
		return compliance.DispositionMissing
	case after.Protected:
		return compliance.DispositionProtected
	}
	return compliance.DispositionKept
}

// reasonOf sums up what the segments say, and holds it against what is stored.
func reasonOf(t *testing.T, c *conversation.Conversation) compliance.Reason {
	t.Helper()
	why := compliance.ReasonAnonymized
	for _, reason := range []compliance.Reason{compliance.ReasonProtectedMedia, compliance.ReasonContentKept,
		compliance.ReasonUntouched} {
		if slices.Contains(c.Review(), reason) {
			why = reason
		}
	}
	if (why != compliance.ReasonAnonymized) != c.Reviewable {
		t.Errorf("conversation %d is stored as reviewable = %v, and says %s", c.ID, c.Reviewable, why)
	}
	return why
}

// cases are what the fixture must meet.
func cases() []string {
	return []string{
		"phoneNumbers ", "digitalAddresses ", "subjects ", "messages CHAT_MESSAGE", "messages EMAIL_BODY",
		"messages SUMMARY", "messages TRANSCRIPT",
		"metadataValues crm.iban", "metadataValues routing.queue", "unchanged",
		"CALL PLANNED", "CALL PROTECTED", "CALL KEPT", "CALL ALREADY_PLANNED", "SCREEN PLANNED", "SCREEN PROTECTED",
		"SCREEN KEPT", "SCREEN ALREADY_PLANNED", "SCREEN DELETED",
		"UNTOUCHED to CONTENT_KEPT", "UNTOUCHED to PROTECTED_MEDIA", "UNTOUCHED to ANONYMIZED",
		"CONTENT_KEPT to CONTENT_KEPT", "CONTENT_KEPT to PROTECTED_MEDIA",
		"CONTENT_KEPT to ANONYMIZED", "PROTECTED_MEDIA to PROTECTED_MEDIA", "ANONYMIZED to ANONYMIZED",
	}
}

// meet notes which cases came up.
func meet(met map[string]bool, preview []Previewed) {
	for _, said := range preview {
		for value := range said.Effect.Values {
			met[string(value.Kind)+" "+value.Detail] = true
		}
		for file := range said.Effect.Files {
			met[string(file.Kind)+" "+string(file.Disposition)] = true
		}
		met[string(said.Before)+" to "+string(said.After)] = true
		if said.Unchanged {
			met["unchanged"] = true
		}
	}
}

// It changes and records nothing, waits for nobody, and takes as many statements for many conversations as for one.
func TestThePreviewLeavesEverythingAlone(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	correlate(t, c.Store, "case", "customer")
	ids := c.storeMix(t, 1)
	c.save(t, allOn)
	before := contents(t, c.Store)
	conn, err := c.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	holder, err := conn.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Rollback() }()
	if _, err := findConversations(t.Context(), transaction{holder, conn, nil}, Everything(), ids, forUpdate, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s, asked := counting(c.Store)
	var took []int64
	want := everyRelation()
	want.Versions = false // an import and an export alone ask for them
	for _, some := range [][]int64{{ids[0], 1_000_000}, ids} {
		asked.count.Store(0)
		if _, err := s.Preview(ctx, Everything(), some, want, true); err != nil {
			t.Fatal(err)
		}
		took = append(took, asked.count.Load())
	}
	if after := contents(t, c.Store); after != before {
		t.Errorf("it changed something:\n%s", cmp.Diff(before, after))
	}
	if took[0] != took[1] || took[0] > 20 { // up to eight of them count values, a table each, in one round trip
		t.Errorf("it takes %d statements for one conversation, and %d for %d", took[0], took[1], len(ids))
	}
}

// The preview keeps to what somebody sees, and shows the conversations as they are.
func TestThePreviewKeepsToTheScope(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	mustImport(t, c.Store, sample(1), keyed(2))
	preview, err := c.Preview(t.Context(), Access{Principals: []string{"user:tlind"}}, []int64{2, 1},
		Relations{Participants: true, Media: true}, true)
	if err != nil || !slices.Equal(preview.Missing, []int64{2}) || len(preview.Conversations) != 1 {
		t.Fatal(preview, err)
	}
	shown := preview.Conversations[0].Conversation
	if shown.AnonymizedAt != nil || shown.Participants[0].PhoneNumber != "+420777123456" ||
		shown.Media[0].Status != compliance.MediaAvailable || shown.Segments != nil {
		t.Errorf("%+v", shown)
	}
	// A conversation that joined another one out of sight is as invisible as that one.
	correlate(t, c.Store, "case", "customer")
	mustImport(t, c.Store, keyed(3, "case=1"), keyed(4, "customer=1"))
	mustImport(t, c.Store, keyed(5, "case=1", "customer=1"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if preview, err := c.Preview(ctx, Access{Principals: []string{"user:tlind"}}, []int64{3, 4},
		Relations{}, true); err != nil || len(preview.Missing) != 2 {
		t.Errorf("%+v, %v", preview, err)
	}
	for _, nobody := range []Access{{}, {Principals: []string{"user:nobody"}}} {
		if preview, err := c.Preview(t.Context(), nobody, []int64{1, 2}, Relations{}, true); err != nil ||
			len(preview.Missing) != 2 || preview.Conversations != nil {
			t.Errorf("%+v, %v", preview, err)
		}
	}
}
