// Package intake takes conversations in: it brings what vcon has read to the database and its recordings to the file store, in batches, and keeps account of
// what became of each document (design, section 5). The import command, the HTTP route and the demo share it.
package intake

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/db"
	"qm-compliance/media/fetch"
	"qm-compliance/media/store"
	"qm-compliance/vcon"

	"golang.org/x/sync/errgroup"
)

const (
	// batchSize is how many vCons share a transaction: enough to make it fast, few enough to keep it short.
	batchSize = 50
	// batchBytes bounds the inline recordings of a batch, which are in memory together.
	batchBytes = 32 << 20
	// uploads is how many recordings are brought into the file store at once.
	uploads = 4
)

// Refusal is a document that was not taken in.
type Refusal struct {
	// Source is the file, with the line where it holds several documents.
	Source string
	// Reason says what is wrong, with the place in the document; it holds nothing personal.
	Reason string
}

// Totals count what became of the documents.
type Totals struct {
	Added, Updated, Unchanged, Refused int
	// NotVerified counts signed vCons whose signature was not verified, because no key was given.
	NotVerified int
	// NotFetched counts recordings that could not be fetched, and stay a reference.
	NotFetched int
}

// Taken is how many documents were taken in.
func (t Totals) Taken() int { return t.Added + t.Updated + t.Unchanged }

// Observer is told how an intake goes on. Each member may be nil.
type Observer struct {
	// Refused is called for each document that is refused.
	Refused func(Refusal)
	// NotFetched is called for each recording that could not be fetched.
	NotFetched func(Refusal)
	// Read is called for each document that was read, whether or not it can be taken in.
	Read func(item vcon.Item)
}

// Config says where conversations and their recordings go, and where recordings come from.
type Config struct {
	Store *db.Store
	Media *store.Store
	// Fetch downloads recordings that a vCon only refers to; nil keeps them as references.
	Fetch *fetch.Fetcher
	// Beside looks for recordings in the folder of the vCon's file.
	Beside bool
}

// Intake brings conversations to a store, in the name of an actor.
type Intake struct {
	config   Config
	actor    db.Actor
	observer Observer
	batch    []*entry
	bytes    int

	mu     sync.Mutex // of what uploads at the same time change
	totals Totals
}

// Run takes in everything that items yields. A document that is refused leaves nothing behind, and the others go on; the error is about what keeps the
// rest from being taken in, such as a database that is gone or a file store that is full. When it returns without one, what was taken in is safe on disk.
func Run(ctx context.Context, config Config, actor db.Actor, items iter.Seq[vcon.Item], observer Observer) (Totals, error) {
	in := &Intake{config: config, actor: actor, observer: observer}
	for item := range items {
		if err := ctx.Err(); err != nil {
			return in.totals, err
		}
		if err := in.take(ctx, item); err != nil {
			return in.totals, err
		}
	}
	if err := in.flush(ctx); err != nil {
		return in.totals, err
	}
	return in.totals, config.Store.FlushImport(ctx)
}

func (in *Intake) take(ctx context.Context, item vcon.Item) error {
	if in.observer.Read != nil {
		in.observer.Read(item)
	}
	if item.Err != nil {
		in.refuse(item, item.Err)
		return nil
	}
	if item.Conversation.Signature == vcon.NotVerified {
		in.totals.NotVerified++
	}
	e := &entry{Item: item}
	in.batch = append(in.batch, e)
	in.bytes += e.inline()
	if len(in.batch) < batchSize && in.bytes < batchBytes {
		return nil
	}
	return in.flush(ctx)
}

// inline is how many bytes of recordings a vCon holds.
func (e *entry) inline() (size int) {
	for _, c := range e.conversations() {
		for _, segment := range c.Segments {
			for _, file := range segment.Media {
				size += len(file.Body)
			}
		}
	}
	return size
}

