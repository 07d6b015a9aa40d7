package importing

import (
	"bytes"
	"context"
	"io"
	"iter"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
)

// recording is a media file of an item on its way into the file store.
type recording struct {
	item *entry
	file *conversation.IncomingMedia
	// open begins to read the bytes; describe says in a refusal where they come from.
	open     func(context.Context) (io.ReadCloser, error)
	describe string
	// fetched tells that the bytes come from outside: without them the url stays as a reference.
	fetched bool
	key     string
}

// entry is an item of a batch. Refused says why it is not taken in, notFetched which of its recordings stay
// references, and why.
type entry struct {
	Item
	refused    error
	notFetched []string
}

func (e *entry) conversations() []*conversation.Incoming {
	return append([]*conversation.Incoming{e.Conversation}, e.Conversation.Joined...)
}

// media yields the recordings, with the uuid of the vCon that each belongs to.
func (e *entry) media() iter.Seq2[uuid.UUID, *conversation.IncomingMedia] {
	return func(yield func(uuid.UUID, *conversation.IncomingMedia) bool) {
		for _, c := range e.conversations() {
			for s := range c.Segments {
				for m := range c.Segments[s].Media {
					if !yield(c.UUID, &c.Segments[s].Media[m]) {
						return
					}
				}
			}
		}
	}
}

// recordings lists those of a batch whose bytes are at hand and are not stored yet. What is known is not
// brought again, unless anew says so.
func (im *importer) recordings(ctx context.Context, batch []*entry, anew bool) ([]*recording, error) {
	var ids []uuid.UUID
	for _, e := range batch {
		for _, c := range e.conversations() {
			ids = append(ids, c.UUID)
		}
	}
	known, err := im.config.Store.KnownMedia(ctx, ids)
	if err != nil {
		return nil, err
	}
	var all []*recording
	for _, e := range batch {
		e.notFetched = nil
		for vconID, file := range e.media() {
			file.StoreKey, file.Size, file.Known = "", 0, false
			if r := im.find(e, file, known[vconID], anew); r != nil {
				all = append(all, r)
			}
		}
	}
	return all, nil
}

// find finds where the bytes of a recording are: in the vCon, beside it, or at its url where that may be
// fetched.
func (im *importer) find(e *entry, file *conversation.IncomingMedia, known db.KnownMedia, anew bool) *recording {
	if file.Status == compliance.MediaDeleted {
		return nil
	}
	if !anew && known.Has(file.Hashes) {
		file.Known = true
		return nil
	}
	r := &recording{item: e, file: file, describe: "the recording in the vCon"}
	switch beside := im.beside(e, file); {
	case file.Body != nil:
		r.open = func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file.Body)), nil }
	case beside != "":
		r.describe = "the recording beside the vCon"
		r.open = func(context.Context) (io.ReadCloser, error) { return openBeside(e.File, beside) }
	case im.config.Fetch != nil && im.config.Fetch.Allows(file.Address) && (anew || !known.From(file.URL, file.Hashes)):
		r.describe, r.fetched = "the recording at its url", true
		r.open = func(ctx context.Context) (io.ReadCloser, error) { return im.config.Fetch.Fetch(ctx, file.Address) }
	default:
		return nil
	}
	return r
}
