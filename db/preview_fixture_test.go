package db

import (
	"fmt"
	"testing"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// switches is a combination of switches, one a bit: the items of Basic Data, then the keys of sample.
type switches int

const (
	phoneOn switches = 1 << iota
	addressOn
	contentOn
	mediaOn
	ibanOn
	queueOn
	allOn = 1<<iota - 1
)

func (on switches) wanted() *Wanted {
	wanted := &Wanted{Basic: map[compliance.BasicItem]bool{}}
	for i, item := range compliance.BasicItems() {
		wanted.Basic[item] = on&(1<<i) != 0
	}
	wanted.Keys = []compliance.KeySwitch{{Key: "crm.iban", On: on&ibanOn != 0},
		{Key: "routing.queue", On: on&queueOn != 0}}
	return wanted
}

// save puts the settings in force.
func (c *clocked) save(t testing.TB, on switches) {
	t.Helper()
	settings, err := c.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.SaveSettings(t.Context(), deed(),
		Save{BaseVersion: settings.Version, Wanted: on.wanted()}); err != nil {
		t.Fatal(err)
	}
}

// mixed is a conversation with the segments of sample that are named: 0 the call, 1 the e-mail, 2 the chat. A
// call has so many recordings, the second of a screen, and a summary beside its transcript.
func mixed(number, recordings int, segments ...int) *conversation.Incoming {
	c, all := sample(number), sample(number).Segments
	c.Segments = nil
	for _, segment := range segments {
		c.Segments = append(c.Segments, all[segment])
	}
	if call := &c.Segments[0]; call.Kind == compliance.SegmentCall {
		call.Media = nil
		call.Messages = append(call.Messages,
			conversation.IncomingMessage{Kind: compliance.Summary, Author: conversation.NoAuthor,
				Text: "[anonconversationcontent]"})
		for n := range recordings {
			kind := []compliance.MediaKind{compliance.MediaCall, compliance.MediaScreen, compliance.MediaCall}[n]
			call.Media = append(call.Media,
				conversation.IncomingMedia{Kind: kind, URL: fmt.Sprintf("https://media.contact.example/%d-%d", number, n),
					ContentHash: fmt.Sprintf("sha512-%d-%d", number, n)})
		}
	}
	return c
}

// blank has nothing to overwrite but its place.
func blank(number int) *conversation.Incoming {
	c := mixed(number, 0, 2)
	c.Segments[0].RoomName, c.Segments[0].Messages, c.Metadata = "", nil,
		[]conversation.IncomingMetadatum{{Key: "crm.iban"}}
	for i := range c.Participants {
		c.Participants[i].PhoneNumber, c.Participants[i].DigitalAddress, c.Participants[i].PhoneAddress = "", "", ""
	}
	return c
}

// storeMix stores one conversation for each thing that can have happened to one before, and returns the ids
// to ask for: of merged ones all that they had, and one of nothing at all. The settings are left as they
// happen to be.
func (c *clocked) storeMix(t testing.TB, first int) (ids []int64) {
	t.Helper()
	at := func(n int) int { return first + n }
	mix := []*conversation.Incoming{
		// never touched
		mixed(at(0), 2, 0), mixed(at(1), 2, 0, 2), mixed(at(2), 0, 1), mixed(at(3), 3, 0, 1, 2), mixed(at(4), 0, 0),
		blank(at(5)),
		mixed(at(6), 2, 0), mixed(at(7), 2, 0, 2), mixed(at(8), 2, 0), mixed(at(9), 2, 0, 1), // protected
		// anonymized
		mixed(at(10), 2, 0), mixed(at(11), 1, 0, 1), mixed(at(12), 2, 0, 1, 2), mixed(at(13), 3, 0), mixed(at(14), 2, 0),
		blank(at(15)),
		keyed(at(16), fmt.Sprint("case=", first)), keyed(at(17), fmt.Sprint("customer=", first)), // merged
	}
	mustImport(t, c.Store, mix...)
	files := map[int][]int64{}
	for n := range mix {
		id, media := c.stored(t, mix[n])
		ids, files[n] = append(ids, id), media
	}
	c.happen(t, ids, files)
	link := keyed(at(18), fmt.Sprint("case=", first), fmt.Sprint("customer=", first))
	link.Segments = append(link.Segments, mixed(at(18), 2, 0).Segments...)
	mustImport(t, c.Store, link)
	return append(ids, 1_000_000)
}

// happen makes the past of the mix: protections that hold, that are over, or that came after planning; and
// anonymization under other settings.
func (c *clocked) happen(t testing.TB, ids []int64, files map[int][]int64) {
	t.Helper()
	soon := c.at.Add(time.Hour)
	c.hold(t, nil, files[6][0], files[7][0], files[7][1], files[9][1], files[11][0])
	c.hold(t, &soon, files[8]...)
	c.hold(t, &soon, files[9][0], files[14][0])
	c.run(t, phoneOn|mediaOn, ids[10], ids[13], ids[14], ids[17])
	c.hold(t, nil, files[10][0])
	if _, err := c.DeleteMedia(t.Context(), deed(), files[13][1], nothingToRemove); err != nil {
		t.Fatal(err)
	}
	c.run(t, contentOn|ibanOn, ids[11])
	c.run(t, allOn, ids[12], ids[15])
	c.putBack(t, ids[12])
	c.at = c.at.Add(2 * time.Hour)
}

// putBack stores a value in a conversation that says of itself that such values are anonymized, as a repair
// by hand might.
func (c *clocked) putBack(t testing.TB, id int64) {
	t.Helper()
	const update = "UPDATE participants SET phone_number = '+420777123456', phone_number_anonymized = false WHERE" +
		" conversation_id = ? AND phone_number <> ''"
	if _, err := c.db.NewRaw(update, id).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	settleAll(t, c.Store)
}

func (c *clocked) hold(t testing.TB, until *time.Time, files ...int64) {
	t.Helper()
	changed, err := c.ProtectMedia(t.Context(), deed(), Everything(), files,
		conversation.Protection{Reason: compliance.ReasonLegalClaim, Note: "order of a court", Until: until})
	if err != nil || len(changed.Refused) > 0 {
		t.Fatal(changed, err)
	}
}

func (c *clocked) run(t testing.TB, on switches, ids ...int64) {
	t.Helper()
	c.save(t, on)
	if _, err := c.Anonymize(t.Context(), deed(), Everything(), ids); err != nil {
		t.Fatal(err)
	}
}

// stored finds a conversation and its files.
func (c *clocked) stored(t testing.TB, from *conversation.Incoming) (id int64, files []int64) {
	t.Helper()
	if err := c.db.NewRaw("SELECT conversation_id FROM vcons WHERE uuid = ?", from.UUID).Scan(t.Context(),
		&id); err != nil {
		t.Fatal(err)
	}
	if err := c.db.NewRaw("SELECT id FROM media_files WHERE conversation_id = ? ORDER BY position",
		id).Scan(t.Context(), &files); err != nil {
		t.Fatal(err)
	}
	return id, files
}
