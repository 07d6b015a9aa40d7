// Package intake takes conversations in: it brings what vcon has read to the database and its recordings to the file store, in batches, and keeps account of
// what became of each document (design, section 5). The import command, the HTTP route and the demo share it.
package intake

import (
	"context"
	"iter"
	"sync"

	"qm-compliance/db"
	"qm-compliance/media/fetch"
	"qm-compliance/media/filestore"
	"qm-compliance/vcon"
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
	Media *filestore.Files
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
	for _, file := range e.media() {
		size += len(file.Body)
	}
	return size
}
