package export

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/media/filestore"
)

const (
	// maxHeld is how many recordings are open when conversations are written; those of one conversation may
	// be more.
	maxHeld = 64
	// firstRead is how much of a recording is read when it is opened, so that it is there.
	firstRead = 4 << 10
)

// outgoing is a conversation that is ready to leave: its recordings are open.
type outgoing struct {
	db.Outgoing
	recordings map[*conversation.IncomingMedia]*recording
}

// recording is one whose beginning was read.
type recording struct {
	*bufio.Reader
	object *filestore.Object
}

// prepare opens the recordings of a conversation, with at most so many bytes. It reads again if one is
// deleted between reading its row and its bytes, and returns nil if the access covers the conversation no
// longer.
func (e Exporter) prepare(
	ctx context.Context, access db.Access, c db.Outgoing, includeMedia bool, most int64,
) (*outgoing, error) {
	for look := 1; ; look++ {
		one := &outgoing{Outgoing: c, recordings: map[*conversation.IncomingMedia]*recording{}}
		if !includeMedia {
			return one, nil
		}
		if size := sizeOf(c.Sources); size > most {
			return nil, tooLarge(size, most)
		}
		err := e.open(ctx, one)
		if err == nil {
			return one, nil
		}
		one.close()
		if look > 1 || !errors.Is(err, filestore.ErrNotFound) {
			return nil, one.named(err)
		}
		again, err := e.Store.ExportConversations(ctx, access, []int64{c.ID})
		if err != nil || len(again) == 0 {
			return nil, err
		}
		c = again[0]
	}
}

// open opens the recordings that are included. One that is deleted from now on can still be read in a folder.
func (e Exporter) open(ctx context.Context, one *outgoing) error {
	for _, file := range recordings(one.Sources) {
		if !isIncluded(file) {
			continue
		}
		object, err := e.Media.Open(ctx, file.StoreKey)
		if err != nil {
			return err
		}
		opened := &recording{bufio.NewReaderSize(object, firstRead), object}
		one.recordings[file] = opened
		if _, err := opened.Peek(1); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}

// close ends the reading; what is closed already stays so.
func (o *outgoing) close() {
	for _, opened := range o.recordings {
		_ = opened.object.Close()
	}
}

// contents are the recordings as they are written.
func (o *outgoing) contents() map[*conversation.IncomingMedia]io.Reader {
	contents := make(map[*conversation.IncomingMedia]io.Reader, len(o.recordings))
	for file, opened := range o.recordings {
		contents[file] = opened
	}
	return contents
}

func (o *outgoing) exported() db.Exported {
	return db.Exported{ConversationID: o.ID, Export: audit.Export{
		IncludesMedia: len(o.recordings) > 0, IsRedacted: o.Sources[0].Anonymization != nil,
	}}
}

// named says of which conversation an error is, so that somebody can look after it.
func (o *outgoing) named(err error) error {
	return fmt.Errorf("the conversation with the vCon %s: %w", o.Sources[0].UUID, err)
}

func tooLarge(size, most int64) error {
	return compliance.Invalid(fmt.Sprintf("the recordings of this conversation have %d bytes; "+
		"at most %d are included here: leave them out, or use the export command", size, most), "includeMedia")
}

func sizeOf(sources []*conversation.Incoming) (size int64) {
	for _, file := range recordings(sources) {
		if isIncluded(file) {
			size += file.Size
		}
	}
	return size
}

// isIncluded reports whether a recording may be written into a vCon. One that is planned for deletion
// may not: the copy would outlive it.
func isIncluded(file *conversation.IncomingMedia) bool {
	return file.StoreKey != "" && file.Status != compliance.MediaPlanned
}

func recordings(sources []*conversation.Incoming) []*conversation.IncomingMedia {
	var all []*conversation.IncomingMedia
	for _, source := range sources {
		for s := range source.Segments {
			for m := range source.Segments[s].Media {
				all = append(all, &source.Segments[s].Media[m])
			}
		}
	}
	return all
}
