// Package intake takes conversations in: it brings what vcon has read to the database in batches, and keeps account of what became of
// each document (design, section 5). The import command, the HTTP route and the demo share it.
package intake

import (
	"context"
	"fmt"
	"iter"

	"qm-compliance/compliance"
	"qm-compliance/db"
	"qm-compliance/vcon"
)

// batchSize is how many conversations share a transaction: enough to make it fast, few enough to keep it short.
const batchSize = 50

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
}

// Taken is how many documents were taken in.
func (t Totals) Taken() int { return t.Added + t.Updated + t.Unchanged }

// Observer is told how an intake goes on. Each member may be nil.
type Observer struct {
	// Refused is called for each document that is refused.
	Refused func(Refusal)
	// Read is called for each document that was read, whether or not it can be taken in.
	Read func(item vcon.Item)
}

// Intake brings conversations to a store, in the name of an actor.
type Intake struct {
	store    *db.Store
	actor    db.Actor
	observer Observer
	totals   Totals
	batch    []vcon.Item
}

// Run takes in everything that items yields. A document that is refused leaves nothing behind, and the others go on; the error is about what keeps the
// rest from being taken in, such as a database that is gone. When it returns without one, what was taken in is safe on disk.
func Run(ctx context.Context, store *db.Store, actor db.Actor, items iter.Seq[vcon.Item], observer Observer) (Totals, error) {
	in := &Intake{store: store, actor: actor, observer: observer}
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
	return in.totals, store.FlushImport(ctx)
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
	if in.batch = append(in.batch, item); len(in.batch) < batchSize {
		return nil
	}
	return in.flush(ctx)
}

// flush stores the batch. What the database refuses of it is found by storing one conversation at a time.
func (in *Intake) flush(ctx context.Context) error {
	batch := in.batch
	in.batch = nil
	if len(batch) == 0 {
		return nil
	}
	err := in.storeBatch(ctx, batch...)
	if err == nil || (len(batch) == 1 && in.refusable(batch[0], err)) {
		return nil
	}
	if len(batch) == 1 || ctx.Err() != nil || !db.IsRefusal(err) {
		return err
	}
	for _, item := range batch {
		if err := in.storeBatch(ctx, item); err != nil && !in.refusable(item, err) {
			return err
		}
	}
	return nil
}

func (in *Intake) storeBatch(ctx context.Context, batch ...vcon.Item) error {
	conversations := make([]*vcon.Conversation, 0, len(batch))
	for _, item := range batch {
		conversations = append(conversations, item.Conversation)
	}
	result, err := in.store.Import(ctx, in.actor, conversations)
	if err != nil {
		return err
	}
	in.totals.Added += result.Added
	in.totals.Updated += result.Updated
	in.totals.Unchanged += result.Unchanged
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
