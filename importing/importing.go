// Package importing imports conversations (design, section 5). [Walk] reads the documents of files and
// folders, [ReadAhead] those of one stream, both ahead of who takes them, [Read] one document at a time. [Run] writes them to the database and their
// recordings to the file store, in batches, and counts what became of each document. [Handler] does the same
// for POST /import. The import command, the HTTP route and the demo share it.
package importing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/media/fetch"
	"qm-compliance/media/filestore"
	"qm-compliance/telemetry"
)

const (
	// batchSize is how many vCons share a transaction: enough to make it fast, few enough to keep it short.
	batchSize = 200
	// batchBytes bounds the vCons of a batch, which are in memory together.
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
	// Missing counts recordings that are not here: the vCon is stored without them.
	Missing int
	// TextsElsewhere counts the texts of which the vCons have no more than a url.
	TextsElsewhere int
}

// Taken is how many documents were taken in.
func (t Totals) Taken() int { return t.Added + t.Updated + t.Unchanged }

// Observer is called as an import goes on. Each member may be nil.
type Observer struct {
	// Refused is called for each document that is refused.
	Refused func(Refusal)
	// NotFetched is called for each recording that could not be fetched.
	NotFetched func(Refusal)
	// Missing is called for each recording that is not here.
	Missing func(Refusal)
	// Read is called for each document that was read, whether or not it can be taken in.
	Read func(item Item)
}

// Config says where conversations and their recordings go, and where recordings come from.
type Config struct {
	Store *db.Store
	Media *filestore.Files
	// Fetch downloads recordings that a vCon only refers to; nil keeps them as references.
	Fetch *fetch.Fetcher
	// Beside looks for recordings in the folder of the vCon's file.
	Beside bool
	// Tracer begins the spans of batches; nil begins none.
	Tracer *telemetry.Tracer
}

// importer writes conversations to a store, in the name of an actor.
type importer struct {
	config   Config
	op       audit.Operation
	observer Observer
	batch    []*entry
	bytes    int
	folders  folders

	mu     sync.Mutex // of what uploads at the same time change
	totals Totals
}

// Run takes in everything that items yields. A document that is refused leaves nothing behind, and the others
// go on; the error is about what keeps the rest from being taken in, such as a database that is gone or a
// file store that is full. Either way what the totals count is safe on disk. For the audit log all of it is one
// operation.
func Run(
	ctx context.Context, config Config, actor audit.Actor, items iter.Seq[Item], observer Observer,
) (Totals, error) {
	op := audit.Begin(actor, audit.ConversationImported)
	im := &importer{config: config, op: op, observer: observer}
	err := im.takeAll(ctx, items)
	// What changed nothing belongs to no transaction.
	rest := audit.Totals{
		audit.TotalVconsUnchanged: im.totals.Unchanged, audit.TotalDocumentsRefused: im.totals.Refused,
	}
	return im.totals, inWords(errors.Join(err, config.Store.AddTotals(context.WithoutCancel(ctx), op, rest)))
}

func (im *importer) takeAll(ctx context.Context, items iter.Seq[Item]) error {
	for item := range items {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := im.take(ctx, item); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil { // which may be why there is no more
		return err
	}
	return im.flush(ctx)
}

// brokenOff is what ended an import, where that was the database.
type brokenOff struct {
	error
	why string
}

// Error says what an operator can do about it. PostgreSQL's own words stay out, since they may repeat values.
func (b brokenOff) Error() string {
	return "the import was interrupted: " + b.why + "; everything counted is stored, and importing all of it again adds" +
		" the rest"
}

// Unwrap returns the error of the database.
func (b brokenOff) Unwrap() error { return b.error }

// inWords words an error of the database. The file store words its own.
func inWords(err error) error {
	_, ofStore := errors.AsType[*filestore.Error](err)
	if why := cmp.Or(db.Explain(err), string(db.Unavailable(err))); err != nil && why != "" && !ofStore {
		return brokenOff{err, why}
	}
	return err
}

func (im *importer) take(ctx context.Context, item Item) error {
	if im.observer.Read != nil {
		im.observer.Read(item)
	}
	if item.Err != nil {
		im.refuse(item, item.Err)
		return nil
	}
	if item.Conversation.Signature == conversation.NotVerified {
		im.totals.NotVerified++
	}
	e := &entry{Item: item}
	im.batch = append(im.batch, e)
	im.bytes += e.size()
	if len(im.batch) < batchSize && im.bytes < batchBytes {
		return nil
	}
	return im.flush(ctx)
}

// size is about how many bytes of memory an entry takes.
func (e *entry) size() (size int) {
	const part = 256 // of a part without its texts
	for _, c := range e.conversations() {
		size += part * (len(c.Participants) + len(c.Metadata))
		for _, m := range c.Metadata {
			size += len(m.Value)
		}
		for _, s := range c.Segments {
			size += part * (1 + len(s.Messages) + len(s.Media))
			for _, m := range s.Messages {
				size += len(m.Text)
			}
			for _, file := range s.Media {
				size += len(file.Body)
			}
		}
	}
	return size
}

// refusable refuses one document that the database will not have, and reports whether it was that.
func (im *importer) refusable(item Item, err error) bool {
	if user := compliance.UserErrors(err); user != nil {
		im.refuse(item, user)
		return true
	}
	if db.IsRefusal(err) {
		im.refuse(item, fmt.Errorf("it could not be stored: %s", db.Explain(err)))
		return true
	}
	return false
}

func (im *importer) refuse(item Item, err error) {
	im.totals.Refused++
	if im.observer.Refused != nil {
		im.observer.Refused(Refusal{Source: item.source(), Reason: err.Error()})
	}
}
