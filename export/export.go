// Package export writes conversations as vCons: one for the API, many for the export command (design,
// section 5). What it writes is valid by the draft's schema, and an import of it gives the same
// conversations again.
package export

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"math"

	"qm-compliance/audit"
	"qm-compliance/db"
	"qm-compliance/media/filestore"
	"qm-compliance/pipeline"
	"qm-compliance/vcon"
)

const (
	// maxInline bounds the recordings in an answer of the API, which is in memory as a whole.
	maxInline = 24 << 20
	// page is how many conversations are read together at most, and recorded together: the log waits for the
	// disk.
	page = 500
	// maxTexts bounds the bytes of their texts. They are held twice at most: some are written, others read
	// ahead.
	maxTexts = 8 << 20
)

// Exporter writes conversations of a database, with the recordings of a file store.
type Exporter struct {
	Store *db.Store
	Media *filestore.Files
	// Syntax is that of the vCons; the newest where it is empty.
	Syntax vcon.Syntax
}

// One writes one conversation, once the audit log has that the operation exports it. With includeMedia it
// holds the recordings that are not planned for deletion; recordings kept elsewhere are referred to. It is
// nil if the access covers no conversation with this id, and fails with INVALID if the recordings are too
// large to be included.
func (e Exporter) One(
	ctx context.Context, op audit.Operation, access db.Access, id int64, includeMedia bool,
) ([]byte, error) {
	current, err := e.Store.CurrentID(ctx, id)
	if err != nil {
		return nil, err
	}
	found, err := e.Store.ExportConversations(ctx, access, []int64{current})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	one, err := e.prepare(ctx, access, found[0], includeMedia, maxInline)
	if err != nil || one == nil {
		return nil, err
	}
	defer one.close()
	var document bytes.Buffer
	encode := func(one *outgoing) error { return e.encode(&document, one) }
	if err := e.write(ctx, op, []*outgoing{one}, encode); err != nil {
		return nil, err
	}
	return document.Bytes(), nil
}

// All writes the conversations that match a filter, the oldest first, one a line, each once the audit log has
// that the operation exports it, and calls done for each. It returns their number. Some hundreds are read
// while those before are written; those that are read together are as they are at one instant.
func (e Exporter) All(
	ctx context.Context, op audit.Operation, filter db.Filter, includeMedia bool, out io.Writer, done func(),
) (count int, err error) {
	line := func(one *outgoing) error {
		if err := e.encode(out, one); err != nil {
			return err
		}
		if _, err := out.Write([]byte{'\n'}); err != nil {
			return err
		}
		count++
		done()
		return nil
	}
	produce := func(ctx context.Context) iter.Seq[batch] { return e.batches(ctx, filter) }
	for read := range pipeline.Ahead(ctx, 0, produce) {
		if read.err != nil {
			return count, read.err
		}
		before := count
		if err := e.batch(ctx, op, read.conversations, includeMedia, line); err != nil {
			return count, err
		}
		for range read.listed - (count - before) { // they have just joined another one, which has its own line
			done()
		}
	}
	return count, ctx.Err()
}

// batch is some hundred conversations, or why they could not be read. Listed counts those that were to be
// read.
type batch struct {
	conversations []db.Outgoing
	listed        int
	err           error
}

// batches reads what matches a filter.
func (e Exporter) batches(ctx context.Context, filter db.Filter) iter.Seq[batch] {
	return func(yield func(batch) bool) {
		order := db.Order{Field: db.OrderStartedAt}
		for window := (db.Page{First: page}); ; {
			found, err := e.Store.Conversations(ctx, db.Everything(), filter, order, window, db.Want{})
			if err != nil {
				yield(batch{err: err})
				return
			}
			var ids []int64
			for _, c := range found.Rows {
				ids = append(ids, c.ID)
				key := order.Key(c)
				window.After = &key
			}
			if !e.readParts(ctx, ids, yield) || !found.HasNext {
				return
			}
		}
	}
}

// readParts reads conversations as far as they may be held together, and reports whether to go on.
func (e Exporter) readParts(ctx context.Context, ids []int64, yield func(batch) bool) bool {
	parts, err := e.Store.ExportParts(ctx, ids, maxTexts)
	if err != nil {
		return yield(batch{err: err}) && false
	}
	for _, part := range parts {
		read, err := e.Store.ExportConversations(ctx, db.Everything(), part)
		if !yield(batch{read, len(part), err}) || err != nil {
			return false
		}
	}
	return true
}

// batch writes conversations by line. Where one fails, those before it are written.
func (e Exporter) batch(
	ctx context.Context, op audit.Operation, all []db.Outgoing, includeMedia bool, line func(*outgoing) error,
) error {
	var ready []*outgoing
	defer func() {
		for _, one := range ready {
			one.close()
		}
	}()
	held := 0
	for _, c := range all {
		one, err := e.prepare(ctx, db.Everything(), c, includeMedia, math.MaxInt64)
		if err != nil {
			return errors.Join(e.write(ctx, op, ready, line), err)
		}
		if one == nil {
			continue
		}
		ready, held = append(ready, one), held+len(one.recordings)
		if held < maxHeld {
			continue
		}
		if err := e.write(ctx, op, ready, line); err != nil {
			return err
		}
		ready, held = nil, 0
	}
	return e.write(ctx, op, ready, line)
}

// write writes conversations that are ready, once the audit log has them.
func (e Exporter) write(
	ctx context.Context, op audit.Operation, ready []*outgoing, write func(*outgoing) error,
) error {
	var exports []db.Exported
	for _, one := range ready {
		exports = append(exports, one.exported())
	}
	if err := e.Store.RecordExports(ctx, op, exports); err != nil {
		return err
	}
	for _, one := range ready {
		err := write(one)
		one.close()
		if _, ofStore := errors.AsType[*filestore.Error](err); ofStore {
			return one.named(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e Exporter) encode(out io.Writer, one *outgoing) error {
	return vcon.WriteTo(out, vcon.Export{Sources: one.Sources, Syntax: e.Syntax, Recordings: one.contents()})
}
