// Package export writes conversations as vCons: one for the API, many for the export command (design,
// section 5). What it writes is valid by the draft's schema, and an import of it gives the same
// conversations again.
package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/media/filestore"
	"qm-compliance/vcon"
)

const (
	// maxInline bounds the recordings in an answer of the API, which is in memory as a whole.
	maxInline = 24 << 20
	// page is how many conversations are read together.
	page = 50
)

// Exporter writes conversations of a database, with the recordings of a file store.
type Exporter struct {
	Store *db.Store
	Media *filestore.Files
	// Syntax is that of the vCons; the newest where it is empty.
	Syntax vcon.Syntax
}

// One writes one conversation, once the audit log has that the operation exports it. With includeMedia it holds
// the recordings that are not planned for deletion; recordings kept elsewhere are referred to. It is nil if the
// access covers no conversation with this id, and fails with INVALID if the recordings are too large to be
// included.
func (e Exporter) One(
	ctx context.Context, op audit.Operation, access db.Access, id int64, includeMedia bool,
) ([]byte, error) {
	current, err := e.Store.CurrentID(ctx, id)
	if err != nil {
		return nil, err
	}
	return e.document(ctx, op, access, current, includeMedia, maxInline)
}

// document writes one conversation, with at most so many bytes of recordings, and returns nil if the
// access covers none. It reads again if a recording is deleted between reading its row and its bytes. What it
// returns is in the audit log.
func (e Exporter) document(
	ctx context.Context, op audit.Operation, access db.Access, id int64, includeMedia bool, most int64,
) ([]byte, error) {
	for look := 1; ; look++ {
		exports, err := e.Store.ExportConversations(ctx, access, []int64{id})
		if err != nil || len(exports) == 0 {
			return nil, err
		}
		if size := sizeOf(exports[0]); includeMedia && size > most {
			return nil, tooLarge(size, most)
		}
		document, err := e.write(ctx, exports[0], includeMedia)
		if look == 1 && errors.Is(err, filestore.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("the conversation with the vCon %s: %w", exports[0][0].UUID, err)
		}
		isRedacted := exports[0][0].Anonymization != nil
		includesMedia := includeMedia && slices.ContainsFunc(recordings(exports[0]), isIncluded)
		if err := e.Store.RecordExport(ctx, op, id, includesMedia, isRedacted); err != nil {
			return nil, err
		}
		return document, nil
	}
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

func (e Exporter) write(
	ctx context.Context, sources []*conversation.Incoming, includeMedia bool,
) ([]byte, error) {
	for _, file := range recordings(sources) {
		if !includeMedia || !isIncluded(file) {
			continue
		}
		if err := e.load(ctx, file); err != nil {
			return nil, err
		}
	}
	return vcon.Write(vcon.Export{Sources: sources, Syntax: e.Syntax})
}

// load reads a recording.
func (e Exporter) load(ctx context.Context, file *conversation.IncomingMedia) error {
	object, err := e.Media.Open(ctx, file.StoreKey)
	if err != nil {
		return err
	}
	defer func() { _ = object.Close() }()
	file.Body = make([]byte, object.Size())
	_, err = io.ReadFull(object, file.Body)
	return err
}

// All writes the conversations that match a filter, the oldest first, one a line, each once the audit log has
// that the operation exports it, and calls done for each. It returns their number.
func (e Exporter) All(
	ctx context.Context, op audit.Operation, filter db.Filter, includeMedia bool, out io.Writer, done func(),
) (count int, err error) {
	order := db.Order{Field: db.OrderStartedAt}
	for window := (db.Page{First: page}); ; {
		found, err := e.Store.Conversations(ctx, db.Everything(), filter, order, window, db.Want{})
		if err != nil {
			return count, err
		}
		for _, c := range found.Rows {
			key := order.Key(c)
			window.After = &key
			written, err := e.line(ctx, op, c.ID, includeMedia, out)
			if err != nil {
				return count, err
			}
			count += written
			done()
		}
		if !found.HasNext {
			return count, nil
		}
	}
}

// line writes one conversation, or none if it has just joined another one, which has its own line.
func (e Exporter) line(
	ctx context.Context, op audit.Operation, id int64, includeMedia bool, out io.Writer,
) (written int, err error) {
	document, err := e.document(ctx, op, db.Everything(), id, includeMedia, math.MaxInt64)
	if err != nil || document == nil {
		return 0, err
	}
	_, err = out.Write(append(document, '\n'))
	return 1, err
}
