package importing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/media/fetch"
	"qm-compliance/media/filestore"
	"qm-compliance/vcon"
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
	// vcon is the vCon that has it.
	vcon uuid.UUID
	key  string
}

// entry is an item of a batch. Refused says why it is not taken in, notFetched which of its recordings stay
// references, and why; absent why recordings are not here, by their places, where that is known.
type entry struct {
	Item
	refused    error
	notFetched []string
	absent     map[string]string
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
		e.notFetched, e.absent = nil, map[string]string{}
		for vconID, file := range e.media() {
			file.StoreKey, file.Size, file.Known = "", 0, false
			if r := im.find(e, file, known[vconID], anew); r != nil {
				r.vcon = vconID
				all = append(all, r)
			}
		}
	}
	return all, nil
}

// find finds where the bytes of a recording are: in the vCon, beside it, or at its url where that may be
// fetched.
func (im *importer) find(
	e *entry, file *conversation.IncomingMedia, known conversation.KnownMedia, anew bool,
) *recording {
	if file.Status == compliance.MediaDeleted {
		return nil
	}
	if !anew && known.Has(file.Hashes) {
		file.Known = true
		return nil
	}
	r := &recording{item: e, file: file, describe: "the recording in the vCon"}
	from := im.config.Fetch
	beside, why := im.beside(e, file)
	if why != nil {
		e.absent[file.Place] = why.Error()
	}
	switch {
	case file.Body != nil:
		r.open = func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(file.Body)), nil
		}
	case beside != "":
		r.describe = "the recording beside the vCon"
		r.open = func(context.Context) (io.ReadCloser, error) { return openBeside(e.File, beside) }
	case from != nil && from.Allows(file.Address) && (anew || !known.From(file.URL, file.Hashes)):
		r.describe, r.fetched = "the recording at its url", true
		r.open = func(ctx context.Context) (io.ReadCloser, error) { return from.Fetch(ctx, file.Address) }
	default:
		return nil
	}
	return r
}

// upload brings one recording into the store. Its error says that the store, or the whole import, cannot go
// on.
func (im *importer) upload(ctx context.Context, r *recording) error {
	content, err := r.open(ctx)
	if err != nil {
		return im.missing(ctx, r, err)
	}
	defer func() { _ = content.Close() }()
	if answer, is := content.(fetch.Body); is {
		vcon.TakeMediaType(r.file, answer.MediaType)
	}
	sums := vcon.NewSums()
	size, err := im.config.Media.Put(ctx, r.key, r.file.MediaType, io.TeeReader(content, sums))
	if errors.Is(err, filestore.ErrContent) {
		return im.missing(ctx, r, err)
	}
	if err != nil {
		return err
	}
	if size == 0 {
		return im.empty(r)
	}
	if err := sums.Verify(r.file); err != nil {
		im.mu.Lock()
		defer im.mu.Unlock()
		r.item.refused = err
		return nil
	}
	r.file.StoreKey, r.file.Size = r.key, size
	return nil
}

// empty deals with a file that holds nothing: there is no recording.
func (im *importer) empty(r *recording) error {
	im.mu.Lock()
	defer im.mu.Unlock()
	if r.fetched {
		reason := r.file.Place + ": it is empty; its url is kept as a reference"
		r.item.notFetched = append(r.item.notFetched, reason)
	} else {
		r.item.absent[r.file.Place] = "the file beside the vCon is empty"
	}
	return nil
}

// missing deals with bytes that could not be had: what was to be fetched stays a reference, anything else
// refuses the vCon.
func (im *importer) missing(ctx context.Context, r *recording, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	if !r.fetched {
		r.item.refused = fmt.Errorf("%s: %s cannot be read: %w", r.file.Place, r.describe, inPlainWords(err))
		return nil
	}
	reason := r.file.Place + ": " + inPlainWords(err).Error() + "; its url is kept as a reference"
	r.item.notFetched = append(r.item.notFetched, reason)
	return nil
}

// inPlainWords leaves out a file's name and a url, which may be personal data.
func inPlainWords(err error) error {
	if failed, ok := errors.AsType[*fetch.Error](err); ok {
		return failed
	}
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}