// flush stores the batch. What the database refuses of it is found by storing one document at a time.
func (in *Intake) flush(ctx context.Context) error {
	batch := in.batch
	in.batch, in.bytes = nil, 0
	if len(batch) == 0 {
		return nil
	}
	err := in.storeBatch(ctx, batch, false)
	if err == nil || ctx.Err() != nil || !in.isolates(err) {
		return err
	}
	for _, e := range batch {
		if e.refused != nil {
			continue
		}
		err := in.storeBatch(ctx, []*entry{e}, false)
		if errors.Is(err, db.ErrMediaMoved) {
			err = in.storeBatch(ctx, []*entry{e}, true)
		}
		if err != nil && !in.refusable(e.Item, err) {
			return err
		}
	}
	return nil
}

// isolates reports whether an error may be about single documents of a batch.
func (in *Intake) isolates(err error) bool {
	return db.IsRefusal(err) || compliance.UserErrors(err) != nil || errors.Is(err, db.ErrMediaMoved)
}

// storeBatch brings the recordings of a batch into the file store and then its conversations into the database. Recordings that no conversation uses in the end are
// removed again; what a process that is killed leaves, the Delete tool removes.
func (in *Intake) storeBatch(ctx context.Context, batch []*entry, anew bool) error {
	recordings, err := in.recordings(ctx, batch, anew)
	if err != nil {
		return err
	}
	var keys []string
	for _, r := range recordings {
		r.key = store.NewKey(time.Now())
		keys = append(keys, r.key)
	}
	if err := in.config.Store.TrackUploads(ctx, keys); err != nil {
		return err
	}
	err = in.uploadAll(ctx, recordings)
	if err == nil {
		err = in.importBatch(ctx, batch)
	}
	return errors.Join(err, in.discardUnused(context.WithoutCancel(ctx), keys))
}

func (in *Intake) uploadAll(ctx context.Context, recordings []*recording) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(uploads)
	for _, r := range recordings {
		group.Go(func() error { return in.upload(ctx, r) })
	}
	return group.Wait()
}

func (in *Intake) importBatch(ctx context.Context, batch []*entry) error {
	var conversations []*vcon.Conversation
	for _, e := range batch {
		if e.refused != nil {
			in.refuse(e.Item, e.refused)
			continue
		}
		conversations = append(conversations, e.conversations()...)
	}
	result, err := in.config.Store.Import(ctx, in.actor, conversations)
	if err != nil {
		return err
	}
	in.totals.Added += result.Added
	in.totals.Updated += result.Updated
	in.totals.Unchanged += result.Unchanged
	for _, e := range batch {
		in.tellNotFetched(e)
	}
	return nil
}

// tellNotFetched waits until the vCon is stored: before that it may be tried again, or refused.
func (in *Intake) tellNotFetched(e *entry) {
	if e.refused != nil {
		return
	}
	in.totals.NotFetched += len(e.notFetched)
	for _, reason := range e.notFetched {
		if in.observer.NotFetched != nil {
			in.observer.NotFetched(Refusal{Source: source(e.Item), Reason: reason})
		}
	}
}

// discardUnused removes uploads that no conversation uses. What cannot be removed now stays known, and the Delete tool removes it.
func (in *Intake) discardUnused(ctx context.Context, keys []string) error {
	unused, err := in.config.Store.UnusedUploads(ctx, keys)
	if err != nil {
		return err
	}
	for _, key := range unused {
		if _, err := in.config.Store.RemoveLoose(ctx, key, in.config.Media.Delete); err != nil && db.RefusalCode(err) != "" {
			return err
		}
	}
	return nil
}

// refusable refuses one document that the database will not have, and reports whether it was that.
func (in *Intake) refusable(item vcon.Item, err error) bool {
	if user := compliance.UserErrors(err); user != nil {
		in.refuse(item, user)
		return true
	}
	if db.IsRefusal(err) {
		in.refuse(item, fmt.Errorf("the database refuses it (%s)", db.RefusalCode(err)))
		return true
	}
	return false
}

func (in *Intake) refuse(item vcon.Item, err error) {
	in.totals.Refused++
	if in.observer.Refused != nil {
		in.observer.Refused(Refusal{Source: source(item), Reason: err.Error()})
	}
}

func source(item vcon.Item) string {
	if item.Line > 0 {
		return fmt.Sprintf("%s:%d", item.File, item.Line)
	}
	return item.File
}
